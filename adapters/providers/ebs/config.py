"""A merchant's account at a noebs, the open-source gateway to Sudan's switch (EBS)."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials

HOSTED: Final = "https://beta.soluspay.net/api/v1"


class EbsConfig(Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """`base_url` is where the routes of the noebs begin. `date_format` is how EBS is told a time:
    the documentation says YYMMDDHHmmss, noebs's own code writes DDMMYYHHmmss. `to_card` is the
    card that receives; without it, the user's main one. `authorization` is how a session's token
    is sent: as it is, or after "Bearer"."""

    mobile: str  # of the noebs user who receives
    password: str
    tenant_id: str = ""
    application_id: str = ""  # EBS's name of the application; noebs puts in its own
    to_card: str = ""
    date_format: Literal["YYMMDD", "DDMMYY"] = "YYMMDD"
    authorization: Literal["plain", "bearer"] = "plain"
    base_url: str = HOSTED

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        for name, value in (("mobile", self.mobile), ("password", self.password)):
            if not value or not value.isprintable() or value != value.strip():
                raise ValueError(f"must be as the user signs in with: field `{name}`")
        if not self.tenant_id.isascii() or not self.tenant_id.isprintable():
            raise ValueError("must be the name of a tenant of the noebs: field `tenantId`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

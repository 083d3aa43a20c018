"""A merchant's account at Zamtel: who calls, with which password, for which shortcode."""

from typing import Final

from adapters.provider_kit.http import Credentials

PRODUCTION: Final = "https://apps.zamtel.co.zm/ZampayRestProd"


class ZamtelConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """As in the merchant's integration pack. All three go into each request's query, so the
    address of a request is as secret as they are. `base_url` is what stands before /Req."""

    third_party_id: str
    password: str
    shortcode: str
    base_url: str = PRODUCTION

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        names = ("thirdPartyId", "password", "shortcode")
        for name, value in zip(
            names, (self.third_party_id, self.password, self.shortcode), strict=True
        ):
            if not value or not value.isprintable() or value != value.strip():
                raise ValueError(f"must be as in the integration pack: field `{name}`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

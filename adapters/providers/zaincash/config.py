"""A merchant's account at ZainCash's Payment Gateway v2: two secrets, for two directions."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials

UAT: Final = "https://pg-api-uat.zaincash.iq"
PRODUCTION: Final = "https://pg-api.zaincash.iq"
SCOPE: Final = "payment:read payment:write reverse:write"


class ZainCashConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`api_key` is not the client secret: it signs what ZainCash tells us, and without it no
    callback is believed. The address of callbacks is entered by ZainCash's business team, for
    production only. `send_phone`: the guide advises against telling the customer's number unless
    it is that of the wallet; the payer types it. `return_url`: for payments without their own."""

    client_id: str
    client_secret: str
    api_key: str = ""
    scope: str = SCOPE
    service_type: str = "Online purchase"
    language: Literal["En", "Ar", "Ku"] = "En"
    send_phone: bool = False
    return_url: str = ""
    base_url: str = UAT

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        for name, key in (("clientId", self.client_id), ("clientSecret", self.client_secret)):
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ValueError(f"must be as ZainCash gave it: field `{name}`")
        if self.api_key and self.api_key == self.client_secret:
            raise ValueError("is another secret than clientSecret: field `apiKey`")
        if not self.service_type:
            raise ValueError("must say what is sold: field `serviceType`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

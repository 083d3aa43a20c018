"""A merchant's integration at Paynow: its number, its key, and the one currency it is paid in."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials
from adapters.providers.paynow_zw.addresses import GUID

PRODUCTION: Final = "https://www.paynow.co.zw"
CURRENCIES: Final = ("USD", "ZWG")


class PaynowConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """No message of Paynow's names a currency: `currency` must be the one of this integration.

    `ecocash`, `onemoney`: the integration has that method, so payers with such a number are asked
    on their phone; all others get the page. A prompt needs an e-mail address. `auth_email` is told
    instead of the payer's: in test mode it must be the merchant's own login. `return_url` is for
    payments without their own.
    """

    integration_id: str
    integration_key: str
    currency: Literal["USD", "ZWG"]
    ecocash: bool = False
    onemoney: bool = False
    auth_email: str = ""
    return_url: str = ""
    callback_url: str = ""  # ours
    base_url: str = PRODUCTION

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        if not (self.integration_id.isascii() and self.integration_id.isdigit()):
            raise ValueError("must be the number that Paynow shows: field `integrationId`")
        if GUID.fullmatch(self.integration_key) is None:
            raise ValueError("must be the GUID that Paynow mailed: field `integrationKey`")
        if self.auth_email and "@" not in self.auth_email:
            raise ValueError("must be an e-mail address: field `authEmail`")
        if self.return_url and not self.return_url.startswith(("https://", "http://")):
            raise ValueError("must be a web address: field `returnUrl`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

"""A merchant's account at CashiPay: its API key, and what a request needs that a payer may lack."""

from typing import Final

from adapters.provider_kit.http import Credentials

STAGING: Final = "https://stg-cashi-services.alsoug.com/cashipay"
PRODUCTION: Final = "https://cashi-services.alsoug.com/cashipay"


class CashiPayConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """Each request needs an e-mail and an address to return to: `customer_email` and `return_url`
    stand in where a payment has none. `webhook_secret` is for accounts whose callbacks are signed
    (`notices`); without it they are taken as the unsigned hints that most clients know."""

    api_key: str
    webhook_secret: str = ""
    customer_email: str = ""
    return_url: str = ""
    callback_url: str = ""  # ours
    base_url: str = PRODUCTION

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        if not self.api_key or not self.api_key.isascii() or not self.api_key.isprintable():
            raise ValueError("must be a key as CashiPay gave it: field `apiKey`")
        if " " in self.api_key:
            raise ValueError("must be a key, without a word before it: field `apiKey`")
        if self.customer_email and "@" not in self.customer_email:
            raise ValueError("must be an e-mail address: field `customerEmail`")
        if self.return_url and not self.return_url.startswith(("https://", "http://")):
            raise ValueError("must be a web address: field `returnUrl`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

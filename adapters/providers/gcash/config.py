"""A merchant's account at PayMongo: one key, which also chooses the environment."""

from typing import Final

from adapters.provider_kit.http import Credentials

PAYMONGO: Final = "https://api.paymongo.com/v1"  # of both environments
FRONT_PAGE: Final = "https://www.paymongo.com/"
TEST, LIVE = "sk_test_", "sk_live_"


class GcashConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`webhook_secret` is empty until the callbacks are registered, and then nothing that calls
    itself PayMongo is believed. `return_url` is where a payer goes whose payment named no page,
    because PayMongo opens no wallet without one: by default PayMongo's own front page, which says
    nothing wrong about the payment. Empty: such payments are not taken."""

    secret_key: str  # sk_test_… or sk_live_…
    base_url: str = PAYMONGO
    webhook_secret: str = ""  # whsk_…
    return_url: str = FRONT_PAGE

    def __post_init__(self) -> None:
        """Raises ValueError for a key of another class and a page that is none."""
        key = self.secret_key
        if not key.startswith((TEST, LIVE)) or not key.isascii() or set(key) & set(" :\t\r\n"):
            raise ValueError("secretKey must be a secret key of PayMongo: sk_test_… or sk_live_…")
        if self.return_url and not self.return_url.startswith(("https://", "http://")):
            raise ValueError("returnUrl must begin with https://")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

    @property
    def live(self) -> bool:
        """Whether money is real. Everything of the other environment is foreign to this account."""
        return self.secret_key.startswith(LIVE)

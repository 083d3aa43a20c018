"""A merchant's account at Stripe: one key, which also chooses the environment."""

from typing import Final

from adapters.provider_kit.http import Credentials

STRIPE: Final = "https://api.stripe.com"  # of both environments
FRONT_PAGE: Final = "https://stripe.com/"
TEST: Final = ("sk_test_", "rk_test_")
LIVE: Final = ("sk_live_", "rk_live_")


class StripeConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`webhook_secret` is empty until the callbacks are registered; while a secret is being rolled
    in Stripe's dashboard, `previous_webhook_secret` is believed too. `return_url` is where a payer
    goes whose payment named no page, because Stripe's page needs one: by default Stripe's own front
    page, which says nothing wrong about the payment."""

    secret_key: str  # sk_test_…, sk_live_…, or a restricted rk_…
    base_url: str = STRIPE
    webhook_secret: str = ""  # whsec_…
    previous_webhook_secret: str = ""
    return_url: str = FRONT_PAGE

    def __post_init__(self) -> None:
        """Raises ValueError for a key of another class, and a page that is none."""
        key = self.secret_key
        if not key.startswith(TEST + LIVE) or not key.isascii() or set(key) & set(" :\t\r\n"):
            raise ValueError("secretKey must be a secret key of Stripe: sk_… or rk_…")
        if not self.return_url.startswith(("https://", "http://")):
            raise ValueError("returnUrl must begin with https://")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

    @property
    def live(self) -> bool:
        """Whether money is real. Everything of the other environment is foreign to this account."""
        return self.secret_key.startswith(LIVE)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.webhook_secret, self.previous_webhook_secret)))

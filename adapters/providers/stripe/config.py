"""A merchant's account at Stripe: one key, which also chooses the environment."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials

STRIPE: Final = "https://api.stripe.com"  # of both environments
FRONT_PAGE: Final = "https://stripe.com/"
TEST: Final = ("sk_test_", "rk_test_")
LIVE: Final = ("sk_live_", "rk_live_")
CardForm = Literal["checkout_page", "own_page"]


class StripeConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`webhook_secret` is empty until the callbacks are registered; while a secret is being rolled
    in Stripe's dashboard, `previous_webhook_secret` is believed too. `return_url` is where a payer
    goes whose payment named no page, because Stripe's page needs one: by default Stripe's own front
    page, which says nothing wrong about the payment. `card_form` is where the payer's card is asked
    for: on Stripe's page, or in a form of Stripe's that the merchant's own page shows, which
    `publishable_key` opens. It may change at any time: what is under way stays what it is."""

    secret_key: str  # sk_test_…, sk_live_…, or a restricted rk_…
    base_url: str = STRIPE
    webhook_secret: str = ""  # whsec_…
    previous_webhook_secret: str = ""
    return_url: str = FRONT_PAGE
    card_form: CardForm = "checkout_page"
    publishable_key: str = ""  # pk_…, which every payer's browser may see

    def __post_init__(self) -> None:
        """Raises ValueError for a key of another class or environment, and a page that is none."""
        key = self.secret_key
        if not key.startswith(TEST + LIVE) or not _is_plain(key):
            raise ValueError("secretKey must be a secret key of Stripe: sk_… or rk_…")
        shown, begins = self.publishable_key, "pk_live_" if self.live else "pk_test_"
        if self.card_form == "own_page" and not shown:
            raise ValueError(f"publishableKey must be given for a form in your page: {begins}…")
        if shown and not (shown.startswith(begins) and _is_plain(shown)):
            raise ValueError(f"publishableKey must be of the secretKey's environment: {begins}…")
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


def _is_plain(key: str) -> bool:
    return key.isascii() and not set(key) & set(" :\t\r\n")

"""A store at PayNow.gg: one key, one store, one currency."""

import re
from typing import Final

from adapters.provider_kit.http import Credentials

PAYNOW: Final = "https://api.paynow.gg/v1"  # of test stores too: no other host is documented
CODES: Final = ("AUD", "CAD", "EUR", "GBP", "USD")  # of stores; all have cents
FLAKE: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
MOST_SECRETS: Final = 32  # one for each event, and as many that were replaced


class PayNowGgConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`currency` is the store's own: a checkout names none. `webhook_secrets`: each event has its
    own, and a replaced one may stay. `tax_on_top`: the store's prices are without tax, which PayNow
    adds and keeps; then what is due is compared with the total less the tax.

    A checkout sells a product made for it (`inline_product`), which PayNow must have permitted;
    else `product_id` is sold as often as the amount needs, at `product_price` in minor units."""

    api_key: str
    store_id: str
    base_url: str = PAYNOW
    currency: str = "USD"
    webhook_secrets: tuple[str, ...] = ()
    tax_on_top: bool = False
    product_id: str = ""
    product_price: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError, which begins with the field."""
        key = self.api_key
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("apiKey must be a key as PayNow's dashboard shows it")
        if FLAKE.fullmatch(self.store_id) is None:
            raise ValueError("storeId must be the store's id: digits only")
        if self.currency not in CODES:
            raise ValueError(f"currency must be one of {', '.join(CODES)}")
        if len(self.webhook_secrets) > MOST_SECRETS:
            raise ValueError(f"webhookSecrets must be {MOST_SECRETS} at most")
        if self.product_id and FLAKE.fullmatch(self.product_id) is None:
            raise ValueError("productId must be a product's id: digits only")
        if bool(self.product_id) != (self.product_price > 0):
            raise ValueError("productPrice must be above zero with a productId, and absent without")

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/stores/{self.store_id}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What callbacks may be signed with."""
        return tuple(filter(None, self.webhook_secrets))

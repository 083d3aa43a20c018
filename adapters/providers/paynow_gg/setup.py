"""Connecting a store: is the key right, and where do its events go."""

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.paynow_gg.config import MOST_SECRETS, PayNowGgConfig
from adapters.providers.paynow_gg.errors import problem
from adapters.providers.paynow_gg.resources import Flake, Hook
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

T = TypeVar("T")

EVENTS: Final = ("OnOrderCompleted", "OnRefund", "OnChargeback", "OnChargebackClosed")


class Settings(msgspec.Struct, frozen=True):
    store_tax_inclusive_pricing: bool


class Product(msgspec.Struct, frozen=True):
    id: Flake
    price: int


class Call(Protocol):
    """One exchange with the store's key, below the store."""

    async def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Response | NotSent | Unknown: ...


async def probe(call: Call, config: PayNowGgConfig) -> None:
    """What this key must be able to read, and whether amounts will mean what they should. Raises
    Invalid naming the field."""
    settings = _read(await call("GET", "/payment-settings"), Settings)
    if settings.store_tax_inclusive_pricing and config.tax_on_top:
        raise Invalid("must be false: the store's prices have the tax in them", "taxOnTop")
    if not settings.store_tax_inclusive_pricing and not config.tax_on_top:
        raise Invalid("must be true: PayNow adds tax to this store's prices", "taxOnTop")
    if config.product_id:
        product = _read(await call("GET", f"/products/{config.product_id}"), Product, "productId")
        if product.price != config.product_price:
            raise Invalid(f"must be the product's price, {product.price}", "productPrice")


async def register(call: Call, url: str, config: PayNowGgConfig) -> Mapping[str, Any]:
    """One subscription for each event, and the secrets of all that have this address, also of those
    that somebody made by hand. A secret that was replaced there is believed beside the new one.
    Raises Invalid."""
    listed = _read(await call("GET", "/webhooks"), list[Hook])
    known = {one.subscribed_to: one.secret for one in listed if one.url == url}
    for event in EVENTS:
        if event not in known:
            wanted = {"url": url, "subscribed_to": event, "type": "json_v1"}
            known[event] = _read(await call("POST", "/webhooks", wanted), Hook).secret
    secrets = dict.fromkeys((*known.values(), *config.secrets))  # the newest first, each once
    return {"webhookSecrets": list(secrets)[:MOST_SECRETS]}


def _read(answer: Response | NotSent | Unknown, type_: type[T], absent: str = "storeId") -> T:
    """Raises Invalid; `absent` is the field that names what is not there."""
    try:
        return decode(_taken(answer, absent).body, type_)
    except Undecodable:
        raise Invalid("PayNow's answer can't be understood; is baseUrl right?", "baseUrl") from None


def _taken(answer: Response | NotSent | Unknown, absent: str) -> Response:
    """The answer when PayNow took the call. Raises Invalid in words that hold no key."""
    if not isinstance(answer, Response):
        raise Invalid(f"PayNow could not be reached: {answer.reason}", "baseUrl")
    if answer.status in (200, 201):
        return answer
    found = problem(answer)
    if answer.status >= 500 or found is None:
        raise Invalid(f"PayNow is not available (HTTP {answer.status})", "baseUrl")
    if answer.status in (401, 403):
        raise Invalid(f"PayNow does not accept this key ({found.word})", "apiKey")
    if answer.status == 404:
        raise Invalid(f"PayNow does not know it ({found.word})", absent)
    raise Invalid(f"PayNow refuses it ({found.word})", "apiKey")

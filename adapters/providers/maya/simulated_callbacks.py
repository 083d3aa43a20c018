"""The simulated Maya's callbacks: one address per event name, a flattened body that is signed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Outgoing
from adapters.providers.maya.simulated_books import stamp
from adapters.providers.maya.simulated_key import sign

PAYMENT_EVENTS: Final = (
    "PAYMENT_SUCCESS",
    "PAYMENT_FAILED",
    "PAYMENT_EXPIRED",
    "PAYMENT_CANCELLED",
    "AUTH_FAILED",
)
CHECKOUT_EVENTS: Final = {
    "PAYMENT_SUCCESS": "CHECKOUT_SUCCESS",
    "PAYMENT_FAILED": "CHECKOUT_FAILURE",
    "PAYMENT_EXPIRED": "CHECKOUT_DROPOUT",
    "PAYMENT_CANCELLED": "CHECKOUT_CANCELLED",
}  # the older names get the checkout instead of the payment
NAMES: Final = frozenset((*PAYMENT_EVENTS, *CHECKOUT_EVENTS.values(), "AUTHORIZED"))


class Registry:
    """A merchant's addresses by event name."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}

    def of(self, merchant: str) -> dict[str, dict[str, Any]]:
        return self._rows.setdefault(merchant, {})

    def add(self, merchant: str, name: str, url: str, id_: str, now: datetime) -> dict[str, Any]:
        times = {"createdAt": stamp(now), "updatedAt": stamp(now)}
        row = {"id": id_, "name": name, "callbackUrl": url, **times}
        self.of(merchant)[name] = row
        return row

    def with_id(self, merchant: str, id_: str) -> dict[str, Any] | None:
        return next((row for row in self.of(merchant).values() if row["id"] == id_), None)

    def url(self, merchant: str, name: str) -> str | None:
        row = self.of(merchant).get(name)
        return None if row is None else str(row["callbackUrl"])


def signed(
    url: str, body: Mapping[str, Any], about: str, now: datetime, random: Random
) -> Outgoing:
    """A callback that leaves now."""
    nonce = f"{random.getrandbits(128):032x}"
    signature = sign(flat(body, nonce))
    headers = {
        "content-type": "application/json",
        "x-maya-webhook-timestamp": str(int(now.timestamp() * 1000)),
        "x-maya-webhook-signature": f"nonce={nonce},v1={signature}",
    }
    return Outgoing(
        url=url, headers=headers, body=msgspec.json.encode(body), due_at=now, about=about
    )


def another_amount(outgoing: Outgoing, random: Random) -> Outgoing:
    """One peso more, and a signature that fits."""
    body = msgspec.json.decode(outgoing.body)
    if "amount" in body:
        body["amount"] = _more(body["amount"])
    else:
        total = body["totalAmount"]
        body["totalAmount"] = {**total, "amount": _more(total["amount"])}
    again = signed(outgoing.url, body, outgoing.about, outgoing.due_at, random)
    return replace(again, tries=outgoing.tries)


def _more(amount: str) -> str:
    whole, point, cents = amount.partition(".")
    return f"{int(whole) + 1}{point}{cents}"


def flat(body: Mapping[str, Any], nonce: str) -> str:
    """The string that is signed."""
    lines = sorted(f"{key}={value}" for key, value in _leaves("", body))
    return "&".join(lines) + f"&nonce={nonce}"


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(f"{prefix}.{index}", inner)
    elif isinstance(value, bool):
        yield prefix, "true" if value else "false"
    elif value is not None and value != "":
        yield prefix, str(value)

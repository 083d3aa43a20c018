"""The simulated PayNow's webhooks: a subscription for each event, each with a secret of its own."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Outgoing
from adapters.providers.paynow_gg.simulated_books import Refusal

MOST_HOOKS: Final = 64
NAMES: Final = {  # as they are subscribed to, and as they are told
    "OnOrderCompleted": "ON_ORDER_COMPLETED",
    "OnRefund": "ON_REFUND",
    "OnChargeback": "ON_CHARGEBACK",
    "OnChargebackClosed": "ON_CHARGEBACK_CLOSED",
    "OnDeliveryItemAdded": "ON_DELIVERY_ITEM_ADDED",
}
AMOUNTS: Final = {"ON_ORDER_COMPLETED": "total_amount", "ON_REFUND": "amount"}


@dataclass(slots=True, kw_only=True)
class Hook:
    id: str
    url: str
    event: str
    secrets: tuple[str, ...]  # the newest first; two while it is being replaced

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": self.url,
            "secret": self.secrets[0],
            "subscribed_to": self.event,
            "type": "json_v1",
            "discord_title": None,
        }


class Hooks:
    """`new_id` and `new_secret` make them; `send` takes what is due."""

    def __init__(
        self,
        new_id: Callable[[], str],
        new_secret: Callable[[], str],
        send: Callable[[Outgoing], None],
    ) -> None:
        self._new_id, self._new_secret, self._send = new_id, new_secret, send
        self._hooks: dict[str, Hook] = {}

    def all(self) -> list[Hook]:
        return list(self._hooks.values())

    def add(self, said: Mapping[str, Any]) -> Hook:
        """Raises Refusal."""
        url, event = said.get("url"), said.get("subscribed_to")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise Refusal(400, "url must be an address")
        if event not in NAMES or said.get("type") != "json_v1" or len(self._hooks) >= MOST_HOOKS:
            raise Refusal(400, "no such event or type, or too many subscriptions")
        hook = Hook(id=self._new_id(), url=url, event=event, secrets=(self._new_secret(),))
        self._hooks[hook.id] = hook
        return hook

    def drop(self, id_: str) -> None:
        if self._hooks.pop(id_, None) is None:
            raise Refusal(404, "no such webhook")

    def rotate(self, event: str) -> None:
        """Somebody resets a secret in the dashboard: for a while both sign."""
        for hook in self.all():
            if hook.event == event:
                hook.secrets = (self._new_secret(), hook.secrets[0])

    def tell(self, event: Mapping[str, Any], about: str, now: datetime) -> None:
        """To every address that has subscribed to it. `event_id` is the event's, so each has the
        same; signature and time are of the sending."""
        body = msgspec.json.encode(event)
        for hook in self.all():
            if NAMES[hook.event] == event["event_type"]:
                headers = _headers(hook, now, body)
                self._send(
                    Outgoing(url=hook.url, headers=headers, body=body, due_at=now, about=about)
                )

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """A hundred cents more, signed again with the same secrets. What names no amount stays."""
        event = msgspec.json.decode(outgoing.body)
        field = AMOUNTS.get(event["event_type"])
        if field is None:
            return outgoing
        event["body"][field] += 100
        raw = msgspec.json.encode(event)
        for hook in self.all():
            if _headers(hook, outgoing.due_at, outgoing.body) == outgoing.headers:
                return replace(outgoing, body=raw, headers=_headers(hook, outgoing.due_at, raw))
        raise LookupError(outgoing.url)


def _headers(hook: Hook, now: datetime, body: bytes) -> dict[str, str]:
    stamp = str(int(now.timestamp() * 1000))
    signed = stamp.encode() + b"." + body
    proofs = [hmac.new(one.encode(), signed, hashlib.sha256).digest() for one in hook.secrets]
    return {
        "Content-Type": "application/json",
        "PayNow-Signature": ",".join(base64.b64encode(one).decode() for one in proofs),
        "PayNow-Timestamp": stamp,
    }

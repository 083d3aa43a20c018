"""The simulated Stripe's callbacks: who wants which events, and how they are signed."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Outgoing
from adapters.providers.stripe.simulated_books import Who, invalid, missing, unix
from adapters.providers.stripe.simulated_forms import many

MOST_HOOKS: Final = 16
KNOWN: Final = """
    * checkout.session.completed checkout.session.expired checkout.session.async_payment_succeeded
    checkout.session.async_payment_failed payment_intent.created payment_intent.requires_action
    payment_intent.succeeded payment_intent.payment_failed payment_intent.canceled
    charge.refunded refund.created refund.updated refund.failed
"""


@dataclass(slots=True, kw_only=True)
class Hook:
    id: str
    who: Who
    url: str
    events: tuple[str, ...]
    secrets: tuple[str, ...]  # the newest first; two while it is being rolled
    version: str | None
    at: datetime
    disabled: bool = False

    def shown(self, *, secret: bool = False) -> dict[str, Any]:
        """`secret`: once, when it is made."""
        return {
            "id": self.id,
            "object": "webhook_endpoint",
            "api_version": self.version,
            "created": unix(self.at),
            "enabled_events": list(self.events),
            "livemode": self.who[1],
            "status": "disabled" if self.disabled else "enabled",
            "url": self.url,
            **({"secret": self.secrets[0]} if secret else {}),
        }


class Hooks:
    """`new_id` makes ids; `send` takes what is due."""

    def __init__(self, new_id: Callable[[str], str], send: Callable[[Outgoing], None]) -> None:
        self._new_id, self._send = new_id, send
        self._hooks: dict[str, Hook] = {}

    def of(self, who: Who) -> list[Hook]:
        return [one for one in self._hooks.values() if one.who == who]

    def get(self, who: Who, id_: str) -> Hook:
        """Raises Refusal."""
        hook = self._hooks.get(id_)
        if hook is None or hook.who != who:
            raise missing("webhook endpoint", id_)
        return hook

    def add(self, who: Who, said: Mapping[str, Any], now: datetime) -> Hook:
        """The same address as often as one likes. Raises Refusal."""
        url = str(said.get("url", ""))
        if not url.startswith(("https://", "http://")):
            raise invalid("Invalid URL", param="url", code="url_invalid")
        if len(self.of(who)) >= MOST_HOOKS:
            raise invalid(f"You have reached the maximum of {MOST_HOOKS} webhook endpoints.")
        hook = Hook(
            id=self._new_id("we"),
            who=who,
            url=url,
            events=_events(said),
            secrets=(self._new_id("whsec"),),
            version=said.get("api_version"),
            at=now,
        )
        self._hooks[hook.id] = hook
        return hook

    def change(self, hook: Hook, said: Mapping[str, Any]) -> None:
        """Raises Refusal."""
        if "enabled_events" in said:
            hook.events = _events(said)
        hook.url = str(said.get("url", hook.url))
        hook.disabled = said.get("disabled", str(hook.disabled)).lower() == "true"

    def drop(self, hook: Hook) -> None:
        del self._hooks[hook.id]

    def roll(self, hook: Hook) -> str:
        """Somebody rolls the secret in the dashboard: for a while both sign."""
        hook.secrets = (self._new_id("whsec"), hook.secrets[0])
        return hook.secrets[0]

    def tell(self, who: Who, event: Mapping[str, Any], about: str, now: datetime) -> None:
        """To every address of the account that wants events of this name."""
        body = msgspec.json.encode(event)
        for hook in self.of(who):
            if not hook.disabled and {"*", event["type"]} & set(hook.events):
                self._send(
                    Outgoing(
                        url=hook.url,
                        headers=_headers(hook, unix(now), body),
                        body=body,
                        due_at=now,
                        about=about,
                    )
                )

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """One unit more, signed again with the same secrets."""
        body = msgspec.json.decode(outgoing.body)
        told = body["data"]["object"]
        for name in ("amount_total", "amount_received", "amount"):
            if name in told:
                told[name] += 100
        raw = msgspec.json.encode(body)
        moment = unix(outgoing.due_at)
        for hook in self._hooks.values():
            if _headers(hook, moment, outgoing.body) == outgoing.headers:
                return replace(outgoing, body=raw, headers=_headers(hook, moment, raw))
        raise LookupError(outgoing.url)


def _events(said: Mapping[str, Any]) -> tuple[str, ...]:
    names = [str(one) for one in many(said.get("enabled_events"))]
    if not names or not set(names) <= set(KNOWN.split()):
        raise invalid("Invalid enabled_events", param="enabled_events")
    return tuple(names)


def _headers(hook: Hook, moment: int, body: bytes) -> dict[str, str]:
    """v0 is a scheme that nobody should read."""
    signed = f"{moment}.".encode() + body
    proofs = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in hook.secrets]
    v1 = ",".join(f"v1={one}" for one in proofs)
    v0 = hashlib.sha256(signed).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": f"t={moment},{v1},v0={v0}",
    }

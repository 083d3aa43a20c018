"""The simulated PayMongo's webhooks: who wants which events, and how they are signed."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import Outgoing
from adapters.providers.gcash.simulated_books import Account, Refusal, unix

KNOWN: Final = (
    "source.chargeable",
    "payment.paid",
    "payment.failed",
    "payment.refunded",
    "payment.refund.updated",
    "checkout_session.payment.paid",
)
SIGNATURE: Final = "Paymongo-Signature"


@dataclass(slots=True, kw_only=True)
class Hook:
    id: str
    account: Account
    url: str
    events: tuple[str, ...]
    secret: str
    at: datetime
    enabled: bool = True

    def shown(self, *, secret: bool = False) -> dict[str, Any]:
        facts = {
            "events": self.events,
            "livemode": self.account[1],
            "status": "enabled" if self.enabled else "disabled",
            "url": self.url,
            "created_at": unix(self.at),
            "updated_at": unix(self.at),
        }
        if secret:  # once, when it is made
            facts["secret_key"] = self.secret
        return {"id": self.id, "type": "webhook", "attributes": facts}


class Hooks:
    """`new_id` makes ids; `send` takes what is due."""

    def __init__(self, new_id: Callable[[str], str], send: Callable[[Outgoing], None]) -> None:
        self._new_id = new_id
        self._send = send
        self._hooks: list[Hook] = []

    def of(self, account: Account) -> list[Hook]:
        return [one for one in self._hooks if one.account == account]

    def get(self, account: Account, id_: str) -> Hook:
        """Raises Refusal."""
        for one in self.of(account):
            if one.id == id_:
                return one
        raise Refusal("resource_not_found", f"No such webhook with id {id_}.", status=404)

    def add(self, account: Account, facts: Mapping[str, Any], now: datetime) -> Hook:
        """An address can be registered once in an environment. Raises Refusal."""
        url, events = facts.get("url"), facts.get("events")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Refusal("parameter_format_invalid", "url format is invalid.", "url")
        if not isinstance(events, list) or not events or any(one not in KNOWN for one in events):
            raise Refusal("parameter_invalid", "events holds an unknown event.", "events")
        if any(one.url == url for one in self.of(account)):
            raise Refusal("parameter_invalid", "The webhook url already exists.", "url")
        hook = Hook(
            id=self._new_id("hook"),
            account=account,
            url=url,
            events=tuple(events),
            secret=self._new_id("whsk"),
            at=now,
        )
        self._hooks.append(hook)
        return hook

    def tell(
        self, account: Account, name: str, data: Mapping[str, Any], about: str, now: datetime
    ) -> None:
        """To every address of the account that wants events of this name."""
        for hook in self.of(account):
            if hook.enabled and name in hook.events:
                facts = {
                    "type": name,
                    "livemode": account[1],
                    "data": data,
                    "created_at": unix(now),
                    "updated_at": unix(now),
                }
                event = {"id": self._new_id("evt"), "type": "event", "attributes": facts}
                body = msgspec.json.encode({"data": event})
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
        """One peso more, signed again with the same secret."""
        body = msgspec.json.decode(outgoing.body)
        body["data"]["attributes"]["data"]["attributes"]["amount"] += 100
        raw = msgspec.json.encode(body)
        moment = unix(outgoing.due_at)
        for hook in self._hooks:
            if _headers(hook, moment, outgoing.body) == outgoing.headers:
                return replace(outgoing, body=raw, headers=_headers(hook, moment, raw))
        raise LookupError(outgoing.url)


def _headers(hook: Hook, moment: int, body: bytes) -> dict[str, str]:
    """The signature of the other environment is there, and empty."""
    key = hook.secret.encode()
    proof = hmac.new(key, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    te, li = ("", proof) if hook.account[1] else (proof, "")
    return {"Content-Type": "application/json", SIGNATURE: f"t={moment},te={te},li={li}"}

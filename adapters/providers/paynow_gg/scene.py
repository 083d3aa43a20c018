"""What the tests of this folder begin with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import StillClock, answered
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Action, Outgoing, World
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.paynow_gg.client import PayNowGgProvider
from adapters.providers.paynow_gg.config import PayNowGgConfig
from adapters.providers.paynow_gg.notices import digest
from adapters.providers.paynow_gg.simulated_books import Sale
from adapters.providers.paynow_gg.simulator import PayNowGgSimulator
from domain.currencies import currency
from domain.ids import PaymentId, RefundId, attempt_id
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Pending
from domain.ports.providers import Callback, Charge, Lookup, Notice, Prepared, RefundOrder

FIXTURES: Final = Path(__file__).parent / "fixtures"
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE: Final = "http://127.0.0.1:8800/paynow_gg"
HOOK: Final = "http://127.0.0.1:9/hook"
SECRET: Final = "whsec_testing"  # noqa: S105
T: Final = 20.0


def fixture(name: str) -> Any:
    return msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes())


def a_config(**more: Any) -> PayNowGgConfig:
    given = {"apiKey": "pnapi-sim-demo", "storeId": "4114864", "webhookSecrets": [SECRET]}
    return msgspec.convert({**given, **more}, PayNowGgConfig)


def a_charge(number: int = 1, minor: int = 2500, code: str = "USD", **other: Any) -> Charge:
    payment = PaymentId(f"pay_01J9ZW7QK3M8X5N2V4T6R{number:05d}")
    given: dict[str, Any] = {
        "attempt_id": attempt_id(payment, 1),
        "payment_id": payment,
        "amount": Money(minor, currency(code)),
        "reference": "INV-1",
        "description": "500 gems",
        "customer": Customer(id="c1", name="Ana", email="ana@example.com", phone="+12025551111"),
        "country": "US",
        "return_url": "https://shop.example/thanks",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
    }
    return Charge(**{**given, **other})


def a_lookup(charge: Charge) -> Lookup:
    return Lookup(
        attempt_id=charge.attempt_id,
        amount=charge.amount,
        provider_reference=charge.provider_reference,
        opened_at=charge.opened_at,
        expires_at=charge.expires_at,
    )


def an_order(charge: Charge, number: int = 1, **more: Any) -> RefundOrder:
    given: dict[str, Any] = {
        "refund_id": RefundId(f"rfd_{charge.payment_id[4:]}{number:02d}"),
        "attempt_id": charge.attempt_id,
        "amount": charge.amount,
        "paid": charge.amount,
        "reason": "it broke",
        "provider_reference": charge.provider_reference,
    }
    return RefundOrder(**{**given, **more})


def refused(status: int, code: str) -> Response:
    """An error as PayNow writes it."""
    return answered(status, {"status": status, "code": code, "message": "words"})


class Wire(Transport):
    """The simulator's wire; what was asked is kept. Where a request ends with a key of `instead`,
    that is the answer."""

    def __init__(self, inner: Transport) -> None:
        self.asked: list[Request] = []
        self.instead: dict[str, Response] = {}
        self._inner = inner

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        for end, answer in self.instead.items():
            if request.url.partition("?")[0].endswith(end):
                return answer
        return await self._inner.send(request, timeout_s=timeout_s)

    def bodies(self, end: str) -> list[Any]:
        """What was sent there."""
        asked = [one for one in self.asked if one.url.endswith(end)]
        return [msgspec.json.decode(one.body) for one in asked]


class Scene:
    """A store, the client and the simulator around one clock."""

    def __init__(self, **config: Any) -> None:
        self.clock = StillClock(NOON)
        self.paynow = PayNowGgSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        self.wire = Wire(SimulatedTransport([Remote(self.paynow)]))
        self.config: Mapping[str, Any] = {**self.paynow.credentials(), **config}
        self.client = self.account(self.config)

    def account(self, config: Mapping[str, Any]) -> PayNowGgProvider:
        return PayNowGgProvider(msgspec.convert(config, PayNowGgConfig), self.wire, self.clock)

    async def connect(self, *events: str) -> None:
        """Register the callbacks, and keep the secrets; `events` were subscribed to by hand."""
        for event in events:
            said = {"url": HOOK, "subscribed_to": event, "type": "json_v1"}
            self.paynow.company.hooks.add(said)
        added = await self.client.register(HOOK, timeout_s=T)
        self.config = {**self.config, **added}
        self.client = self.account(self.config)

    async def begin(self, charge: Charge) -> Charge:
        """Prepared and sent: the charge with its reference."""
        made = await self.client.prepare(charge, timeout_s=T)
        assert isinstance(made, Prepared), made
        charge = replace(charge, provider_reference=made.provider_reference)
        said = await self.client.charge(charge, timeout_s=T)
        assert isinstance(said, Pending), said
        return charge

    async def pay(self, charge: Charge) -> Charge:
        charge = await self.begin(charge)
        self.paynow.act(charge.attempt_id, Action.APPROVE)
        return charge

    def sale(self) -> Sale:
        """The newest."""
        return list(self.paynow.company.sales.values())[-1]

    def due(self) -> list[Outgoing]:
        return self.paynow.take_due(self.clock.now())

    def heard(self) -> list[Notice]:
        """What leaves now, as it is read."""
        return [self.client.receive(received(one), self.clock.now()) for one in self.due()]


def received(outgoing: Outgoing, **headers: str) -> Callback:
    named = {name.lower(): value for name, value in outgoing.headers.items()}
    return Callback(outgoing.body, {**named, **headers})


def signed(event: object, at: datetime = NOON, *secrets: str) -> Callback:
    """An event as PayNow sends it."""
    body = msgspec.json.encode(event)
    stamp = str(int(at.timestamp() * 1000))
    proofs = ",".join(digest(one, stamp, body) for one in secrets or (SECRET,))
    return Callback(body, {"paynow-signature": proofs, "paynow-timestamp": stamp})

"""What the tests of this folder share: one merchant's account at a simulated PayMongo."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import StillClock, answered
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Outgoing, World
from adapters.provider_kit.transport import NoAnswer, Request, Response, Transport
from adapters.providers.gcash.client import GcashProvider
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.simulator import PaymongoSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Outcome
from domain.ports.clock import Clock
from domain.ports.providers import Callback, Charge, Lookup, Notice, Prepared, RefundOrder

PHP: Final = currency("PHP")
NOON: Final = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # in Manila
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
REFUND: Final = RefundId("rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BD")
BASE: Final = "http://127.0.0.1:9100/gcash"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"
BACK: Final = "https://merchant.example/return"
T: Final = 20.0


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def php(amount: str) -> Money:
    return Money.parse(amount, PHP)


def a_charge(amount: str = "100.00", phone: str | None = None, **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": php(amount),
        "reference": "1234",
        "description": "Order #1234",
        "customer": Customer(name="Juan dela Cruz", phone=phone),
        "country": "PH",
        "return_url": BACK,
        "opened_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
    }
    return Charge(**{**given, **other})


def a_lookup(reference: str | None = None) -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=php("100.00"),
        provider_reference=reference,
        opened_at=NOON,
        expires_at=NOON + timedelta(minutes=30),
    )


def an_order(intent_id: str | None, amount: str = "100.00", **other: Any) -> RefundOrder:
    given: dict[str, Any] = {
        "refund_id": REFUND,
        "attempt_id": ATTEMPT,
        "amount": php(amount),
        "paid": php("100.00"),
        "reason": "it broke",
        "provider_reference": intent_id,
    }
    return RefundOrder(**{**given, **other})


def refused(code: str, status: int = 400) -> Response:
    """An error as PayMongo writes it."""
    known = fixture("requests")["error"]["errors"][0]
    return answered(status, {"errors": [{**known, "code": code}]})


class Losing(Transport):
    """The simulator's wire; answers to what ends with `losing` are lost."""

    def __init__(self, inner: Transport) -> None:
        self.losing = ""
        self._inner = inner

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        answer = await self._inner.send(request, timeout_s=timeout_s)
        if self.losing and request.url.endswith(self.losing):
            raise NoAnswer("no answer in time", timed_out=True)
        return answer


def a_client(transport: Transport, clock: Clock | None = None, **config: Any) -> GcashProvider:
    given = {"secret_key": "sk_test_1", **config}
    return GcashProvider(GcashConfig(**given), transport, clock or StillClock(NOON))


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, key: str = "sk_test_sim_demo") -> None:
        self.clock = StillClock(NOON)
        self.paymongo = PaymongoSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        self.remote = Remote(self.paymongo)
        self.wire = Losing(SimulatedTransport([self.remote]))
        self.key = key
        self.client = self.account(key)

    def account(self, key: str, **more: str) -> GcashProvider:
        known = {**self.paymongo.credentials(), "secretKey": key, **more}
        return GcashProvider(msgspec.convert(known, GcashConfig), self.wire, self.clock)

    async def connect(self) -> None:
        """Register the callbacks, and keep the secret."""
        added = await self.client.register(HOOK, timeout_s=T)
        self.client = self.account(self.key, **added)

    async def begin(self, charge: Charge | None = None) -> tuple[str, Outcome]:
        """The intent's id, and what the attach said."""
        charge = charge or a_charge()
        prepared = await self.client.prepare(charge, timeout_s=T)
        assert isinstance(prepared, Prepared), prepared
        reference = prepared.provider_reference
        charge = replace(charge, provider_reference=reference)
        return reference, await self.client.charge(charge, timeout_s=T)

    def notices(self) -> list[Notice]:
        """What the callbacks that are due say to this merchant."""
        now = self.clock.now()
        return [self.client.receive(received(one), now) for one in self.paymongo.take_due(now)]


def received(outgoing: Outgoing) -> Callback:
    return Callback(
        outgoing.body, {name.lower(): value for name, value in outgoing.headers.items()}
    )

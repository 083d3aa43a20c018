"""What the tests of this folder share: one merchant's account at a simulated MTN."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import StillClock, Tapped, answered
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import World
from adapters.provider_kit.transport import Transport
from adapters.providers.mtn_momo.client import MtnMomoProvider
from adapters.providers.mtn_momo.config import MtnMomoConfig
from adapters.providers.mtn_momo.simulator import MtnMomoSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Charge, Lookup, RefundOrder

NOON: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
REFUND: Final = RefundId("rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BD")
BASE: Final = "http://127.0.0.1:9100/mtn_momo"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"
T: Final = 5.0


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def money(text: str, code: str = "ZMW") -> Money:
    return Money.parse(text, currency(code))


def a_charge(
    amount: str = "1500.00", phone: str | None = "+260966000000", code: str = "ZMW", **other: Any
) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": money(amount, code),
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(name="Ana Phiri", phone=phone),
        "country": "ZM",
        "return_url": None,
        "opened_at": NOON,
        "expires_at": NOON + timedelta(days=1),
    }
    return Charge(**{**given, **other})


def a_lookup(amount: Money | None = None) -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=amount or money("1500.00"),
        provider_reference=None,
        opened_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )


def an_order(amount: str = "1500.00", refund_id: str = REFUND, code: str = "ZMW") -> RefundOrder:
    return RefundOrder(
        refund_id=RefundId(refund_id),
        attempt_id=ATTEMPT,
        amount=money(amount, code),
        paid=money("1500.00", code),
        reason="it broke",
        provider_reference=None,
    )


TOKEN: Final = answered(200, fixture("token.response"))
KEYS: Final = {
    "subscriptionKey": "collection-sim-demo-key",
    "apiUser": "0d3a7c52-6f1e-4b8a-9c47-5e2d81f6a930",
    "apiKey": "api-key-sim-demo",
    "targetEnvironment": "mtnzambia",
}


def a_client(transport: Transport, **config: Any) -> MtnMomoProvider:
    known = msgspec.convert({**KEYS, **config}, MtnMomoConfig)
    return MtnMomoProvider(known, transport, StillClock(NOON))


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, **config: Any) -> None:
        self.clock = StillClock(NOON)
        self.mtn = MtnMomoSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        self.remote = Remote(self.mtn)
        self.wire = Tapped(SimulatedTransport([self.remote]))
        self.config = {**self.mtn.credentials(), "callbackUrl": HOOK, **config}
        self.client = self.account()

    def account(self, **config: Any) -> MtnMomoProvider:
        known = msgspec.convert({**self.config, **config}, MtnMomoConfig)
        return MtnMomoProvider(known, self.wire, self.clock)

    def paths(self) -> list[str]:
        """What was asked since the last time, as "POST /collection/token/"."""
        asked = [f"{one.method} {one.url.removeprefix(BASE)}" for one in self.wire.asked]
        self.wire.asked.clear()
        return asked

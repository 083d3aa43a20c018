"""What the tests of this folder share: one merchant's account at a simulated YallaPay."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import StillClock
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import World
from adapters.provider_kit.transport import Transport
from adapters.providers.yallapay.client import YallaPayProvider
from adapters.providers.yallapay.config import YallaPayConfig
from adapters.providers.yallapay.simulator import YallaPaySimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup

NOON: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)  # in Khartoum
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
BASE: Final = "http://127.0.0.1:9100/yallapay"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"
T: Final = 5.0


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def sdg(amount: str) -> Money:
    return Money.parse(amount, currency("SDG"))


def a_charge(amount: str = "1500.00", **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": sdg(amount),
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(name="Amna Osman", phone="+249912000000"),
        "country": "SD",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(days=1),
    }
    return Charge(**{**given, **other})


def a_lookup(attempt_id: str = ATTEMPT, opened_at: datetime = NOON) -> Lookup:
    return Lookup(
        attempt_id=AttemptId(attempt_id),
        amount=sdg("1500.00"),
        provider_reference=None,
        opened_at=opened_at,
        expires_at=opened_at + timedelta(days=1),
    )


def a_client(transport: Transport, clock: Clock | None = None, **config: Any) -> YallaPayProvider:
    given = {"api_key": "test_sk_1", "webhook_secret": "test-secret-key", **config}
    return YallaPayProvider(YallaPayConfig(**given), transport, clock or StillClock(NOON))


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, at: datetime = NOON, **config: Any) -> None:
        self.clock = StillClock(at)
        self.simulator = YallaPaySimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        known = {**self.simulator.credentials(), **config}
        self.simulator.call_at(HOOK, known)
        wire = SimulatedTransport([Remote(self.simulator)])
        self.client = YallaPayProvider(msgspec.convert(known, YallaPayConfig), wire, self.clock)

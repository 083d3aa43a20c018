"""What the tests of this folder share: one merchant's account at a simulated noebs."""

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
from adapters.providers.ebs.client import EbsProvider
from adapters.providers.ebs.config import EbsConfig
from adapters.providers.ebs.simulator import EbsSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup

NOON: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)  # in Khartoum
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
BASE: Final = "http://127.0.0.1:9100/ebs"
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


def a_config(**config: Any) -> EbsConfig:
    return EbsConfig(**{"mobile": "0912000001", "password": "x", **config})


def a_client(transport: Transport, clock: Clock | None = None, **config: Any) -> EbsProvider:
    return EbsProvider(a_config(**config), transport, clock or StillClock(NOON))


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, at: datetime = NOON, **config: Any) -> None:
        self.clock = StillClock(at)
        self.simulator = EbsSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        known = {**self.simulator.credentials(), **config}
        wire = SimulatedTransport([Remote(self.simulator)])
        self.client = EbsProvider(msgspec.convert(known, EbsConfig), wire, self.clock)

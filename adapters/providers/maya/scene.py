"""What the tests of this folder share: one merchant's account at a simulated Maya."""

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
from adapters.providers.maya.client import MayaProvider
from adapters.providers.maya.config import MayaConfig
from adapters.providers.maya.simulator import MayaSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Callback, Charge, Lookup, Notice, RefundOrder

PHP: Final = currency("PHP")
NOON: Final = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # in Manila
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
REFUND: Final = RefundId("rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BD")
BASE: Final = "http://127.0.0.1:9100/maya"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def php(amount: str) -> Money:
    return Money.parse(amount, PHP)


def a_charge(amount: str = "1500.00", phone: str | None = None, **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": php(amount),
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(name="Juan dela Cruz", phone=phone),
        "country": "PH",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(days=1),
    }
    return Charge(**{**given, **other})


def a_lookup(reference: str | None = None) -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=php("1500.00"),
        provider_reference=reference,
        opened_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )


def an_order(amount: str = "1500.00", refund_id: str = REFUND) -> RefundOrder:
    return RefundOrder(
        refund_id=RefundId(refund_id),
        attempt_id=ATTEMPT,
        amount=php(amount),
        paid=php("1500.00"),
        reason="it broke",
        provider_reference=None,
    )


def a_client(transport: Transport, **config: Any) -> MayaProvider:
    given = {"public_key": "pk-1", "secret_key": "sk-1", **config}
    return MayaProvider(MayaConfig(**given), transport, StillClock(NOON))


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, merchant: str = "demo") -> None:
        self.clock = StillClock(NOON)
        self.maya = MayaSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        self.remote = Remote(self.maya)
        self.transport = SimulatedTransport([self.remote])
        self.client = self.account(f"pk-sim-{merchant}", f"sk-sim-{merchant}")

    def account(self, public_key: str, secret_key: str) -> MayaProvider:
        known = {**self.maya.credentials(), "publicKey": public_key, "secretKey": secret_key}
        return MayaProvider(msgspec.convert(known, MayaConfig), self.transport, self.clock)

    def notices(self) -> list[Notice]:
        """What the callbacks that are due say to this merchant."""
        due = self.maya.take_due(self.clock.now())
        return [
            self.client.receive(Callback(one.body, one.headers), self.clock.now()) for one in due
        ]

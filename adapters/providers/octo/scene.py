"""What the tests of this folder share: one shop's account at a simulated OCTO."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import StillClock
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import World
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.octo.client import OctoProvider
from adapters.providers.octo.config import OctoConfig
from adapters.providers.octo.simulator import OctoSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Callback, Charge, Lookup, RefundOrder

NOON: Final = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)  # in Tashkent
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
REFUND: Final = RefundId("rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BD")
BASE: Final = "http://127.0.0.1:9100/octo"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def som(amount: str, code: str = "UZS") -> Money:
    return Money.parse(amount, currency(code))


def a_charge(amount: Money | None = None, phone: str | None = None, **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": som("150000.33") if amount is None else amount,
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(id="c1", phone=phone, email="a@example.com"),
        "country": "UZ",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(hours=1),
    }
    return Charge(**{**given, **other})


def a_lookup(amount: Money | None = None) -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=som("150000.33") if amount is None else amount,
        provider_reference=None,
        opened_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )


def an_order(amount: str = "150000.33", paid: str = "150000.33", **other: Any) -> RefundOrder:
    given: dict[str, Any] = {
        "refund_id": REFUND,
        "attempt_id": ATTEMPT,
        "amount": som(amount),
        "paid": som(paid),
        "reason": "it broke",
        "provider_reference": None,
    }
    return RefundOrder(**{**given, **other})


class Recorded(Transport):
    """Answers what it is told, and keeps what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.asked: list[Request] = []
        self._answers = list(answers)

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        return answered(self._answers.pop(0))

    @property
    def bodies(self) -> list[Any]:
        return [msgspec.json.decode(one.body) for one in self.asked]


def answered(body: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))


def a_config(**more: Any) -> OctoConfig:
    return OctoConfig(**{"shop_id": "10000", "secret": "octo-secret", "notify_url": HOOK, **more})


def a_client(transport: Transport, **config: Any) -> OctoProvider:
    return OctoProvider(a_config(**config), transport, StillClock(NOON))


class Scene:
    """A shop, the client and the simulator around one clock."""

    def __init__(self, **config: Any) -> None:
        self.clock = StillClock(NOON)
        self.octo = OctoSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        known = {**self.octo.credentials(), "notifyUrl": HOOK, **config}
        self.remote = Remote(self.octo)
        self.config = msgspec.convert(known, OctoConfig)
        self.line = SimulatedTransport([self.remote])
        self.client = OctoProvider(self.config, self.line, self.clock)

    def callbacks(self) -> list[Callback]:
        due = self.octo.take_due(self.clock.now())
        return [Callback(one.body, one.headers) for one in due]

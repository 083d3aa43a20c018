"""What the tests of this folder share: one merchant's account at the simulated Alipay+."""

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
from adapters.providers.gcash_alipayplus import simulated_gate as gate
from adapters.providers.gcash_alipayplus.client import GcashAlipayPlusProvider
from adapters.providers.gcash_alipayplus.config import AlipayPlusConfig
from adapters.providers.gcash_alipayplus.simulator import GcashAlipayPlusSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Callback, Charge, Lookup, Notice, RefundOrder

NOON: Final = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # in Manila
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
REFUND: Final = RefundId("rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BD")
BASE: Final = "http://127.0.0.1:9100/gcash_alipayplus"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"
PAYER: Final = "+639170000000"


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def php(amount: str) -> Money:
    return Money.parse(amount, currency("PHP"))


def a_charge(amount: str = "1500.00", phone: str | None = PAYER, **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": php(amount),
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(phone=phone, email="ana@example.com"),
        "country": "PH",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
    }
    return Charge(**{**given, **other})


def a_lookup() -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=php("1500.00"),
        provider_reference=None,
        opened_at=NOON,
        expires_at=NOON + timedelta(minutes=30),
    )


def an_order(
    amount: str = "1500.00", refund_id: str = REFUND, reference: str | None = None
) -> RefundOrder:
    return RefundOrder(
        refund_id=RefundId(refund_id),
        attempt_id=ATTEMPT,
        amount=php(amount),
        paid=php("1500.00"),
        reason="it broke",
        provider_reference=reference,
    )


def a_config(**more: Any) -> AlipayPlusConfig:
    given = {
        "client_id": "SANDBOX_sim_demo",
        "private_key": gate.merchant_pem(),
        "alipay_public_key": gate.alipay_pem(),
        "notify_url": HOOK,
        "base_url": BASE,
    }
    return AlipayPlusConfig(**{**given, **more})


class Recorded(Transport):
    """Answers what it is told, correctly signed for whoever asks; keeps what it was asked."""

    def __init__(self, *bodies: object, status: int = 200, signed: bool = True) -> None:
        self.asked: list[Request] = []
        self._bodies, self._status, self._signed = list(bodies), status, signed

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        path = request.url.removeprefix(BASE)
        client = request.headers["Client-Id"]
        body = self._bodies.pop(0)
        said = gate.answered(path, client, body, NOON, signed=self._signed)
        return Response(self._status, said.headers, said.body)


def a_client(transport: Transport, **config: Any) -> GcashAlipayPlusProvider:
    return GcashAlipayPlusProvider(a_config(**config), transport, StillClock(NOON))


class Scene:
    """The client and the simulator around one clock."""

    def __init__(self, **config: Any) -> None:
        self.clock = StillClock(NOON)
        world = World(self.clock, Random(7), BASE)  # noqa: S311
        self.alipay = GcashAlipayPlusSimulator(world)
        self.remote = Remote(self.alipay)
        self.line = SimulatedTransport([self.remote])
        self.client = self.account(**{"tell_buyer": True, **config})

    def account(self, **config: Any) -> GcashAlipayPlusProvider:
        return GcashAlipayPlusProvider(a_config(**config), self.line, self.clock)

    def notices(self) -> list[Notice]:
        """What the notifications that are due say."""
        now = self.clock.now()
        due = self.alipay.take_due(now)
        return [self.client.receive(Callback(one.body, one.headers), now) for one in due]

"""What the tests of this folder share: one merchant's account at a simulated ZainCash."""

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
from adapters.providers.zaincash.client import ZainCashProvider
from adapters.providers.zaincash.config import ZainCashConfig
from adapters.providers.zaincash.simulator import ZainCashSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Callback, Charge, Lookup, Notice, RefundOrder

NOON: Final = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)  # in Baghdad
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
REFUND: Final = RefundId("rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BD")
BASE: Final = "http://127.0.0.1:9100/zaincash"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"
API_KEY: Final = "shared-secret-shared-secret-1234"


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def iqd(amount: str) -> Money:
    return Money.parse(amount, currency("IQD"))


def a_charge(amount: Money | None = None, phone: str | None = None, **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": iqd("5000") if amount is None else amount,
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(phone=phone),
        "country": "IQ",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(days=1),
    }
    return Charge(**{**given, **other})


def a_lookup(reference: str | None) -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=iqd("5000"),
        provider_reference=reference,
        opened_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )


def an_order(reference: str | None, amount: str = "5000") -> RefundOrder:
    return RefundOrder(
        refund_id=REFUND,
        attempt_id=ATTEMPT,
        amount=iqd(amount),
        paid=iqd("5000"),
        reason="it broke",
        provider_reference=reference,
    )


class Recorded(Transport):
    """Gives a token, then answers what it is told, and keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.asked: list[Request] = []
        self.tokens = 0
        self._answers = list(answers)

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        if request.url.endswith("/oauth2/token"):
            self.tokens += 1
            return answered(
                {**fixture("guide")["token_response"], "access_token": f"t{self.tokens}"}
            )
        self.asked.append(request)
        return self._answers.pop(0)


def answered(body: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))


def a_config(**more: Any) -> ZainCashConfig:
    given = {"client_id": "1450", "client_secret": "secret", "api_key": API_KEY}
    return ZainCashConfig(**{**given, **more})


def a_client(transport: Transport, **config: Any) -> ZainCashProvider:
    return ZainCashProvider(a_config(**config), transport, StillClock(NOON))


class Scene:
    """A merchant whose webhook was entered, the client and the simulator around one clock."""

    def __init__(self) -> None:
        self.clock = StillClock(NOON)
        self.zaincash = ZainCashSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        known = self.zaincash.credentials()
        self.zaincash.call_at(HOOK, known)
        self.remote = Remote(self.zaincash)
        line = SimulatedTransport([self.remote])
        self.client = ZainCashProvider(msgspec.convert(known, ZainCashConfig), line, self.clock)

    @property
    def reference(self) -> str:
        return self.zaincash.books()[-1].provider_reference

    def notices(self) -> list[Notice]:
        """What the webhooks that are due say."""
        now = self.clock.now()
        due = self.zaincash.take_due(now)
        return [self.client.receive(Callback(one.body, one.headers), now) for one in due]

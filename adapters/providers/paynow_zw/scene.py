"""What the tests of this folder share: one merchant's account at a simulated Paynow."""

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
from adapters.providers.paynow_zw.client import PaynowProvider
from adapters.providers.paynow_zw.config import PaynowConfig
from adapters.providers.paynow_zw.messages import sealed
from adapters.providers.paynow_zw.simulator import PaynowSimulator
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Charge, Lookup

NOON: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)  # in Harare
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
BASE: Final = "http://127.0.0.1:9100/paynow_zw"
PAYNOW: Final = "https://www.paynow.co.zw"
HOOK: Final = "http://127.0.0.1:8000/api/payments/webhook/acc_1"
KEY: Final = "3e9fed89-60e1-4ce5-ab6e-6b1eb2d4f977"  # of Paynow's documentation
GUID: Final = "9f24be04-f4a6-4dff-8ab5-455263ba7b6b"
T: Final = 5.0


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def usd(amount: str) -> Money:
    return Money.parse(amount, currency("USD"))


def a_payer(**known: Any) -> Customer:
    """Of EcoCash, and of none of the numbers that act by themselves."""
    given = {"name": "Rudo Moyo", "phone": "+263772009999", "email": "rudo@example.com"}
    return Customer(**{**given, **known})


def a_charge(amount: Money | str = "15.00", **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": usd(amount) if isinstance(amount, str) else amount,
        "reference": "INV-1",
        "description": "One thing",
        "customer": a_payer(),
        "country": "ZW",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(days=1),
    }
    return Charge(**{**given, **other})


def a_lookup(guid: str | None = GUID) -> Lookup:
    return Lookup(
        attempt_id=ATTEMPT,
        amount=usd("15.00"),
        provider_reference=guid,
        opened_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )


def said(key: str = KEY, **fields: str) -> bytes:
    """A message of Paynow's, with its hash."""
    return sealed(list(fields.items()), key)


def update(status: str = "Paid", key: str = KEY, base: str = PAYNOW, **changed: str) -> bytes:
    """A status update."""
    told = {
        "reference": ATTEMPT,
        "paynowreference": "20562970",
        "amount": "15.00",
        "status": status,
        "pollurl": f"{base}/Interface/CheckPayment/?guid={GUID}",
    }
    return said(key, **{**told, **changed})


def answered(body: bytes, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/html"}, body)


class Recorded(Transport):
    """Answers what it is told, and keeps what it was asked."""

    def __init__(self, *bodies: bytes) -> None:
        self.asked: list[Request] = []
        self._answers = [answered(one) for one in bodies]

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        return self._answers.pop(0)


def a_config(**config: Any) -> PaynowConfig:
    given = {
        "integration_id": "1201",
        "integration_key": KEY,
        "currency": "USD",
        "callback_url": HOOK,
        "ecocash": True,
        "onemoney": True,
    }
    return PaynowConfig(**{**given, **config})


def a_client(transport: Transport, **config: Any) -> PaynowProvider:
    return PaynowProvider(a_config(**config), transport, StillClock(NOON))


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, **config: Any) -> None:
        self.clock = StillClock(NOON)
        self.simulator = PaynowSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        known = {**self.simulator.credentials(), "callbackUrl": HOOK, **config}
        self.wire = SimulatedTransport([Remote(self.simulator)])
        self.client = PaynowProvider(msgspec.convert(known, PaynowConfig), self.wire, self.clock)

    def status_of(self, payer: str) -> str:
        """How the one transaction of that payer stands in the books."""
        (one,) = [line for line in self.simulator.books() if line.payer == payer]
        return one.status

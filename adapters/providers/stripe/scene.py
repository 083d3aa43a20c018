"""What the tests of this folder begin with."""

from collections.abc import Mapping
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
from adapters.providers.stripe.client import StripeProvider
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.forms import form
from adapters.providers.stripe.simulated_intents import OwnIntent
from adapters.providers.stripe.simulated_pages import Page
from adapters.providers.stripe.simulator import StripeSimulator
from domain.currencies import currency
from domain.ids import PaymentId, RefundId, attempt_id
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Pending
from domain.ports.providers import Callback, Charge, Lookup, RefundOrder

FIXTURES: Final = Path(__file__).parent / "fixtures"
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE: Final = "http://127.0.0.1:8800/stripe"
HOOK: Final = "http://127.0.0.1:9/hook"
KEY: Final = "sk_test_sim_demo"
SHOWN: Final = "pk_test_sim_demo"
OWN_PAGE: Final = {"cardForm": "own_page", "publishableKey": SHOWN}
T: Final = 20.0


def fixture(name: str) -> Any:
    return msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes())


def a_charge(number: int = 1, minor: int = 2500, code: str = "USD", **other: Any) -> Charge:
    payment = PaymentId(f"pay_01J9ZW7QK3M8X5N2V4T6R{number:05d}")
    given: dict[str, Any] = {
        "attempt_id": attempt_id(payment, 1),
        "payment_id": payment,
        "amount": Money(minor, currency(code)),
        "reference": "INV-1",
        "description": "Three mangoes",
        "customer": Customer(id="c1", email="ana@example.com", phone="+12025551111"),
        "country": "US",
        "return_url": "https://shop.example/thanks",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
    }
    return Charge(**{**given, **other})


def a_lookup(charge: Charge, reference: str | None = None) -> Lookup:
    return Lookup(
        attempt_id=charge.attempt_id,
        amount=charge.amount,
        provider_reference=reference,
        opened_at=charge.opened_at,
        expires_at=charge.expires_at,
    )


def an_order(charge: Charge, reference: str | None, minor: int, number: int = 1) -> RefundOrder:
    return RefundOrder(
        refund_id=RefundId(f"rfd_{charge.payment_id[4:]}{number:02d}"),
        attempt_id=charge.attempt_id,
        amount=Money(minor, charge.amount.currency),
        paid=charge.amount,
        reason="it broke",
        provider_reference=reference,
    )


def refused(status: int, kind: str, **more: str) -> Response:
    """An error as Stripe writes it."""
    return answered(status, {"error": {"type": kind, "message": "words", **more}})


class Wire(Transport):
    """The simulator's wire; what was asked is kept. Answers to what ends with `losing` are lost,
    and `before_closing` happens while a request to close what is open is under way."""

    def __init__(self, inner: Transport) -> None:
        self.asked: list[Request] = []
        self.losing = ""
        self.before_closing: Any = None
        self.instead: dict[str, Response] = {}  # by the end of the path
        self._inner = inner

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        if request.url.endswith(("/expire", "/cancel")) and self.before_closing is not None:
            self.before_closing()
        for path, answer in self.instead.items():
            if request.url.partition("?")[0].endswith(path):
                return answer
        answer = await self._inner.send(request, timeout_s=timeout_s)
        if self.losing and request.url.endswith(self.losing):
            raise NoAnswer("no answer in time", timed_out=True)
        return answer


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self, **config: Any) -> None:
        self.clock = StillClock(NOON)
        self.stripe = StripeSimulator(World(self.clock, Random(7), BASE))  # noqa: S311
        self.wire = Wire(SimulatedTransport([Remote(self.stripe)]))
        self.config: Mapping[str, Any] = {**self.stripe.credentials(), **config}
        self.client = self.account(self.config)

    def account(self, config: Mapping[str, Any]) -> StripeProvider:
        return StripeProvider(msgspec.convert(config, StripeConfig), self.wire, self.clock)

    async def connect(self) -> None:
        """Register the callbacks, and keep the secret."""
        added = await self.client.register(HOOK, timeout_s=T)
        self.config = {**self.config, **added}
        self.client = self.account(self.config)

    async def begin(self, charge: Charge) -> str:
        """The page's id."""
        said = await self.client.charge(charge, timeout_s=T)
        assert isinstance(said, Pending), said
        assert said.provider_reference is not None
        return said.provider_reference

    async def fill_in(self, intent_id: str, card: str, secret: str | None = None) -> Response:
        """The form in the merchant's page confirms, as Stripe's script does: with the publishable
        key and the intent's secret."""
        known = self.stripe.company.payings[intent_id].secret
        said = {
            "key": SHOWN,
            "client_secret": known if secret is None else secret,
            "payment_method": card,
        }
        path = f"{BASE}/v1/payment_intents/{intent_id}/confirm"
        return await self.stripe.handle(Request("POST", path, {}, form(said)))

    def due(self) -> list[Outgoing]:
        return self.stripe.take_due(self.clock.now())

    def page(self) -> Page:
        """The only one."""
        (one,) = self.stripe.company.payings.values()
        assert isinstance(one, Page)
        return one

    def intent(self) -> OwnIntent:
        """The only intent on its own."""
        (one,) = self.stripe.company.payings.values()
        assert isinstance(one, OwnIntent)
        return one


def received(outgoing: Outgoing, **headers: str) -> Callback:
    named = {name.lower(): value for name, value in outgoing.headers.items()}
    return Callback(outgoing.body, {**named, **headers})

"""One merchant's account at one simulated company, opened as the platform opens it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, Final

from adapters.provider_kit.conformance.wire import START, GlassVault, HandClock, Patient, Wire
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulator import MAGIC, Booked, Outgoing, World
from domain.currencies import currency
from domain.ids import AccountId, PaymentId, RefundId, TenantId, attempt_id
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Answer, Outcome
from domain.ports.providers import (
    Callback,
    Charge,
    Lookup,
    PaymentProvider,
    Prepared,
    Prepares,
    RefundOrder,
    Registers,
)
from domain.tenants.tenant import ProviderAccount

T: Final = 20.0  # seconds a call may take
APPROVES, DECLINES, IGNORES = "1111", "2222", "3333"  # how a payer's phone ends
AT: Final = "http://127.0.0.1:8800"  # where the company is
CALLBACK_URL: Final = "http://127.0.0.1:9/api/payments/webhook/acc_1"


@dataclass
class Shop:
    """`everyone` is who else is in the build: callbacks are told apart."""

    manifest: Manifest
    clock: HandClock
    remote: Remote
    wire: Wire
    providers: KitProviders
    config: dict[str, Any]
    everyone: Mapping[str, Manifest]
    client: Any = None  # with the abilities that isinstance tells
    numbers: Any = field(default_factory=lambda: iter(range(1, 10_000)))

    @property
    def name(self) -> str:
        return self.manifest.profile.code

    @property
    def base_url(self) -> str:
        """Where the company is."""
        return self.remote.simulator.world.base_url

    @property
    def secrets(self) -> list[str]:
        """Values nobody may read anywhere. Those of a setting stand in the manifest."""
        shown = ("http", "-----BEGIN PUBLIC")
        return [
            value
            for name, value in self.config.items()
            if name not in self.manifest.chosen
            and isinstance(value, str)
            and len(value) > 7
            and not value.startswith(shown)
        ]

    @property
    def waits(self) -> bool:
        """Whether a charge is Pending while its payer takes their time."""
        return "pending" not in self.manifest.deviations

    @property
    def asks(self) -> bool:
        """Whether the provider can be asked what became of a charge."""
        return "query" not in self.manifest.deviations

    @property
    def finds(self) -> bool:
        """Whether asking finds a charge whose answer was lost."""
        return self.asks and "lost_charge" not in self.manifest.deviations

    def restart(self) -> None:
        """A process that has just begun: no token is left over, and nothing strikes."""
        self.wire.quiet()
        vault, breaker = GlassVault(), Patient(self.clock)
        self.providers = KitProviders(self.everyone, self.wire, self.clock, vault, breaker)
        self.client = opened(self)

    def amount(self, minor: int | None = None) -> Money:
        """The manifest's usual one: above every minimum, below every maximum."""
        sample = self.manifest.sample
        return Money(sample.minors[0] if minor is None else minor, currency(sample.currency))

    @property
    def unit(self) -> int:
        """The smallest difference between two amounts that it takes, in minor units."""
        code = self.manifest.sample.currency
        steps = [one.minor for one in self.manifest.profile.step if one.currency.code == code]
        return steps[0] if steps else 1

    @property
    def part(self) -> int:
        """The smallest refund that it makes, in minor units."""
        return max(self.unit, self.manifest.sample.least_refund)

    def charge(self, payer: str | None = None, minor: int | None = None) -> Charge:
        """By a payer who waits, or approves where the answer itself waits for the payer."""
        if payer is None:
            payer = IGNORES if self.waits else APPROVES
        payment = PaymentId(f"pay_01J9ZW7QK3M8X5N2V4T6R{next(self.numbers):05d}")
        phone = f"{self.manifest.sample.phone}{payer}"
        return Charge(
            attempt_id=attempt_id(payment, 1),
            payment_id=payment,
            amount=self.amount(minor),
            reference=f"INV-{payment[-5:]}",
            description="Three mangoes",
            customer=Customer(id="c1", name="Ana Cruz", email="ana@example.com", phone=phone),
            country=self.manifest.sample.country,
            return_url="https://shop.example/thanks",
            opened_at=self.clock.now(),
            expires_at=self.clock.now() + timedelta(minutes=30),
        )

    async def begin(self, charge: Charge) -> tuple[Charge, Outcome]:
        """Prepare where that is a step, and charge."""
        if isinstance(self.client, Prepares):
            prepared = await self.client.prepare(charge, timeout_s=T)
            if not isinstance(prepared, Prepared):
                return charge, prepared
            charge = replace(charge, provider_reference=prepared.provider_reference)
        outcome: Outcome = await self.client.charge(charge, timeout_s=T)
        if not self.manifest.sample.tells_phone:  # the payer opens the page, and does as ever
            with suppress(LookupError):
                action = MAGIC[(charge.customer.phone or "")[-4:]]
                self.remote.simulator.act(charge.attempt_id, action)
        if not self.manifest.profile.promises.finds_by_our_reference:  # what it said was stored
            known = getattr(outcome, "provider_reference", None)
            charge = replace(charge, provider_reference=known or charge.provider_reference)
        return charge, outcome

    async def find(self, charge: Charge) -> Answer:
        """As the platform asks after a lost answer: with nothing but what was stored before."""
        answer: Answer = await self.client.find(lookup(charge), timeout_s=T)
        return answer

    async def ended(self, charge: Charge, outcome: Outcome) -> Answer:
        """What is known in the end: by asking, or else what the charge was answered."""
        return await self.find(charge) if self.asks else outcome

    async def pay(self, minor: int | None = None) -> Charge:
        """A payment that succeeded."""
        charge, outcome = await self.begin(self.charge(APPROVES, minor))
        reference = getattr(outcome, "provider_reference", None)
        self.clock.pass_(minutes=1)
        return replace(charge, provider_reference=reference or charge.provider_reference)

    def order(self, charge: Charge, minor: int | None = None, number: int = 1) -> RefundOrder:
        paid = charge.amount
        return RefundOrder(
            refund_id=RefundId(f"rfd_{charge.payment_id[4:]}{number:02d}"),
            attempt_id=charge.attempt_id,
            amount=Money(paid.minor if minor is None else minor, paid.currency),
            paid=paid,
            reason="changed their mind",
            provider_reference=charge.provider_reference,
            paid_at=charge.opened_at,
        )

    def books(self, charge: Charge) -> list[Booked]:
        """What the company has under our reference."""
        lines = self.remote.simulator.books()
        return [one for one in lines if one.reference == charge.attempt_id]

    def moved(self, charge: Charge) -> int:
        """How often money moved."""
        return sum(one.status == "succeeded" for one in self.books(charge))

    def outgoing(self) -> Sequence[Outgoing]:
        """The callbacks of the next day, as they leave."""
        self.clock.pass_(hours=6)
        found = self.remote.take_due(self.clock.now())
        self.clock.pass_(hours=-6)
        return found


def lookup(charge: Charge) -> Lookup:
    return Lookup(
        attempt_id=charge.attempt_id,
        amount=charge.amount,
        provider_reference=charge.provider_reference,
        opened_at=charge.opened_at,
        expires_at=charge.expires_at,
    )


def arrived(outgoing: Outgoing) -> Callback:
    headers = {name.lower(): value for name, value in outgoing.headers.items()}
    return Callback(outgoing.body, headers)


@asynccontextmanager
async def open_shop(
    manifest: Manifest, everyone: Mapping[str, Manifest], seed: int = 7
) -> AsyncIterator[Shop]:
    """A merchant who connected the account as the platform does."""
    assert manifest.simulator is not None
    clock = HandClock()
    world = World(clock, Random(seed), f"{AT}/{manifest.profile.code}")  # noqa: S311
    remote = Remote(manifest.simulator(world))
    wire = Wire(remote)
    everyone = {**everyone, manifest.profile.code: manifest}
    providers = KitProviders(everyone, wire, clock, GlassVault(), Patient(clock))
    shop = Shop(manifest, clock, remote, wire, providers, {}, everyone)
    shop.config = dict(manifest.account(remote.simulator))
    client = providers.configure(shop.name, shop.config)
    if isinstance(client, Registers):
        shop.config |= await client.register(CALLBACK_URL, timeout_s=T)
    remote.simulator.call_at(CALLBACK_URL, shop.config)
    shop.client = opened(shop)
    wire.quiet()
    yield shop


def opened(shop: Shop) -> PaymentProvider:
    """A client through the registry, as production opens it."""
    account = ProviderAccount(
        id=AccountId("acc_1"),
        tenant_id=TenantId("ten_1"),
        provider=shop.name,
        sealed=shop.providers.seal("acc_1", shop.name, shop.config),
        created_at=START,
    )
    return shop.providers.open(account)

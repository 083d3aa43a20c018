"""What the application itself costs, without HTTP and without a database."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any, Final

import msgspec
import uvloop
from dishka import AsyncContainer, Provider, Scope, provide

from adapters.http.wire.payments import PaymentReply
from adapters.memory.circuits import MemoryCircuitBoard
from adapters.memory.database import MemoryDatabase
from adapters.memory.tenants import MemoryTenants
from adapters.memory.track_records import MemoryTrackBoard
from adapters.memory.unit_of_work import MemoryUnits
from adapters.provider_kit.transport import Transport
from application.answers import Answer, RequestKey
from application.payments.initiate_payment import InitiatePayment
from application.payments.new_payment import NewPayment
from application.tenants.open_tenant import OpenTenant
from domain.currencies import currency
from domain.ids import PaymentId, TenantId
from domain.money import Money
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Succeeded
from domain.payments.payment import Payment
from domain.ports.circuits import CircuitBoard
from domain.ports.ids import Ids
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.ports.track_records import TrackBoard
from domain.ports.unit_of_work import Units
from domain.tenants.tenant import ProviderAccount, Tenant
from entrypoints.bench.figure import MICRO, Effort, Figure, against
from entrypoints.bench.lab import SECRET, Lab
from entrypoints.bench.maya import MERCHANT, InstantMaya
from entrypoints.settings import Settings
from entrypoints.wiring import production

MOVE_US: Final = 20.0
USE_CASE_US: Final = 250.0
AMOUNT: Final = Money.parse("1500.00", currency("PHP"))
A_SECOND: Final = 3_000  # payments initiated for each second of effort
MOVES: Final = 20_000


class InMemory(Provider):
    """Storage in dicts; the provider in process."""

    scope = Scope.APP
    tenants = provide(MemoryTenants, provides=Tenants, override=True)
    circuits = provide(MemoryCircuitBoard, provides=CircuitBoard, override=True)
    tracks = provide(MemoryTrackBoard, provides=TrackBoard, override=True)

    @provide
    def database(self) -> MemoryDatabase:
        return MemoryDatabase()

    @provide(override=True)
    def units(self, database: MemoryDatabase) -> Units:
        return MemoryUnits(database)

    @provide(override=True)
    def transport(self) -> Transport:
        return InstantMaya()


def aggregate_move(lab: Lab) -> Figure:
    payment, evidence = uvloop.run(_pending())
    attempt_id = payment.attempts[0].id
    moves = int(MOVES * lab.effort.seconds)

    def move() -> None:
        for _ in range(moves):
            payment.hear(attempt_id, evidence)

    taken = [_cpu_us(move, moves) for _ in range(lab.effort.rounds + 1)][1:]
    notes = "CPU µs of one move of the payment: a success is heard, judged and settled."
    return against("aggregate_move", taken, MOVE_US, {"cpu_us": round(median(taken), 2)}, notes)


def initiate_use_case(lab: Lab) -> Figure:
    taken = [uvloop.run(_initiated(lab.effort)) for _ in range(lab.effort.rounds + 1)][1:]
    notes = (
        "CPU µs of a payment initiated over storage in dicts: routed, stored, charged through"
        " Maya's client, stored; the client's answer rendered."
    )
    return against(
        "initiate_use_case", taken, USE_CASE_US, {"cpu_us": round(median(taken), 1)}, notes
    )


def _cpu_us(work: Callable[[], Any], times: int) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) / times * MICRO


async def _initiated(effort: Effort) -> float:
    container, tenant = await _shop()
    initiate = await container.get(InitiatePayment)
    payments = int(A_SECOND * effort.seconds)
    began = time.process_time()
    for number in range(payments):
        await _initiate(initiate, tenant.id, number)
    taken = (time.process_time() - began) / payments * MICRO
    await container.close()
    return taken


async def _pending() -> tuple[Payment, Evidence]:
    """A payment that waits for its payer, and the word that they paid."""
    container, tenant = await _shop()
    answer = await _initiate(await container.get(InitiatePayment), tenant.id, 0)
    async with (await container.get(Units))(tenant.id) as unit:
        payment = await unit.payments.get(PaymentId(msgspec.json.decode(answer.body)["id"]))
    await container.close()
    paid = Evidence(
        id="bench",
        rank=Rank.CALLBACK,
        answer=Succeeded(amount=AMOUNT, provider_reference="bench"),
        at=payment.updated_at + timedelta(minutes=1),
        cause="callback",
    )
    return payment, paid


async def _shop() -> tuple[AsyncContainer, Tenant]:
    container = production(Settings(master_key=SECRET, pepper=SECRET), InMemory())
    tenant = await (await container.get(OpenTenant))("Bench")
    account_id = (await container.get(Ids)).account_id()
    account = ProviderAccount(
        id=account_id,
        tenant_id=tenant.id,
        provider="maya",
        sealed=(await container.get(Providers)).seal(account_id, "maya", MERCHANT),
        created_at=tenant.created_at,
    )
    await (await container.get(Tenants)).add_account(account)
    return container, tenant


async def _initiate(initiate: InitiatePayment, tenant_id: TenantId, number: int) -> Answer:
    new = NewPayment(tenant_id=tenant_id, amount=AMOUNT, reference="order-1001", country="PH")
    return await initiate(new, RequestKey("initiate", f"bench-{number}", bytes(32)), _rendered)


def _rendered(payment: Payment) -> Answer:
    return Answer(201, msgspec.json.encode(PaymentReply.of(payment)))

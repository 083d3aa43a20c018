"""Every use case, wired by hand over a storage and the companies of `company`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.memory.database import MemoryDatabase
from adapters.memory.unit_of_work import MemoryUnits
from application.answers import Answer, RequestKey
from application.callbacks.read_notice import ReadNotice
from application.callbacks.receive_callback import ReceiveCallback
from application.payments.amend import AmendPayment
from application.payments.cancel_payment import CancelPayment
from application.payments.choose_default_method import ChooseDefaultMethod
from application.payments.follow_rewards import FollowRewards
from application.payments.get_payment import GetPayment
from application.payments.initiate_payment import InitiatePayment
from application.payments.inquire import Inquire, InquireJob
from application.payments.new_payment import NewPayment
from application.payments.quote_methods import QuoteMethods
from application.payments.route_payment import RoutePayment
from application.payments.send_attempt import SendAttempt
from application.payments.verify_payment import VerifyPayment
from application.refunds.amend_refund import AmendRefund
from application.refunds.refund_payment import NewRefund, RefundPayment
from application.refunds.send_refund import SendRefund, SendRefundJob
from application.refunds.verify_refund import VerifyRefund
from application.wallets.reward_payment import RewardPayment
from application.work.run_jobs import RunJobs
from domain.ids import AccountId, PaymentId, RefundId, TenantId
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.routing import Health
from domain.ports.health import AccountsHealth
from domain.ports.jobs import Job, JobKind, JobQueue
from domain.ports.ledger import Ledger
from domain.ports.providers import Callback, Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.views import PaymentFilter, Views
from domain.tenants.tenant import ProviderAccount
from tests.application.company import Companies
from tests.builders import ACME, NOW, PHP, CountingIds, StillClock, a_tenant
from tests.storages import Storage, memory_storage


class Healths(AccountsHealth):
    """All well, unless a test says otherwise."""

    def __init__(self) -> None:
        self.known: dict[str, Health] = {}

    def of(self, tenant_id: TenantId, account_id: AccountId) -> Health:
        return self.known.get(account_id, Health())


def rendered(payment: Payment) -> Answer:
    """An answer that tells all a test wants to compare."""
    provider = payment.current.provider if payment.current else "-"
    unavailable = payment.failure is not None and payment.failure.kind == "unavailable"
    body = f"{payment.id}|{payment.status}|{provider}"
    return Answer(503 if unavailable else 201, body.encode())


def rendered_refund(refund: Refund) -> Answer:
    return Answer(201, f"{refund.id}|{refund.status}".encode())


@dataclass
class World:
    clock: StillClock
    companies: Companies
    health: Healths
    units: Units
    tenants: Tenants
    queue: JobQueue
    views: Views
    ledger: Ledger
    initiate: InitiatePayment
    get: GetPayment
    cancel: CancelPayment
    verify: VerifyPayment
    refund: RefundPayment
    verify_refund: VerifyRefund
    quote: QuoteMethods
    choose: ChooseDefaultMethod
    receive: ReceiveCallback
    run_jobs: RunJobs
    troubles: list[str]

    async def pay(self, amount: str = "1500.00", key: str = "k1", **changes: Any) -> Payment:
        """Initiate and return the payment as stored."""
        answer = await self.answer(amount, key, **changes)
        return await self.payment(answer.body.decode().partition("|")[0])

    async def answer(self, amount: str = "1500.00", key: str = "k1", **changes: Any) -> Answer:
        new = NewPayment(
            tenant_id=ACME, amount=Money.parse(amount, PHP), reference="order-1", country="PH"
        )
        fingerprint = f"{amount}{sorted(changes.items(), key=str)}".encode()
        if "money" in changes:
            changes["amount"] = changes.pop("money")
        return await self.initiate(
            replace(new, **changes), RequestKey("initiate", key, fingerprint), rendered
        )

    async def payment(self, payment_id: str) -> Payment:
        async with self.units(ACME) as unit:
            return await unit.payments.get(PaymentId(payment_id))

    async def stored_refund(self, refund_id: str) -> Refund:
        async with self.units(ACME) as unit:
            return await unit.refunds.get(RefundId(refund_id))

    async def give_back(
        self, payment: Payment, amount: str | None = None, key: str = "r1"
    ) -> Refund:
        money = Money.parse(amount, PHP) if amount is not None else None
        new = NewRefund(tenant_id=ACME, payment_id=payment.id, amount=money, reason="returned")
        request = RequestKey("refund", key, f"{payment.id}{amount}".encode())
        answer = await self.refund(new, request, rendered_refund)
        return await self.stored_refund(answer.body.decode().partition("|")[0])

    async def call_back(self, company: str, body: str, account: str | None = None) -> bool:
        callback = Callback(body.encode(), {"signature": company})
        return await self.receive(callback, AccountId(account or f"acc_{company}"))

    async def work(self, seconds: float = 0) -> None:
        """Let time pass, then run what is due until nothing is."""
        self.clock.advance(seconds)
        for _ in range(50):
            if not await self.run_jobs(50):
                return
        raise AssertionError("the worker spins")

    async def balance(self, account: str) -> int:
        """Debits less credits of one of ACME's accounts in PHP, in minor units."""
        found = await self.ledger.balances(ACME, None)
        mine = [one for one in found if (one.account, one.currency) == (account, PHP)]
        return sum(one.debit_minor - one.credit_minor for one in mine)

    @property
    def database(self) -> MemoryDatabase:
        """All that is stored, of a world in memory."""
        assert isinstance(self.units, MemoryUnits)
        return self.units.database

    async def payments(self) -> Sequence[Payment]:
        return (await self.views.payments(ACME, PaymentFilter(), None, 200)).payments


async def a_world(
    storage: Storage | None = None,
    providers: Providers | None = None,
    accounts: Sequence[ProviderAccount] | None = None,
) -> World:
    """A tenant with accounts at Maya, GCash and cash: scripted ones, unless others are given.
    Without a storage: one in memory."""
    if storage is None:
        storage = memory_storage()
        await storage.tenants.add(a_tenant(ACME, name="Acme"))
    clock, health, companies = storage.clock, Healths(), Companies()
    reached = providers or companies
    units, tenants, queue, ids = storage.units, storage.tenants, storage.queue, CountingIds()
    for account in accounts or [_account(code) for code in companies.profiles]:
        await tenants.add_account(account)
    follow_rewards = FollowRewards(tenants)
    amend = AmendPayment(units, reached, follow_rewards)
    send = SendAttempt(amend, reached, tenants, clock)
    route = RoutePayment(reached, health)
    inquire = Inquire(units, amend, send, reached, tenants, clock)
    amend_refund = AmendRefund(units, follow_rewards)
    send_refund = SendRefund(units, amend_refund, reached, tenants, clock)
    read_notice = ReadNotice(
        units, tenants, reached, amend, amend_refund, send, send_refund, inquire, queue, clock
    )
    handlers: dict[JobKind, Callable[[Job], Awaitable[datetime | None]]] = {
        JobKind.INQUIRE: InquireJob(inquire, reached, clock),
        JobKind.READ_NOTICE: read_notice,
        JobKind.SEND_REFUND: SendRefundJob(units, send_refund, reached, clock),
        JobKind.REWARD: RewardPayment(units, clock, ids),
    }
    troubles = list[str]()
    return World(
        clock=clock,
        companies=companies,
        health=health,
        units=units,
        tenants=tenants,
        queue=queue,
        views=storage.views,
        ledger=storage.ledger,
        initiate=InitiatePayment(units, tenants, route, amend, send, clock, ids),
        get=GetPayment(units, inquire),
        cancel=CancelPayment(units, inquire, reached, tenants),
        verify=VerifyPayment(amend, send, clock),
        verify_refund=VerifyRefund(amend_refund, clock),
        refund=RefundPayment(units, reached, send_refund, clock, ids),
        quote=QuoteMethods(units, tenants, reached, route, clock),
        choose=ChooseDefaultMethod(units, tenants, clock),
        receive=ReceiveCallback(units, tenants, reached, clock),
        run_jobs=RunJobs(
            queue,
            units,
            clock,
            handlers,
            lambda job, error: troubles.append(f"{job.id}: {error!r}"),
        ),
        troubles=troubles,
    )


def _account(code: str) -> ProviderAccount:
    return ProviderAccount(
        id=AccountId(f"acc_{code}"),
        tenant_id=ACME,
        provider=code,
        sealed=b"sealed",
        created_at=NOW,
    )

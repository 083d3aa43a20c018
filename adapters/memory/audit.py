"""What is stored, for the doctor: the shelves as they are."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from adapters.memory.database import OPEN_JOBS, MemoryDatabase, Shelf
from adapters.memory.ledger import posted
from adapters.memory.mistold import mistold
from adapters.memory.payments import committed
from adapters.memory.wallets import unbalanced
from domain.audit.dossier import Check, Dossier
from domain.ids import AccountId, JobId, PaymentId, RefundId, SpendId, TenantId
from domain.ports.audit import Audit, HeldJob, Stray
from domain.ports.jobs import PLATFORM, JobState


@dataclass(frozen=True, slots=True)
class MemoryAudit(Audit):
    database: MemoryDatabase

    async def is_current(self) -> bool:
        return True

    async def tenants(self, after: TenantId | None, limit: int) -> Sequence[TenantId]:
        known = sorted({*self.database.tenants, *self.database.shelves} - {PLATFORM})
        start = bisect_right(known, after) if after is not None else 0
        return known[start : start + limit]

    async def dossiers(
        self, tenant_id: TenantId, after: PaymentId | None, limit: int
    ) -> Sequence[Dossier]:
        shelf = self.database.shelf(tenant_id)
        ids = sorted(shelf.payments)
        start = bisect_right(ids, after) if after is not None else 0
        return [_dossier(shelf, one) for one in ids[start : start + limit]]

    async def last_before(self, tenant_id: TenantId, at: datetime) -> PaymentId | None:
        in_order = self.database.shelf(tenant_id).in_order
        place = bisect_left(in_order, at, key=lambda one: one[0])
        return in_order[place - 1][1] if place else None

    async def dossier(self, tenant_id: TenantId, payment_id: PaymentId) -> Dossier:
        return _dossier(self.database.shelf(tenant_id), payment_id)

    async def strays(self, tenant_id: TenantId, limit: int) -> Sequence[Stray]:
        return list(islice(self._strays(self.database.shelf(tenant_id)), limit))

    async def mistold(self, tenant_id: TenantId, since: datetime, limit: int) -> Sequence[Stray]:
        return list(islice(mistold(self.database.shelf(tenant_id), since), limit))

    async def held_jobs(self, before: datetime, limit: int) -> Sequence[HeldJob]:
        held = [
            HeldJob(job.id, shelf.tenant_id, job.run_at, job.tries)
            for shelf in self.database.shelves.values()
            for job in shelf.jobs.values()
            if shelf.job_states[job.id] is JobState.RUNNING and job.run_at < before
        ]
        return sorted(held, key=lambda one: (one.expired_at, one.id))[:limit]

    def _strays(self, shelf: Shelf) -> Iterator[Stray]:
        """In the words of the SQL adapter."""
        for payment in shelf.payments.values():
            for attempt in payment.attempts:
                yield from self._of_account(shelf, attempt.id, attempt.account_id)
        for refund in shelf.refunds.values():
            if refund.payment_id not in shelf.payments:
                yield Stray(Check.TENANTS, refund.id, f"is of {refund.payment_id}, not here")
            yield from self._of_account(shelf, refund.id, refund.account_id)
        for notice in shelf.notices.values():
            yield from self._of_account(shelf, f"callback {notice.id}", notice.account_id)
            job = f"notice:{notice.account_id}:{notice.id}"
            if notice.state == "stored" and not _is_open(shelf, job):
                yield Stray(Check.WORK, f"callback {notice.id}", "is stored, and nobody reads it")
        yield from unbalanced(shelf)
        for record in shelf.keys.values():
            known = (
                RefundId(record.resource_id) in shelf.refunds
                or PaymentId(record.resource_id) in shelf.payments
                or SpendId(record.resource_id) in shelf.spends
            )
            if not known:
                row = f"key {record.key} ({record.scope})"
                yield Stray(Check.KEYS, row, f"names {record.resource_id}, which is not here")

    def _of_account(self, shelf: Shelf, row: str, account_id: AccountId) -> Iterator[Stray]:
        account = self.database.accounts.get(account_id)
        if account is None or account.tenant_id != shelf.tenant_id:
            yield Stray(Check.TENANTS, row, f"is of account {account_id}, not this tenant's")


def _dossier(shelf: Shelf, payment_id: PaymentId) -> Dossier:
    """Raises NotFound."""
    payment = committed(shelf, payment_id)
    refunds = shelf.refunds_of.get(payment_id, [])
    return Dossier(
        payment=payment,
        refunds=[shelf.refunds[one] for one in refunds],
        events=[event for _, _, event in shelf.events.get(payment_id, ())],
        journals=[
            posted(one, shelf.journals[one]) for one in shelf.journals_of.get(payment_id, ())
        ],
        worked_on=frozenset(
            [one.id for one in payment.attempts if _is_open(shelf, f"inquire:{one.id}")]
            + [one for one in refunds if _is_sent(shelf, one)]
        ),
        reward=shelf.rewards.get(payment_id),
        rewarding=any(
            job.startswith(f"reward:{payment_id}:") and _is_open(shelf, job) for job in shelf.jobs
        ),
    )


def _is_sent(shelf: Shelf, refund_id: RefundId) -> bool:
    """What came back is sent again by a job with a number."""
    if _is_open(shelf, name := f"refund:{refund_id}"):
        return True
    refund = shelf.refunds[refund_id]
    if refund.is_final or not refund.surplus:
        return False
    return any(job.startswith(f"{name}:") and _is_open(shelf, job) for job in shelf.jobs)


def _is_open(shelf: Shelf, job: str) -> bool:
    return shelf.job_states.get(JobId(job)) in OPEN_JOBS

"""The contract of Audit: every storage shows the doctor the same."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.audit import MemoryAudit
from adapters.memory.circuits import MemoryCircuitBoard
from adapters.memory.database import MemoryDatabase
from adapters.memory.job_book import MemoryJobBook
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.tenants import MemoryTenants
from adapters.memory.track_records import MemoryTrackBoard
from adapters.memory.unit_of_work import MemoryUnits
from adapters.memory.views import MemoryViews
from adapters.sql.audit import SqlAudit
from adapters.sql.database import Database, running_database
from application.audit.doctor import Doctor
from domain.audit.dossier import Check
from domain.audit.laws import breaches
from domain.errors import NotFound, Unavailable
from domain.ids import JobId, PaymentId
from domain.ports.audit import Audit, HeldJob, Stray
from domain.ports.circuits import CircuitBoard
from domain.ports.job_book import JobBook
from domain.ports.jobs import JobQueue
from domain.ports.tenants import Tenants
from domain.ports.track_records import TrackBoard
from domain.ports.unit_of_work import Units
from domain.ports.views import Views
from tests.application.world import World, a_world
from tests.builders import (
    ACME,
    NOW,
    OTHER,
    StillClock,
    a_job,
    a_key_record,
    a_notice,
    a_payment,
    a_tenant,
    an_account,
    later,
    payment_id,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Place:
    """One storage with two tenants, both empty."""

    units: Units
    tenants: Tenants
    queue: JobQueue
    book: JobBook
    views: Views
    audit: Audit
    circuits: CircuitBoard
    tracks: TrackBoard

    async def world(self) -> World:
        """Every use case over this storage, with accounts that it knows too."""
        return await a_world(
            Storage(
                self.units,
                self.queue,
                self.book,
                self.tenants,
                self.views,
                StillClock(),
                self.circuits,
                self.tracks,
            )
        )


def audit_of(database: Database) -> SqlAudit:
    return SqlAudit(lambda: database.engine, database.url, has_policies=database.path is None)


@asynccontextmanager
async def opened(url: str | None) -> AsyncIterator[Place]:
    if url is None:
        rows = MemoryDatabase()
        yield Place(
            MemoryUnits(rows),
            MemoryTenants(rows),
            MemoryJobQueue(rows),
            MemoryJobBook(rows),
            MemoryViews(rows),
            MemoryAudit(rows),
            MemoryCircuitBoard(rows),
            MemoryTrackBoard(rows),
        )
        return
    async with running_database(url, StillClock()) as sql:
        audit = audit_of(sql)
        yield Place(
            sql.units,
            sql.tenants,
            sql.job_queue,
            sql.job_book,
            sql.views,
            audit,
            sql.circuit_board,
            sql.track_board,
        )


@pytest.fixture
async def place(storage_url: str | None) -> AsyncIterator[Place]:
    async with opened(storage_url) as one:
        await one.tenants.add(a_tenant(ACME))
        await one.tenants.add(a_tenant(OTHER))
        yield one


async def busy(place: Place) -> World:
    """Payments in every state, some money on its way back."""
    world = await place.world()
    maya = world.companies.maya
    first = await world.pay(key="1")
    maya.pay(first.attempts[0].id)
    await world.get(ACME, first.id, refresh=True)
    await world.give_back(first, "100.00")
    maya.silent_refunds = True
    await world.give_back(first, "50.00", key="r2")
    await world.pay(key="2")
    await world.pay(key="3", method="cash")
    maya.silent = True
    await world.pay(key="4")
    return world


async def test_all_that_is_stored_of_a_payment_is_shown(place: Place) -> None:
    world = await busy(place)
    found = await place.audit.dossiers(ACME, None, 10)
    assert [one.payment.id for one in found] == [payment_id(number) for number in (1, 4, 5, 6)]
    for one in found:
        stored = await world.payment(one.payment.id)
        assert one.payment == stored
        assert all(attempt.evidence for attempt in one.payment.attempts)
        assert breaches(one) == []
        assert one == await place.audit.dossier(ACME, stored.id)
    first = found[0]
    assert [refund.amount.major for refund in first.refunds] == ["100.00", "50.00"]
    assert all(refund.evidence for refund in first.refunds)
    assert sorted(event.type for event in first.events) == [
        "payment.initiated",
        "payment.pending",
        "payment.succeeded",
        "refund.created",
        "refund.created",
        "refund.succeeded",
    ]
    assert first.refunds[1].id in first.worked_on


async def test_the_doctor_is_content(place: Place) -> None:
    world = await busy(place)
    doctor = Doctor(place.audit, world.tenants, world.companies, world.clock)
    report = await doctor("https://pay.example")
    assert [one for one in report.findings if one.breaches or not one.done] == []


async def test_payments_come_page_by_page(place: Place) -> None:
    async with place.units(ACME) as unit:
        for number in range(1, 6):
            unit.payments.add(a_payment(number))
        await unit.commit()
    async with place.units(OTHER) as unit:
        unit.payments.add(a_payment(9, tenant_id=OTHER))
        await unit.commit()
    seen: list[PaymentId] = []
    after: PaymentId | None = None
    while page := await place.audit.dossiers(ACME, after, 2):
        assert len(page) <= 2
        seen += [one.payment.id for one in page]
        after = seen[-1]
    assert seen == [payment_id(number) for number in range(1, 6)]
    with pytest.raises(NotFound):
        await place.audit.dossier(ACME, payment_id(9))


async def test_only_the_job_that_follows_a_thing_to_its_end_counts(place: Place) -> None:
    payment = a_payment()
    async with place.units(ACME) as unit:
        unit.payments.add(payment)
        unit.jobs.enqueue(a_job(f"inquire:{payment.attempts[0].id}:1"))
        await unit.commit()
    (found,) = await place.audit.dossiers(ACME, None, 1)
    assert found.worked_on == frozenset()


async def test_a_job_that_is_over_does_not_count(place: Place) -> None:
    payment = a_payment()
    job = a_job(f"inquire:{payment.attempts[0].id}")
    async with place.units(ACME) as unit:
        unit.payments.add(payment)
        unit.jobs.enqueue(job)
        await unit.commit()
    assert (await place.audit.dossier(ACME, payment.id)).worked_on == {payment.attempts[0].id}
    async with place.units(ACME) as unit:
        unit.jobs.bury(job, "gave up")
        await unit.commit()
    assert (await place.audit.dossier(ACME, payment.id)).worked_on == frozenset()


async def test_tenants_come_page_by_page(place: Place) -> None:
    first = await place.audit.tenants(None, 1)
    assert first == [ACME]
    assert await place.audit.tenants(ACME, 10) == [OTHER]
    assert await place.audit.tenants(OTHER, 10) == []


async def test_rows_without_what_they_belong_to(place: Place) -> None:
    await place.tenants.add_account(an_account("maya", OTHER))
    payment = a_payment()
    async with place.units(ACME) as unit:
        unit.payments.add(payment)
        unit.keys.add(a_key_record("k1"))
        unit.keys.add(a_key_record("k2", resource_id="pay_9"))
        unit.inbox.add(a_notice("evt_1"))
        unit.inbox.add(a_notice("evt_2", state="applied"))
        unit.inbox.add(a_notice("evt_3"))
        account = payment.attempts[0].account_id
        unit.jobs.enqueue(a_job(f"notice:{account}:evt_3"))
        await unit.commit()
    theirs = f"is of account {account}, not this tenant's"
    found = await place.audit.strays(ACME, 100)
    assert set(found) == {
        Stray(Check.TENANTS, payment.attempts[0].id, theirs),
        Stray(Check.TENANTS, "callback evt_1", theirs),
        Stray(Check.TENANTS, "callback evt_2", theirs),
        Stray(Check.TENANTS, "callback evt_3", theirs),
        Stray(Check.WORK, "callback evt_1", "is stored, and nobody reads it"),
        Stray(Check.KEYS, "key k2 (initiate)", "names pay_9, which is not here"),
    }
    assert len(await place.audit.strays(ACME, 3)) == 3
    assert await place.audit.strays(OTHER, 100) == []


async def test_jobs_that_somebody_holds_too_long(place: Place) -> None:
    async with place.units(ACME) as unit:
        unit.jobs.enqueue(a_job("inquire:att_1"))
        unit.jobs.enqueue(a_job("inquire:att_2", run_at=later(3600)))
        await unit.commit()
    async with place.units(OTHER) as unit:
        unit.jobs.enqueue(a_job("inquire:att_3", OTHER, run_at=NOW - timedelta(seconds=5)))
        await unit.commit()
    assert len(await place.queue.claim(NOW, 60, 10)) == 2
    assert await place.audit.held_jobs(later(60), 10) == []
    found = await place.audit.held_jobs(later(61), 10)
    assert sorted(found, key=lambda one: one.id) == [
        HeldJob(JobId("inquire:att_1"), ACME, later(60), 1),
        HeldJob(JobId("inquire:att_3"), OTHER, later(60), 1),
    ]
    assert len(await place.audit.held_jobs(later(61), 1)) == 1


async def test_the_schema_is_this_versions(place: Place) -> None:
    assert await place.audit.is_current()


async def test_children_of_no_payment_are_found(sqlite_url: str) -> None:
    """The database itself forbids them; a file may still be damaged, or restored in part."""
    async with opened(sqlite_url) as place:
        await place.tenants.add(a_tenant(ACME))
        world = await busy(place)
        (first, *_) = await place.audit.dossiers(ACME, None, 1)
        path = sqlite_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("DELETE FROM payments WHERE id = ?", (first.payment.id,))
            raw.commit()
        found = await place.audit.strays(ACME, 100)
        lacking = {one.row.split()[0] for one in found if one.check is Check.TENANTS}
        assert {"evidence", first.payment.attempts[0].id, first.refunds[0].id} <= lacking
        assert {one.row for one in found if one.check is Check.KEYS} == {"key 1 (initiate)"}
        doctor = Doctor(place.audit, world.tenants, world.companies, world.clock)
        assert not (await doctor("https://pay.example")).is_clean


@pytest.mark.parametrize(
    ("planted", "check"),
    [
        ("UPDATE attempts SET status = 'failed' WHERE status = 'pending'", Check.EVIDENCE),
        ("UPDATE payments SET paid_by = NULL WHERE paid_by = 1", Check.PAID),
        ("UPDATE payments SET status = 'expired' WHERE status = 'succeeded'", Check.STATUS),
        ("UPDATE payments SET reserved_minor = 0", Check.REFUNDS),
        ("DELETE FROM refunds WHERE state = 'submitted'", Check.REFUNDS),
        ("DELETE FROM evidence WHERE about LIKE 'att%'", Check.EVIDENCE),
        ("DELETE FROM events WHERE type = 'payment.succeeded'", Check.EVENTS),
        ("DELETE FROM transfers WHERE position = 2", Check.JOURNALS),
        (
            "PRAGMA ignore_check_constraints = ON; UPDATE transfers SET debit = credit",
            Check.JOURNALS,
        ),
        (
            "INSERT INTO journals (id, tenant_id, kind, at, subject, reason, size)"
            " VALUES ('jrn_9', 'ten_acme', 'settled', 1, 'rec_9', '', 2)",
            Check.JOURNALS,
        ),
        ("UPDATE transfers SET amount_minor = amount_minor + 1", Check.LEDGER),
        ("DELETE FROM transfers; DELETE FROM journals", Check.LEDGER),
        ("UPDATE journals SET kind = 'settled' WHERE kind = 'paid'", Check.LEDGER),
        ("UPDATE attempts SET booked = 'none'", Check.LEDGER),
        ("UPDATE jobs SET state = 'dead'", Check.WORK),
        ("UPDATE attempts SET charged_minor = charged_minor + 1", Check.AMOUNTS),
        ("DELETE FROM idempotency_keys; DELETE FROM refunds", Check.REFUNDS),
        ("UPDATE provider_accounts SET tenant_id = 'ten_other'", Check.TENANTS),
        ("UPDATE idempotency_keys SET resource_id = 'pay_9'", Check.KEYS),
        ("UPDATE jobs SET leased = 1, run_at = 0", Check.LEASES),
        ("UPDATE alembic_version SET version_num = '0000'", Check.DATABASE),
    ],
)
async def test_what_is_planted_in_a_file_is_found(
    sqlite_url: str, planted: str, check: Check
) -> None:
    async with opened(sqlite_url) as place:
        await place.tenants.add(a_tenant(ACME))
        await place.tenants.add(a_tenant(OTHER))
        world = await busy(place)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as raw:
            triggers = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in triggers.fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.executescript(planted)
            raw.commit()
        doctor = Doctor(place.audit, world.tenants, world.companies, world.clock)
        report = await doctor("https://pay.example")
        found: dict[Check, Any] = {one.check: one for one in report.findings if one.breaches}
        assert check in found
        assert found[check].first[0].told


async def test_a_database_that_is_gone_is_unavailable(sqlite_url: str) -> None:
    async with opened(sqlite_url) as place:
        assert isinstance(place.audit, SqlAudit)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as raw:
            raw.execute("DROP TABLE jobs")
        with pytest.raises(Unavailable):
            await place.audit.held_jobs(NOW, 1)


async def test_the_newest_before_a_moment_is_found(place: Place) -> None:
    early, late = a_payment(1), a_payment(2, created_at=later(60))
    async with place.units(ACME) as unit:
        unit.payments.add(early)
        unit.payments.add(late)
        await unit.commit()
    born = early.intent.created_at
    assert await place.audit.last_before(ACME, born) is None
    assert await place.audit.last_before(ACME, born + timedelta(seconds=1)) == early.id
    assert await place.audit.last_before(OTHER, born + timedelta(days=1)) is None

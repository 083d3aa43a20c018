"""What SQL alone can get wrong; the behaviour of the ports is in tests/contracts."""

import asyncio
from dataclasses import replace

import pytest

from adapters.sql.database import Database, running_database
from domain.errors import NotFound, StaleVersion
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.ports.views import PaymentFilter
from tests.builders import (
    ACME,
    NOW,
    OTHER,
    StillClock,
    a_job,
    a_paid_payment,
    a_payment,
    a_refund,
    a_tenant,
    an_account,
    an_api_key,
    attempt_id,
    declined,
    later,
    not_sent,
    pending,
    php,
    said,
    succeeded,
    unknown,
)
from tests.sql.conftest import Place

pytestmark = pytest.mark.anyio


async def added(database: Database, payment: Payment) -> Payment:
    async with database.units(payment.tenant_id) as unit:
        stored = unit.payments.add(payment)
        await unit.commit()
    return stored


async def saved(database: Database, payment: Payment) -> Payment:
    async with database.units(payment.tenant_id) as unit:
        stored = unit.payments.save(payment)
        await unit.commit()
    return stored


async def read(database: Database, payment: Payment) -> Payment:
    async with database.units(payment.tenant_id) as unit:
        return await unit.payments.get(payment.id)


async def test_what_is_read_is_what_was_said_to_be_stored(database: Database) -> None:
    """Through a life: a prepared attempt, one unreached, one unsure, one that paid, a refund."""
    payment = await added(database, a_payment(providers=("maya", "gcash", "cash")))
    assert await read(database, payment) == payment
    prepared = payment.prepared(attempt_id(payment), "prep-1")
    payment = await saved(database, prepared)
    assert await read(database, payment) == payment
    assert payment.attempts[0].provider_reference == "prep-1"
    payment = await saved(database, payment.hear(attempt_id(payment), said(not_sent())))
    assert await read(database, payment) == payment
    for answer in (unknown(), pending("ref-2"), succeeded(reference="ref-2")):
        payment = await saved(database, payment.hear(attempt_id(payment, 2), said(answer)))
        assert await read(database, payment) == payment
    payment = await saved(database, payment.reserve(php("5.00")))
    assert await read(database, payment) == payment
    assert payment.status is PaymentStatus.SUCCEEDED


async def test_the_fence_changes_hands_in_one_unit(database: Database) -> None:
    """The next attempt takes what the last one gives up: updates come before inserts."""
    payment = await added(database, a_payment())
    moved = payment.hear(attempt_id(payment), said(declined(elsewhere=True)))
    assert [one.fence for one in moved.attempts] == [False, True]
    stored = await saved(database, moved)
    assert await read(database, stored) == stored


async def test_fences_change_hands_in_a_group(database: Database) -> None:
    payments = [await added(database, a_payment(number)) for number in range(1, 21)]
    moved = [one.hear(attempt_id(one), said(declined(elsewhere=True))) for one in payments]
    stored = await asyncio.gather(*(saved(database, one) for one in moved))
    for one in stored:
        assert await read(database, one) == one


async def test_two_things_heard_before_one_save(database: Database) -> None:
    """The attempt opened by the first is stored, although the second move opened none."""
    payment = await added(database, a_payment())
    moved = payment.hear(attempt_id(payment), said(declined(elsewhere=True)))
    moved = moved.hear(attempt_id(moved, 2), said(pending("ref-2")))
    assert moved.opened is None
    stored = await saved(database, moved)
    assert await read(database, stored) == stored


async def test_nobody_saves_what_is_not_there(database: Database) -> None:
    payment = a_payment()
    moved = payment.hear(attempt_id(payment), said(pending()))
    with pytest.raises(StaleVersion):
        await saved(database, replace(moved, attempts=moved.attempts))


async def test_another_tenants_payment_is_not_written(database: Database) -> None:
    payment = await added(database, a_payment())
    async with database.units(OTHER) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            unit.payments.save(payment)
    moved = payment.hear(attempt_id(payment), said(pending()))
    with pytest.raises(StaleVersion):
        await saved(database, replace(moved, tenant_id=OTHER))
    assert await read(database, payment) == payment


async def test_of_two_that_heard_at_once_one_reads_again(database: Database) -> None:
    payment = await added(database, a_payment())
    moves = [payment.hear(attempt_id(payment), said(pending(f"r{n}"))) for n in range(8)]
    told = await asyncio.gather(*(saved(database, one) for one in moves), return_exceptions=True)
    assert [type(one) for one in told].count(StaleVersion) == 7


async def test_refunds_come_back(database: Database) -> None:
    payment = await added(database, a_paid_payment())
    refund = a_refund(payment).submit(NOW)
    async with database.units(ACME) as unit:
        stored = unit.refunds.add(refund)
        await unit.commit()
    async with database.units(ACME) as unit:
        assert await unit.refunds.get(refund.id) == stored
        stored = unit.refunds.save(stored.hear(said(succeeded(refund.amount))))
        await unit.commit()
    async with database.units(ACME) as unit:
        assert await unit.refunds.get(refund.id) == stored
        assert (await unit.payments.get(payment.id)).attempts == payment.attempts
    entries = await database.views.timeline(ACME, payment.id)
    assert [entry.type for entry in entries][-1] == "refund.succeeded"
    assert await database.views.refund(ACME, refund.id) == replace(stored, evidence=())
    assert await database.views.refunds(ACME, payment.id) == [replace(stored, evidence=())]


async def test_pages_are_whole(database: Database) -> None:
    for number in range(1, 8):
        moved = a_payment(number, created_at=later(number // 3), reference=f"50%_{number}")
        await added(database, moved.hear(attempt_id(moved), said(declined(elsewhere=True))))
    seen, before = list[Payment](), None
    while True:
        page = await database.views.payments(ACME, PaymentFilter(), before, 3)
        seen += page.payments
        if (before := page.next_before) is None:
            break
    assert [one.id[-1] for one in seen] == list("7654321")
    assert all(len(one.attempts) == 2 for one in seen)
    found = await database.views.payments(ACME, PaymentFilter(q="0%_3"), None, 9)
    assert [one.id[-1] for one in found.payments] == ["3"]
    assert (await database.views.payments(OTHER, PaymentFilter(), None, 9)).payments == []
    with pytest.raises(NotFound):
        await database.views.timeline(OTHER, seen[0].id)


async def test_workers_never_claim_the_same_job(place: Place, database: Database) -> None:
    async with database.units(ACME) as unit:
        for number in range(60):
            unit.jobs.enqueue(a_job(f"inquire:{number}"))
        await unit.commit()
    async with running_database(place.app, StillClock()) as second:
        claims = await asyncio.gather(
            *(one.job_queue.claim(NOW, 60, 7) for one in (database, second) * 5)
        )
    claimed = [job.id for jobs in claims for job in jobs]
    assert len(claimed) == len(set(claimed)) == 60
    assert max(len(jobs) for jobs in claims) == 7
    assert {(job.tries, job.version) for jobs in claims for job in jobs} == {(1, 1)}
    assert await database.job_queue.claim(later(59), 60, 99) == []
    assert len(await database.job_queue.claim(later(60), 60, 99)) == 60
    assert await database.job_queue.next_due() == later(120)


async def test_who_there_is_comes_from_memory_for_a_second(place: Place) -> None:
    await place.upgrade()
    clock = StillClock()
    async with (
        running_database(place.app, clock) as mine,
        running_database(place.app, StillClock()) as theirs,
    ):
        assert await mine.tenants.key(an_api_key().id) is None
        await theirs.tenants.add(a_tenant())
        await theirs.tenants.add_account(an_account())
        await theirs.tenants.add_key(an_api_key())
        assert await mine.tenants.key(an_api_key().id) is None  # remembered, too
        clock.advance(1)
        assert await mine.tenants.key(an_api_key().id) == an_api_key()
        assert (await mine.tenants.setup(ACME)).accounts == (an_account(),)
        await theirs.tenants.revoke_key(an_api_key().id, NOW)
        await theirs.tenants.save_account(replace(an_account(), active=False))
        assert await mine.tenants.key(an_api_key().id) == an_api_key()
        clock.advance(1)
        assert await mine.tenants.key(an_api_key().id) == replace(an_api_key(), revoked_at=NOW)
        off = replace(an_account(), active=False, version=1)
        assert (await mine.tenants.setup(ACME)).accounts == (off,)
        await mine.tenants.save_account(replace(off, active=True))
        assert (await mine.tenants.account(off.id)).active  # our own write is seen at once


async def test_a_callbacks_payment_tells_its_tenant(database: Database) -> None:
    payment = await added(database, a_payment(tenant_id=OTHER))
    assert await database.tenants.tenant_of(payment.id) == OTHER
    assert await database.tenants.tenant_of(a_payment(9).id) is None

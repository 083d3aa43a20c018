"""The contract of Refundings: refund and payment move together, or neither."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import DuplicateKey, NotFound, NotStored, StaleVersion
from domain.ids import RefundId
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Answer
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundState
from tests.builders import (
    ACME,
    OTHER,
    a_paid_payment,
    a_refund,
    declined,
    later,
    pending,
    php,
    said,
    succeeded,
    unknown,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio


async def paid(storage: Storage) -> Payment:
    async with storage.units(ACME) as unit:
        stored = unit.payments.add(a_paid_payment())
        await unit.commit()
    return stored


async def added(storage: Storage, refund: Refund) -> Refund:
    async with storage.units(ACME) as unit:
        stored = unit.refunds.add(refund)
        await unit.commit()
    return stored


async def saved(storage: Storage, refund: Refund) -> Refund:
    async with storage.units(ACME) as unit:
        stored = unit.refunds.save(refund)
        await unit.commit()
    return stored


async def found(storage: Storage, refund: Refund) -> Refund:
    async with storage.units(ACME) as unit:
        return await unit.refunds.get(refund.id)


def tell(refund: Refund, answer: Answer, rank: Rank = Rank.REPLY) -> Refund:
    return refund.hear(said(answer, rank, send=refund.sends))


async def test_a_refund_is_read_back_with_every_field(storage: Storage) -> None:
    refund = a_refund(
        await paid(storage),
        amount=php("0.01"),
        reason="défaut “qualité” 💸",
        created_at=later(0.000001),
        updated_at=later(7.5),
        surplus=True,
    )
    stored = await added(storage, refund)
    assert stored == await found(storage, refund)
    assert stored == refund


async def test_every_state_is_read_back(storage: Storage) -> None:
    payment = await paid(storage)
    sent = [a_refund(payment, number).submit(later(1)) for number in range(1, 7)]
    stories = [
        sent[0],
        tell(sent[1], succeeded(php("1500.00"), "rf-é")),
        tell(sent[2], declined()),
        tell(sent[3], declined(elsewhere=True)),
        tell(tell(sent[4], unknown(), Rank.TIMEOUT), pending("rf-1"), Rank.QUERY),
        tell(sent[5], declined(elsewhere=True)).submit(later(9)),
    ]
    for story in stories:
        assert await added(storage, story) == await found(storage, story)


async def test_what_is_saved_is_read_back_equal_a_version_later(storage: Storage) -> None:
    stored = await added(storage, a_refund(await paid(storage)))
    again = await saved(storage, stored.submit(later(1)))
    assert again == await found(storage, stored)
    assert again.version == stored.version + 1
    final = await saved(storage, tell(tell(again, pending()), succeeded(stored.amount)))
    assert final == await found(storage, stored)
    assert (final.state, final.events, final.unsaved) == (RefundState.SUCCEEDED, (), ())
    assert len(final.evidence) == 2


async def test_evidence_says_which_sending_it_is_about(storage: Storage) -> None:
    refund = tell(a_refund(await paid(storage)).submit(later(0)), declined(elsewhere=True))
    fact = Evidence(id="late", rank=Rank.CALLBACK, answer=declined(), at=later(5), send=1)
    again = await added(storage, refund.submit(later(1)).hear(fact))
    assert (await found(storage, again)).evidence[-1] == fact
    assert again.state is RefundState.SUBMITTED


async def test_what_is_not_committed_is_gone(storage: Storage) -> None:
    refund = a_refund(await paid(storage))
    async with storage.units(ACME) as unit:
        unit.refunds.add(refund)
    with pytest.raises(NotFound):
        await found(storage, refund)


async def test_a_refund_is_added_once(storage: Storage) -> None:
    refund = a_refund(await paid(storage))
    await added(storage, refund)
    with pytest.raises(DuplicateKey):
        await added(storage, refund)


async def test_the_second_writer_of_one_version_loses(storage: Storage) -> None:
    stored = await added(storage, a_refund(await paid(storage)))
    first = await saved(storage, stored.submit(later(1)))
    with pytest.raises(StaleVersion):
        await saved(storage, stored.submit(later(2)))
    assert await found(storage, stored) == first


async def test_a_refund_that_is_not_there_cannot_be_saved(storage: Storage) -> None:
    refund = a_refund(await paid(storage))
    with pytest.raises(StaleVersion):
        await saved(storage, refund)


async def test_a_refund_needs_its_payment(storage: Storage) -> None:
    with pytest.raises(NotStored):
        await added(storage, a_refund(a_paid_payment(404)))


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    stored = await added(storage, a_refund(await paid(storage)))
    async with storage.units(OTHER) as unit:
        with pytest.raises(NotFound):
            await unit.refunds.get(stored.id)
        unit.refunds.save(replace(stored, tenant_id=OTHER))
        with pytest.raises(StaleVersion):
            await unit.commit()
    assert await found(storage, stored) == stored


async def test_a_unit_serves_one_tenant(storage: Storage) -> None:
    refund = a_refund(a_paid_payment())
    async with storage.units(OTHER) as unit:
        for write in (unit.refunds.add, unit.refunds.save):
            with pytest.raises(ValueError, match="another tenant"):
                write(refund)


async def test_refund_and_payment_are_saved_together(storage: Storage) -> None:
    payment = await paid(storage)
    refund = a_refund(payment, amount=php("500.00"))
    async with storage.units(ACME) as unit:
        held = unit.payments.save(payment.reserve(refund.amount))
        stored = unit.refunds.add(refund)
        await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.payments.get(payment.id) == held
        assert await unit.refunds.get(refund.id) == stored
    assert held.refundable == php("1000.00")


async def test_when_the_payment_moved_meanwhile_neither_is_saved(storage: Storage) -> None:
    payment = await paid(storage)
    refund = a_refund(payment, amount=php("500.00"))
    async with storage.units(ACME) as unit:
        unit.payments.save(payment.reserve(php("1.00")))
        await unit.commit()
    async with storage.units(ACME) as unit:
        unit.refunds.add(refund)
        unit.payments.save(payment.reserve(refund.amount))
        with pytest.raises(StaleVersion):
            await unit.commit()
    with pytest.raises(NotFound):
        await found(storage, refund)


async def test_parallel_refunds_never_give_back_more_than_was_paid(storage: Storage) -> None:
    """Ten of 500.00 race for 1500.00; each reads again when it loses."""
    payment = await paid(storage)

    async def refund(number: int) -> bool:
        while True:
            async with storage.units(ACME) as unit:
                fresh = await unit.payments.get(payment.id)
                if fresh.refundable.minor < 50_000:
                    return False
                one = a_refund(fresh, number, php("500.00"))
                unit.payments.save(fresh.reserve(one.amount))
                unit.refunds.add(one)
                try:
                    await unit.commit()
                except StaleVersion:
                    continue
            return True

    won = await asyncio.gather(*(refund(number) for number in range(1, 11)))
    assert sum(won) == 3
    async with storage.units(ACME) as unit:
        assert (await unit.payments.get(payment.id)).refundable == php("0.00")
        for number, has_won in enumerate(won, 1):
            if has_won:
                await unit.refunds.get(RefundId(f"rfd_{number:026d}"))

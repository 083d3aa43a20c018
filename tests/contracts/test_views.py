"""The contract of Views: lists that stay right while rows are added, and whole histories."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import NotFound
from domain.ids import PaymentId, RefundId
from domain.money import Money
from domain.payments.evidence import Rank
from domain.payments.intent import Customer
from domain.payments.outcome import Answer
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.status import PaymentStatus
from domain.ports.views import PaymentFilter
from tests.builders import (
    ACME,
    JPY,
    NOW,
    OTHER,
    a_paid_payment,
    a_payment,
    a_refund,
    attempt_id,
    declined,
    later,
    not_sent,
    payment_id,
    pending,
    php,
    said,
    succeeded,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio

ALL = PaymentFilter()


async def add(storage: Storage, *payments: Payment) -> None:
    for payment in payments:
        async with storage.units(payment.tenant_id) as unit:
            unit.payments.add(payment)
            await unit.commit()


async def save(storage: Storage, payment: Payment) -> Payment:
    async with storage.units(payment.tenant_id) as unit:
        stored = unit.payments.save(payment)
        await unit.commit()
    return stored


async def whole(storage: Storage, number: int) -> Payment:
    async with storage.units(ACME) as unit:
        return await unit.payments.get(payment_id(number))


async def show(storage: Storage, number: int) -> Payment:
    async with storage.units(ACME) as unit:
        return await unit.payments.show(payment_id(number))


def tell(payment: Payment, number: int, answer: Answer, **more: Any) -> Payment:
    return payment.hear(attempt_id(payment, number), said(answer, **more))


def numbers(payments: Iterable[Payment]) -> list[int]:
    return [int(payment.id[4:]) for payment in payments]


async def listed(storage: Storage, which: PaymentFilter = ALL) -> list[int]:
    page = await storage.views.payments(ACME, which, None, 100)
    assert page.next_before is None
    return numbers(page.payments)


# Pages


async def test_nothing_is_an_empty_page(storage: Storage) -> None:
    page = await storage.views.payments(ACME, ALL, None, 10)
    assert (list(page.payments), page.next_before) == ([], None)


async def test_the_newest_come_first_and_whole_without_evidence(storage: Storage) -> None:
    fallen = tell(tell(a_payment(2, created_at=later(2)), 1, not_sent()), 2, pending())
    nobody = a_payment(3, created_at=later(3), providers=())
    await add(storage, fallen, a_payment(1, created_at=later(1)), nobody)
    page = await storage.views.payments(ACME, ALL, None, 10)
    assert list(page.payments) == [await show(storage, number) for number in (3, 2, 1)]


async def test_payments_of_one_instant_come_by_id(storage: Storage) -> None:
    await add(storage, *(a_payment(number) for number in (2, 1, 4, 3)))
    assert await listed(storage) == [4, 3, 2, 1]


async def test_pages_follow_one_another_without_gap_or_repeat(storage: Storage) -> None:
    """Attempts make rows too: a page counts payments."""
    for number in range(1, 8):
        payment = a_payment(number, created_at=later(number // 3))
        await add(storage, tell(payment, 1, not_sent()))
    seen: list[int] = []
    before: PaymentId | None = None
    sizes = []
    while True:
        page = await storage.views.payments(ACME, ALL, before, 3)
        seen += numbers(page.payments)
        sizes.append(len(page.payments))
        if (before := page.next_before) is None:
            break
    assert (seen, sizes) == ([7, 6, 5, 4, 3, 2, 1], [3, 3, 1])


async def test_a_page_that_ends_the_list_says_so(storage: Storage) -> None:
    await add(storage, *(a_payment(number) for number in range(1, 5)))
    first = await storage.views.payments(ACME, ALL, None, 2)
    assert first.next_before == payment_id(3)
    last = await storage.views.payments(ACME, ALL, first.next_before, 2)
    assert (numbers(last.payments), last.next_before) == ([2, 1], None)


async def test_pages_stay_right_while_payments_are_added(storage: Storage) -> None:
    await add(storage, *(a_payment(number, created_at=later(number)) for number in range(1, 6)))
    first = await storage.views.payments(ACME, ALL, None, 2)
    await add(storage, *(a_payment(number, created_at=later(number)) for number in (6, 7)))
    second = await storage.views.payments(ACME, ALL, first.next_before, 2)
    assert numbers(first.payments) + numbers(second.payments) == [5, 4, 3, 2]


async def test_before_a_payment_that_is_not_there_comes_nothing(storage: Storage) -> None:
    await add(storage, a_payment(1), a_payment(2, tenant_id=OTHER))
    for number in (2, 404):
        page = await storage.views.payments(ACME, ALL, payment_id(number), 10)
        assert (list(page.payments), page.next_before) == ([], None)


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    theirs = a_payment(1, tenant_id=OTHER, offline=True)
    await add(storage, theirs, a_payment(2))
    assert await listed(storage) == [2]
    assert await listed(storage, PaymentFilter(q=theirs.id)) == []
    assert await storage.views.awaiting(ACME, 10) == []
    assert await storage.views.refunds(ACME, theirs.id) == []
    with pytest.raises(NotFound):
        await storage.views.timeline(ACME, theirs.id)


# Filters


async def test_by_status(storage: Storage) -> None:
    await add(
        storage,
        a_payment(1),
        a_paid_payment(2),
        a_payment(3, providers=()),
        a_payment(4, offline=True),
        tell(a_payment(5), 1, declined()),
    )
    expected = {"pending": [1], "succeeded": [2], "failed": [5, 3], "awaiting_verification": [4]}
    for status in PaymentStatus:
        assert await listed(storage, PaymentFilter(status=status)) == expected.get(status, [])
    assert await listed(storage, PaymentFilter(status="nonsense")) == []


async def test_by_status_as_it_is_now(storage: Storage) -> None:
    await add(storage, a_payment())
    stored = await show(storage, 1)
    await save(storage, tell(stored, 1, succeeded()))
    assert await listed(storage, PaymentFilter(status="pending")) == []
    assert await listed(storage, PaymentFilter(status="succeeded")) == [1]


async def test_by_the_provider_of_the_current_attempt(storage: Storage) -> None:
    fallen = tell(a_payment(2), 1, not_sent())
    late = tell(tell(a_payment(4), 1, not_sent()), 1, succeeded(), rank=Rank.CALLBACK)
    await add(storage, a_payment(1), fallen, a_payment(3, providers=()), late)
    assert await listed(storage, PaymentFilter(provider="maya")) == [4, 1]
    assert await listed(storage, PaymentFilter(provider="gcash")) == [2]


async def test_by_currency(storage: Storage) -> None:
    await add(storage, a_payment(1), a_payment(2, amount=Money(5000, JPY)))
    assert await listed(storage, PaymentFilter(currency="JPY")) == [2]
    assert await listed(storage, PaymentFilter(currency="USD")) == []


async def test_by_customer_and_by_reference(storage: Storage) -> None:
    await add(
        storage,
        a_payment(1, customer=Customer(id="cus_1"), reference="order"),
        a_payment(2, customer=Customer(id="CUS_1"), reference="order"),
        a_payment(3, customer=Customer(), reference="order-3"),
    )
    assert await listed(storage, PaymentFilter(customer_id="cus_1")) == [1]
    assert await listed(storage, PaymentFilter(reference="order")) == [2, 1]
    assert await listed(storage, PaymentFilter(reference="ORDER")) == []


async def test_from_the_first_instant_until_before_the_last(storage: Storage) -> None:
    await add(storage, *(a_payment(one, created_at=later(one)) for one in range(1, 5)))
    assert await listed(storage, PaymentFilter(since=later(2))) == [4, 3, 2]
    assert await listed(storage, PaymentFilter(until=later(3))) == [2, 1]
    assert await listed(storage, PaymentFilter(since=later(2), until=later(2.000001))) == [2]
    assert await listed(storage, PaymentFilter(since=later(3), until=later(3))) == []


MARIA = Customer(id="cus_42", name="María Santos", email="maria@example.com", phone="+639171234567")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("santos", True),
        ("SANTOS", True),
        ("MARÍA", True),
        ("ía sa", True),
        ("maria", True),  # of the e-mail address
        ("@example.com", True),
        ("9171234", True),
        ("rder-10", True),
        ("0000001", True),  # of the id
        ("pay_", True),
        ("santos maria", False),
        ("cus_42", False),
        ("santosmaria", False),
        ("order-1001\u200bmaría", False),
        ("2 tickets", False),  # of the description, where nobody looks
    ],
)
async def test_by_a_fragment_of_what_a_person_knows(storage: Storage, q: str, found: bool) -> None:
    await add(storage, a_payment(customer=MARIA))
    assert await listed(storage, PaymentFilter(q=q)) == ([1] if found else [])


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("100%", [1]),
        ("%", [1]),
        ("a_b", [2]),
        ("_", [5, 4, 3, 2, 1]),
        ("c\\d", [3]),
        ("\\", [3]),
        ("e'f", [4]),
        ("%%", []),
        ("a%b", []),
        ("\\%", []),
    ],
)
async def test_special_characters_mean_themselves(
    storage: Storage, q: str, expected: list[int]
) -> None:
    """Every id has an underscore; no other stands for any character."""
    references = ("100%", "a_b", "c\\d", "e'f", "axb")
    for number, reference in enumerate(references, 1):
        await add(storage, a_payment(number, reference=reference, customer=Customer()))
    assert await listed(storage, PaymentFilter(q=q)) == expected


async def test_an_empty_fragment_is_no_filter(storage: Storage) -> None:
    await add(storage, a_payment())
    assert await listed(storage, PaymentFilter(q="")) == [1]


async def test_all_filters_must_hold(storage: Storage) -> None:
    await add(storage, *(a_payment(number, created_at=later(number)) for number in range(1, 9)))
    await add(storage, a_paid_payment(9), a_payment(10, reference="other"))
    which = PaymentFilter(
        status="pending",
        provider="maya",
        currency="PHP",
        customer_id="cus_42",
        reference="order-1001",
        since=later(2),
        until=later(7),
        q="santos",
    )
    first = await storage.views.payments(ACME, which, None, 3)
    second = await storage.views.payments(ACME, which, first.next_before, 3)
    assert numbers(first.payments) + numbers(second.payments) == [6, 5, 4, 3, 2]
    assert second.next_before is None


# The verification queue


async def test_what_waits_longest_for_a_person_comes_first(storage: Storage) -> None:
    for number in (3, 1, 2, 4):
        await add(storage, a_payment(number, offline=True, created_at=later(number)))
    await add(storage, a_payment(5), a_paid_payment(6))
    confirmed = tell(await show(storage, 2), 1, succeeded(), rank=Rank.PERSON)
    await save(storage, confirmed)
    queue = await storage.views.awaiting(ACME, 10)
    assert list(queue) == [await show(storage, number) for number in (1, 3, 4)]
    assert numbers(await storage.views.awaiting(ACME, 2)) == [1, 3]


# Timelines


async def test_a_timeline_tells_every_event_in_order(storage: Storage) -> None:
    payment = a_payment()
    await add(storage, payment)
    payment = await show(storage, 1)
    payment = tell(payment, 1, not_sent(), at=later(1), cause="reply of maya — über")
    payment = await save(storage, payment)
    await save(storage, tell(payment, 2, succeeded(), at=later(2)))
    entries = await storage.views.timeline(ACME, payment.id)
    assert [one.type for one in entries] == [
        "payment.initiated",
        "attempt.closed",
        "attempt.submitted",
        "payment.succeeded",
    ]
    assert [one.number for one in entries] == [1, 2, 3, 4]
    assert [one.at for one in entries] == [NOW, later(1), later(1), later(2)]
    first, second = attempt_id(payment, 1), attempt_id(payment, 2)
    assert [one.attempt_id for one in entries] == [None, first, second, second]
    assert entries[1].cause == "reply of maya — über"
    assert entries[1].data == {
        "provider": "maya",
        "failure": "provider_unavailable",
        "providerCode": "connection refused",
    }


async def test_events_are_told_as_they_happened(storage: Storage) -> None:
    """Late news of an earlier instant stands where it belongs."""
    await add(storage, a_payment())
    payment = await save(storage, tell(await show(storage, 1), 1, declined(), at=later(9)))
    await save(storage, tell(payment, 1, succeeded(), at=later(5), rank=Rank.CALLBACK))
    told = [(one.number, one.type) for one in await storage.views.timeline(ACME, payment.id)]
    assert told[0] == (1, "payment.initiated")
    assert told[-2:] == [(len(told) - 1, "attempt.closed"), (len(told), "payment.failed")]
    assert "payment.succeeded" in dict(told).values()


async def test_an_event_without_data_has_none(storage: Storage) -> None:
    await add(storage, a_payment(providers=()))
    *_, failed = await storage.views.timeline(ACME, payment_id())
    assert (failed.type, failed.data, failed.cause) == ("payment.failed", {}, "router")


async def test_a_refund_stands_on_its_payments_timeline(storage: Storage) -> None:
    refund = await a_stored_refund(storage, 1)
    async with storage.units(ACME) as unit:
        fact = said(succeeded(refund.amount), at=later(60), send=1)
        unit.refunds.save(refund.submit(later(50)).hear(fact))
        await unit.commit()
    last = (await storage.views.timeline(ACME, payment_id()))[-1]
    assert (last.type, last.refund_id) == ("refund.succeeded", refund.id)
    assert last.data == {"amount": "500.00"}


async def test_the_timeline_of_nothing_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await storage.views.timeline(ACME, payment_id(404))


async def test_what_was_not_committed_did_not_happen(storage: Storage) -> None:
    await add(storage, a_payment())
    async with storage.units(ACME) as unit:
        unit.payments.save(tell(await unit.payments.get(payment_id()), 1, succeeded()))
    assert len(await storage.views.timeline(ACME, payment_id())) == 1


# Refunds


async def a_stored_refund(storage: Storage, number: int, **more: Any) -> Refund:
    payment = a_paid_payment()
    async with storage.units(ACME) as unit:
        if number == 1:
            unit.payments.add(payment)
            await unit.commit()
    async with storage.units(ACME) as unit:
        stored = unit.refunds.add(a_refund(payment, number, php("500.00"), **more))
        await unit.commit()
    return stored


async def test_refunds_are_listed_oldest_first_without_evidence(storage: Storage) -> None:
    first = await a_stored_refund(storage, 1, created_at=later(10))
    third = await a_stored_refund(storage, 2, created_at=later(30))
    second = await a_stored_refund(storage, 3, created_at=later(20))
    async with storage.units(ACME) as unit:
        told = first.submit(later(40)).hear(said(pending("rf-1"), send=1))
        first = unit.refunds.save(told)
        await unit.commit()
    found = await storage.views.refunds(ACME, payment_id())
    assert list(found) == [replace(first, evidence=()), second, third]
    assert await storage.views.refunds(ACME, payment_id(2)) == []


async def test_a_refund_is_found_by_its_id_and_tenant(storage: Storage) -> None:
    stored = await a_stored_refund(storage, 1)
    assert await storage.views.refund(ACME, stored.id) == stored
    for tenant, refund in ((OTHER, stored.id), (ACME, RefundId("rfd_404"))):
        with pytest.raises(NotFound):
            await storage.views.refund(tenant, refund)


# What waits for a person


async def test_a_paid_payment_with_another_attempt_in_doubt_waits_too(storage: Storage) -> None:
    late = tell(tell(a_payment(2), 1, not_sent()), 2, succeeded())
    doubted = tell(late, 1, succeeded(php("900.00")), rank=Rank.QUERY)
    offline = a_payment(1, offline=True)
    theirs = tell(tell(a_payment(9, tenant_id=OTHER), 1, not_sent()), 2, succeeded())
    theirs = tell(theirs, 1, succeeded(), rank=Rank.TIMEOUT)  # against the reply: a contradiction
    await add(storage, offline, doubted, a_paid_payment(3), theirs)
    assert numbers(await storage.views.awaiting(ACME, 10)) == [1, 2]
    assert numbers(await storage.views.awaiting(ACME, 1)) == [1]
    assert numbers(await storage.views.awaiting(OTHER, 10)) == [9]
    decided = tell(await whole(storage, 2), 1, declined(), rank=Rank.PERSON)
    await save(storage, decided)
    assert numbers(await storage.views.awaiting(ACME, 10)) == [1]


async def test_what_a_person_saw_was_taken_is_kept(storage: Storage) -> None:
    late = tell(tell(a_payment(), 1, not_sent()), 2, succeeded())
    taken = tell(late, 1, succeeded(php("900.00")), rank=Rank.PERSON)
    await add(storage, taken)
    (first, _) = (await show(storage, 1)).attempts
    assert (first.taken, first.took, first.surplus) == (php("900.00"), php("900.00"), True)


async def test_refunds_that_wait_for_a_person_are_listed_oldest_first(storage: Storage) -> None:
    payment = a_paid_payment()
    await add(storage, payment)
    waiting = [
        a_refund(payment, number, php("1.00"), created_at=later(second)).submit(NOW).hand_over(NOW)
        for number, second in ((11, 9), (12, 3))
    ]
    async with storage.units(ACME) as unit:
        for one in (*waiting, a_refund(payment, 13, php("1.00")).submit(NOW)):
            unit.refunds.add(one)
        await unit.commit()
    found = await storage.views.awaiting_refunds(ACME, 10)
    assert [one.id for one in found] == [waiting[1].id, waiting[0].id]
    assert all(one.with_person and one.sent_at == NOW for one in found)
    assert [one.id for one in await storage.views.awaiting_refunds(ACME, 1)] == [waiting[1].id]
    assert list(await storage.views.awaiting_refunds(OTHER, 10)) == []

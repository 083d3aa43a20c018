"""The contract of the ledger: journals come with the moves they book, once, and add up for ever."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from domain.errors import DuplicateKey, NotFound, NotStored, StaleVersion
from domain.fees.schedule import Bearer
from domain.ids import JournalId, TenantId
from domain.ledger.journal import Journal, JournalKind, Transfer
from domain.money import Money
from domain.payments.attempt import Booking
from domain.payments.evidence import Rank
from domain.payments.payment import Payment
from domain.payments.refund import Refund, Returned
from domain.ports.ledger import Balance, Entry, Place
from tests.builders import (
    ACME,
    JPY,
    NOW,
    OTHER,
    PHP,
    a_paid_payment,
    a_payment,
    a_refund,
    attempt_id,
    current,
    declined,
    later,
    payment_id,
    php,
    said,
    succeeded,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio

DUE = php("1500.00")


async def saved(storage: Storage, payment: Payment) -> Payment:
    async with storage.units(ACME) as unit:
        stored = unit.payments.save(payment)
        await unit.commit()
    return stored


async def added(storage: Storage, payment: Payment, tenant_id: TenantId = ACME) -> Payment:
    async with storage.units(tenant_id) as unit:
        stored = unit.payments.add(payment)
        await unit.commit()
    return stored


async def posted(
    storage: Storage, number: int, *transfers: Transfer, at: datetime = NOW, **more: str
) -> JournalId:
    name = JournalId(f"jrn_{number:026d}")
    async with storage.units(ACME) as unit:
        unit.ledger.post(Journal(JournalKind.SETTLED, at, "rec_1", transfers, **more), name)  # type: ignore[arg-type]
        await unit.commit()
    return name


async def balances(
    storage: Storage, at: datetime | None = None, tenant_id: TenantId = ACME
) -> dict[str, tuple[int, int]]:
    found = await storage.ledger.balances(tenant_id, at)
    return {
        f"{one.account} {one.currency.code}": (one.debit_minor, one.credit_minor) for one in found
    }


async def entries(storage: Storage, account: str, limit: int = 10) -> Sequence[Entry]:
    return (await storage.ledger.entries(ACME, account, None, limit)).entries


async def test_a_payments_journal_is_stored_with_its_move(storage: Storage) -> None:
    payment = await added(storage, a_payment(providers=("maya",), bearer=Bearer.PAYER))
    first = attempt_id(payment)
    paid = payment.hear(first, said(succeeded(current(payment).charged), at=later(7.000001)))
    stored = await saved(storage, paid)
    assert (stored.journals, current(stored).booked) == ((), Booking.PAID)
    async with storage.units(ACME) as unit:
        assert await unit.payments.get(payment.id) == stored
    name = JournalId(f"jrn_{payment.id[4:]}000100")
    found = await storage.ledger.journal(ACME, name)
    assert (found.id, found.journal) == (name, paid.journals[0])
    assert await balances(storage) == {
        "fee_recovery PHP": (0, 5_250),
        "provider_fees PHP": (5_250, 0),
        "receivable:maya PHP": (150_000, 0),
        "sales PHP": (0, 150_000),
    }


async def test_a_payment_that_is_paid_when_it_is_added_is_booked_too(storage: Storage) -> None:
    payment = a_paid_payment()
    await added(storage, payment)
    found = await storage.ledger.journal(ACME, JournalId(f"jrn_{payment.id[4:]}000000"))
    assert found.journal == payment.journals[0]


async def test_every_booking_is_read_back(storage: Storage) -> None:
    payment = a_payment().hear(attempt_id(a_payment()), said(declined(elsewhere=True)))
    payment = payment.hear(attempt_id(payment, 2), said(succeeded(DUE)))
    payment = payment.hear(attempt_id(payment), said(succeeded(DUE), Rank.CALLBACK))
    await added(storage, payment)
    async with storage.units(ACME) as unit:
        read = await unit.payments.get(payment.id)
        assert (await unit.payments.show(payment.id)).attempts[0].booked is Booking.SURPLUS
    assert [one.booked for one in read.attempts] == [Booking.SURPLUS, Booking.PAID]
    assert len(await entries(storage, "surplus")) == 1


async def test_a_refunds_journals_are_stored_with_its_moves(storage: Storage) -> None:
    refund = await refunded(storage)
    assert refund.journals == ()
    back = refund.hear(said(declined(), Rank.QUERY, at=later(60)))
    async with storage.units(ACME) as unit:
        stored = unit.refunds.save(back)
        await unit.commit()
    assert stored.journals == ()
    assert [(one.kind, one.is_debit, one.contra) for one in await entries(storage, "refunds")] == [
        ("refund_reversed", False, "receivable:maya"),
        ("refunded", True, "receivable:maya"),
    ]
    newest = (await entries(storage, "refunds"))[0]
    assert newest.journal_id == f"jrn_{refund.id[4:]}000100"
    assert (newest.subject, newest.payment_id) == (refund.id, refund.payment_id)


async def refunded(storage: Storage) -> Refund:
    """A payment is paid, and given back whole."""
    payment = await added(storage, a_paid_payment(providers=("maya",)))
    refund = a_refund(payment, 11).submit(NOW).hear(said(succeeded(DUE)))
    async with storage.units(ACME) as unit:
        stored = unit.refunds.add(refund)
        await unit.commit()
    return stored


async def test_a_payments_refunds_are_added_up(storage: Storage) -> None:
    payment = await added(storage, a_paid_payment())
    sent = [a_refund(payment, 10 + n, php(f"{n}.00")).submit(NOW) for n in range(1, 4)]
    async with storage.units(ACME) as unit:
        assert await unit.refunds.returned(payment.id) == Returned()
        unit.refunds.add(sent[0].hear(said(succeeded(sent[0].amount))))
        unit.refunds.add(sent[1])
        unit.refunds.add(sent[2].hear(said(declined())))
        unit.refunds.add(a_refund(payment, 14, php("4.00")))
        unit.refunds.add(a_refund(payment, 15, php("5.00"), surplus=True))
        await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.refunds.returned(payment.id) == Returned(600, 100)
    async with storage.units(OTHER) as unit:
        assert await unit.refunds.returned(payment.id) == Returned()


async def test_a_lost_race_books_nothing(storage: Storage) -> None:
    payment = await added(storage, a_payment())
    first = payment.hear(attempt_id(payment), said(succeeded(DUE)))
    second = payment.hear(attempt_id(payment), said(succeeded(DUE), Rank.CALLBACK))
    await saved(storage, first)
    with pytest.raises(StaleVersion):
        await saved(storage, second)
    assert (await balances(storage))["sales PHP"] == (0, 150_000)


async def test_a_unit_that_is_left_without_commit_posts_nothing(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        transfers = (Transfer("bank", "sales", DUE),)
        journal = Journal(JournalKind.SETTLED, NOW, "rec_1", transfers)
        unit.ledger.post(journal, JournalId("jrn_1"))
    assert await balances(storage) == {}


async def test_a_journal_of_no_payment_is_posted_once(storage: Storage) -> None:
    one = Transfer("bank", "receivable:maya", DUE)
    other = Transfer("adjustments", "receivable:maya", php("0.01"))
    name = await posted(storage, 1, one, other, reason="défaut “réglé” 💸")
    found = await storage.ledger.journal(ACME, name)
    assert found.journal.transfers == (one, other)
    assert found.journal.reason == "défaut “réglé” 💸"
    assert found.journal.payment_id is None
    for transfers in ((one, other), (one,)):
        with pytest.raises(DuplicateKey):
            await posted(storage, 1, *transfers)
    assert (await balances(storage))["bank PHP"] == (150_000, 0)


async def test_a_journal_is_of_a_payment_that_is_here(storage: Storage) -> None:
    with pytest.raises(NotStored):
        await posted(storage, 1, Transfer("bank", "sales", DUE), payment_id=payment_id(9))


async def test_an_unknown_journal_is_not_found(storage: Storage) -> None:
    name = await posted(storage, 1, Transfer("bank", "sales", DUE))
    with pytest.raises(NotFound):
        await storage.ledger.journal(ACME, JournalId("jrn_nowhere"))
    with pytest.raises(NotFound):
        await storage.ledger.journal(OTHER, name)


async def test_tenants_keep_their_own_books(storage: Storage) -> None:
    await added(storage, a_paid_payment(1, providers=("maya",)))
    await added(storage, a_paid_payment(2, providers=("gcash",), tenant_id=OTHER), OTHER)
    mine = await balances(storage)
    theirs = await balances(storage, tenant_id=OTHER)
    assert ("receivable:maya PHP" in mine, "receivable:maya PHP" in theirs) == (True, False)
    assert (await storage.ledger.entries(OTHER, "receivable:maya", None, 10)).entries == []


async def test_a_balance_is_as_of_an_instant_and_includes_it(storage: Storage) -> None:
    for second in (0, 1, 2):
        await posted(storage, second, Transfer("bank", "sales", php("1.00")), at=later(second))
    for seconds, minor in ((1, 200), (0.999999, 100), (2, 300)):
        assert (await balances(storage, later(seconds)))["sales PHP"] == (0, minor)
    assert await balances(storage, later(-1)) == {}
    assert (await balances(storage))["bank PHP"] == (300, 0)


async def test_balances_are_apart_by_currency_and_sorted(storage: Storage) -> None:
    yen = Transfer("bank", "sales", Money(7, JPY))
    await posted(storage, 1, Transfer("bank", "sales", DUE), yen, Transfer("sales", "bank", DUE))
    found = await storage.ledger.balances(ACME, None)
    assert found == [
        Balance("bank", JPY, 7, 0),
        Balance("bank", PHP, 150_000, 150_000),
        Balance("sales", JPY, 0, 7),
        Balance("sales", PHP, 150_000, 150_000),
    ]


async def test_sums_beyond_32_bits_are_exact(storage: Storage) -> None:
    most = Money(10**15, PHP)
    for number in range(20):
        await posted(storage, number, *[Transfer("bank", "sales", most)] * 50)
    assert (await balances(storage))["bank PHP"] == (10**18, 0)


async def test_an_accounts_entries_are_paged_newest_first(storage: Storage) -> None:
    """Both sides of it, several at the same instant, in one journal too."""
    there, back = Transfer("bank", "sales", php("2.00")), Transfer("sales", "bank", php("1.00"))
    for number, second in enumerate((1, 0, 1, 2)):
        other = Transfer("bank", "refunds", php("9.00"))
        await posted(storage, number, there, other, back, at=later(second))
    seen: list[tuple[str, int, bool]] = []
    before: Place | None = None
    for _ in range(10):
        page = await storage.ledger.entries(ACME, "sales", before, 3)
        seen += [(one.journal_id[-1], one.position, one.is_debit) for one in page.entries]
        if (before := page.next_before) is None:
            break
    assert seen == [(journal, position, position == 3) for journal in "3201" for position in (3, 1)]


async def test_a_page_stays_right_while_entries_are_added(storage: Storage) -> None:
    for second in range(3):
        await posted(storage, second, Transfer("bank", "sales", DUE), at=later(second))
    page = await storage.ledger.entries(ACME, "sales", None, 2)
    await posted(storage, 9, Transfer("bank", "sales", DUE), at=later(9))
    rest = await storage.ledger.entries(ACME, "sales", page.next_before, 2)
    assert [one.journal_id[-1] for one in (*page.entries, *rest.entries)] == ["2", "1", "0"]
    assert rest.next_before is None


async def test_an_account_that_was_never_used_has_no_entries(storage: Storage) -> None:
    await posted(storage, 1, Transfer("bank", "sales", DUE))
    assert await entries(storage, "nowhere") == []


async def test_an_entry_tells_both_sides_of_it(storage: Storage) -> None:
    await posted(storage, 1, Transfer("bank", "sales", DUE), at=later(1.5))
    (entry,) = await entries(storage, "bank")
    assert entry == Entry(
        journal_id=JournalId(f"jrn_{1:026d}"),
        position=1,
        kind="settled",
        at=later(1.5),
        account="bank",
        contra="sales",
        is_debit=True,
        amount=DUE,
        payment_id=None,
        subject="rec_1",
    )

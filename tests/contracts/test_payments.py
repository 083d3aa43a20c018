"""The contract of Payments: whole, versioned, fenced, apart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.currencies import currency
from domain.errors import Conflict, DuplicateKey, NotFound, NotStored, StaleVersion
from domain.fees.schedule import Bearer
from domain.money import Money
from domain.payments.evidence import Evidence, Rank
from domain.payments.intent import Customer
from domain.payments.outcome import (
    ActionType,
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)
from domain.payments.outcome import NotFound as ProviderNotFound
from domain.payments.payment import Payment
from domain.payments.routing import Health, Obstacle, Snapshot, route
from domain.tenants.tenant import Policy, Strategy
from tests.builders import (
    ACME,
    KWD,
    NOW,
    OTHER,
    PHP,
    USD,
    a_candidate,
    a_decision,
    a_failure,
    a_paid_payment,
    a_payment,
    an_intent,
    attempt_id,
    current,
    declined,
    later,
    not_sent,
    payment_id,
    pending,
    php,
    said,
    succeeded,
    unknown,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio


async def added(storage: Storage, payment: Payment) -> Payment:
    async with storage.units(payment.tenant_id) as unit:
        stored = unit.payments.add(payment)
        await unit.commit()
    return stored


async def saved(storage: Storage, payment: Payment) -> Payment:
    async with storage.units(payment.tenant_id) as unit:
        stored = unit.payments.save(payment)
        await unit.commit()
    return stored


async def found(storage: Storage, number: int = 1) -> Payment:
    async with storage.units(ACME) as unit:
        return await unit.payments.get(payment_id(number))


async def shown(storage: Storage, number: int = 1) -> Payment:
    async with storage.units(ACME) as unit:
        return await unit.payments.show(payment_id(number))


def tell(payment: Payment, number: int, answer: Answer, rank: Rank = Rank.REPLY) -> Payment:
    return payment.hear(attempt_id(payment, number), said(answer, rank))


# Units


async def test_what_is_not_committed_is_gone(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.payments.add(a_payment())
        with pytest.raises(NotFound):  # a unit does not see its own writes
            await unit.payments.get(payment_id())
    with pytest.raises(NotFound):
        await found(storage)


async def test_leaving_by_an_error_leaves_no_trace(storage: Storage) -> None:
    async def fails() -> None:
        async with storage.units(ACME) as unit:
            unit.payments.add(a_payment())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    with pytest.raises(NotFound):
        await found(storage)


async def test_a_committed_payment_is_seen_by_every_later_unit(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    assert await asyncio.gather(*(found(storage) for _ in range(8))) == [stored] * 8


async def test_a_unit_is_over_after_commit(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.payments.add(a_payment(1))
        await unit.commit()
        with pytest.raises(RuntimeError):
            unit.payments.add(a_payment(2))
    with pytest.raises(RuntimeError):
        unit.payments.add(a_payment(3))


async def test_a_unit_is_over_after_a_conflict(storage: Storage) -> None:
    await added(storage, a_payment())
    async with storage.units(ACME) as unit:
        unit.payments.add(a_payment())
        with pytest.raises(DuplicateKey):
            await unit.commit()
        with pytest.raises(RuntimeError):
            unit.payments.add(a_payment(2))


async def test_a_unit_is_stored_whole_or_not_at_all(storage: Storage) -> None:
    await added(storage, a_payment(1))
    async with storage.units(ACME) as unit:
        unit.payments.add(a_payment(2))
        unit.payments.add(a_payment(1))
        unit.payments.add(a_payment(3))
        with pytest.raises(DuplicateKey):
            await unit.commit()
    for number in (2, 3):
        with pytest.raises(NotFound):
            await found(storage, number)


async def test_an_empty_unit_commits(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        await unit.commit()


@pytest.mark.parametrize("tenant", ["", "a,b", "ten acme", "ten_é", "x" * 65, "ten_acme'--"])
async def test_a_tenants_id_can_name_but_one(storage: Storage, tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant id"):
        storage.units(tenant)  # type: ignore[arg-type]


# Tenants


async def test_a_tenant_never_sees_another(storage: Storage) -> None:
    payment = tell(a_payment(), 1, pending("ref-1"))
    await added(storage, payment)
    async with storage.units(OTHER) as unit:
        for read in (unit.payments.get, unit.payments.show):
            with pytest.raises(NotFound):
                await read(payment.id)
        assert await unit.payments.of_reference("ref-1") is None


async def test_a_tenant_cannot_move_anothers_payment(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    stolen = replace(tell(stored, 1, succeeded()), tenant_id=OTHER)
    async with storage.units(OTHER) as unit:
        unit.payments.save(stolen)
        with pytest.raises(StaleVersion):
            await unit.commit()
    assert await found(storage) == stored


async def test_a_unit_serves_one_tenant(storage: Storage) -> None:
    async with storage.units(OTHER) as unit:
        for write in (unit.payments.add, unit.payments.save):
            with pytest.raises(ValueError, match="another tenant"):
                write(a_payment())


# Versions


async def test_what_is_added_is_read_back_equal(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    assert await found(storage) == stored
    assert (stored.events, stored.opened) == ((), None)
    assert replace(stored, attempts=()) == replace(a_payment(), attempts=(), events=(), opened=None)


async def test_what_is_saved_is_read_back_equal_a_version_later(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    moved = tell(stored, 1, pending())
    again = await saved(storage, moved)
    assert again == await found(storage)
    assert again.version == stored.version + 1
    assert current(again).version == current(stored).version + 1
    assert (again.events, again.opened, current(again).unsaved) == ((), None, ())
    assert current(again).evidence == current(moved).evidence


async def test_a_payment_is_added_once(storage: Storage) -> None:
    await added(storage, a_payment())
    with pytest.raises(DuplicateKey):
        await added(storage, a_payment())


async def test_the_second_writer_of_one_version_loses(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    first = await saved(storage, tell(stored, 1, pending("first")))
    with pytest.raises(StaleVersion):
        await saved(storage, tell(stored, 1, pending("second")))
    assert await found(storage) == first


async def test_of_many_writers_of_one_version_one_wins(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    moves = [tell(stored, 1, pending(f"ref-{number}")) for number in range(20)]
    told = await asyncio.gather(*(saved(storage, one) for one in moves), return_exceptions=True)
    winners = [one for one in told if isinstance(one, Payment)]
    assert len(winners) == 1
    assert all(isinstance(one, StaleVersion | Payment) for one in told)
    assert await found(storage) == winners[0]


async def test_a_payment_that_is_not_there_cannot_be_saved(storage: Storage) -> None:
    for payment in (a_payment(), tell(a_payment(), 1, pending()), a_payment(providers=())):
        with pytest.raises(StaleVersion):
            await saved(storage, payment)


async def test_many_moves_are_stored_one_after_another(storage: Storage) -> None:
    payment = await added(storage, a_payment())
    for number in range(5):
        payment = await saved(storage, tell(payment, 1, pending(f"ref-{number}")))
        assert await found(storage) == payment
    assert payment.version == a_payment().version + 5
    assert len(current(payment).evidence) == 5


async def test_several_moves_are_stored_at_once(storage: Storage) -> None:
    payment = await added(storage, a_payment())
    payment = tell(tell(payment, 1, unknown()), 1, declined(elsewhere=True), Rank.QUERY)
    payment = tell(payment, 2, succeeded())
    stored = await saved(storage, payment)
    assert stored == await found(storage)
    assert (stored.paid_by, len(stored.attempts)) == (2, 2)


# The fence


async def test_the_fence_moves_to_the_next_attempt_in_one_unit(storage: Storage) -> None:
    payment = await added(storage, a_payment())
    moved = await saved(storage, tell(payment, 1, not_sent()))
    again = await found(storage)
    assert again == moved
    assert [one.fence for one in again.attempts] == [False, True]


async def test_a_second_attempt_cannot_hold_the_fence(storage: Storage) -> None:
    """Whatever the code above believes: the storage refuses two attempts with live money."""
    payment = await added(storage, a_payment())
    moved = tell(payment, 1, not_sent())
    first, second = moved.attempts
    with pytest.raises(Conflict):
        await saved(storage, replace(moved, attempts=(replace(first, fence=True), second)))
    assert await found(storage) == payment


async def test_a_stale_writer_cannot_open_a_second_attempt(storage: Storage) -> None:
    payment = await added(storage, a_payment())
    await saved(storage, tell(payment, 1, unknown()))
    with pytest.raises(Conflict):
        await saved(storage, tell(payment, 1, not_sent()))
    assert len((await found(storage)).attempts) == 1


async def test_a_late_success_beside_a_live_attempt_is_stored(storage: Storage) -> None:
    payment = await saved(storage, tell(await added(storage, a_payment()), 1, not_sent()))
    payment = await saved(storage, tell(payment, 1, succeeded(), Rank.CALLBACK))
    payment = await saved(storage, tell(payment, 2, succeeded(), Rank.CALLBACK))
    assert await found(storage) == payment
    assert [one.surplus for one in payment.attempts] == [False, True]


# Refunded money


async def test_a_payment_gives_back_no_more_than_it_took(storage: Storage) -> None:
    stored = await added(storage, a_paid_payment(amount=php("10.00")))
    with pytest.raises(NotStored):
        await saved(storage, replace(stored, refunded_minor=600, reserved_minor=401))
    full = await saved(storage, replace(stored, refunded_minor=600, reserved_minor=400))
    assert await found(storage) == full


# Evidence

NEXT = NextAction(
    type=ActionType.SHOW_QR,
    url="https://pay.example/ü?a=1&b=2",
    message="Scan — \"now\" 'please'",
    payload="0002010102\n\t\\",
    image_url="https://pay.example/qr.png",
    instructions="Línea 1\nLínea 2",
    reference_code="AB-12",
    client_secret="pi_1_secret_ü",
    publishable_key="pk_test_1",
    expires_at=later(0.000001),
)
NO = Failure(FailureCode.RISK_REJECTED, "Refusé 🚫", FailureKind.INVALID, "E-51 \u2028")
EVERY_ANSWER: Sequence[Answer] = (
    Succeeded(amount=php("1500.00"), provider_reference="ref-é"),
    Succeeded(amount=Money(1, KWD)),
    Succeeded(amount=Money(10**15, currency("CLF")), provider_reference=""),
    Pending(),
    Pending(provider_reference="r", next_action=NextAction(type=ActionType.REDIRECT, url="u")),
    Pending(provider_reference="r", next_action=NEXT),
    Declined(failure=NO),
    Declined(failure=a_failure(provider_code=None), elsewhere=True, provider_reference="r"),
    NotSent("DNS: näme not known"),
    NotSent(""),
    Unknown(reason="read timeout", timed_out=True, provider_reference="r"),
    Unknown(reason=""),
    ProviderNotFound(),
    ProviderNotFound("no such order"),
)


@pytest.mark.parametrize("answer", EVERY_ANSWER, ids=repr)
async def test_evidence_is_read_back_as_it_was_told(storage: Storage, answer: Answer) -> None:
    fact = Evidence(
        id="acc_1:evt/1 ü",
        rank=Rank.SETTLEMENT,
        answer=answer,
        at=datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        cause="callback of maya — née",
        conclusive=True,
        send=3,
    )
    payment = a_payment(providers=("maya",))
    await added(storage, payment.hear(attempt_id(payment), fact))
    (again,) = current(await found(storage)).evidence
    assert again == fact
    assert type(again.answer) is type(answer)
    assert type(again.rank) is Rank
    assert again.at.utcoffset() == timedelta(0)


async def test_evidence_keeps_the_order_in_which_it_was_heard(storage: Storage) -> None:
    payment = await added(storage, a_payment())
    facts = [said(pending(), at=later(-number), id=f"{9 - number}") for number in range(9)]
    for pair in zip(facts[::2], [*facts[1::2], None], strict=True):
        for fact in pair:
            payment = payment.hear(attempt_id(payment), fact) if fact else payment
        payment = await saved(storage, payment)
    assert list(current(await found(storage)).evidence) == facts


async def test_the_same_evidence_is_kept_once(storage: Storage) -> None:
    fact = said(pending())
    stored = await added(storage, a_payment())
    stored = await saved(storage, stored.hear(attempt_id(stored), fact))
    again = await found(storage)
    assert again.hear(attempt_id(again), fact) is again
    await saved(storage, again)
    assert current(await found(storage)).evidence == (fact,)


async def test_of_two_who_bring_the_same_evidence_one_is_late(storage: Storage) -> None:
    fact, stored = said(pending()), await added(storage, a_payment())
    both = [saved(storage, stored.hear(attempt_id(stored), fact)) for _ in range(2)]
    told = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Payment", "StaleVersion"]
    assert current(await found(storage)).evidence == (fact,)


async def test_two_attempts_may_be_told_the_same(storage: Storage) -> None:
    fact = said(not_sent())
    payment = await added(storage, a_payment())
    payment = payment.hear(attempt_id(payment, 1), fact)
    payment = payment.hear(attempt_id(payment, 2), fact)
    assert await saved(storage, payment) == await found(storage)


# Every field


async def test_a_payment_is_read_back_with_every_field(storage: Storage) -> None:
    amount = Money(123_456, KWD)
    candidates = (
        a_candidate("maya", amount, bearer=Bearer.PAYER, health=Health("half_open", 7, 9)),
        a_candidate(
            "gcash", amount, fee=None, obstacle=Obstacle.NO_PRICE, detail="no price — für KWD"
        ),
        a_candidate("cash", amount, bearer=Bearer.PAYER, offline=True),
    )
    snapshot = Snapshot(
        candidates=candidates,
        policy=Policy(Strategy.SPLIT, ("cash", "maya"), {"maya": 30, "cash": 70}, 7),
        method="maya",
        default_method="cash",
        sticky="cus_ü",
    )
    intent = an_intent(
        amount,
        reference="ord/1 \u00e9\u0301 🎫",
        customer=Customer(id="cus_ü", name="Łucja O'Neil\n", email="ł@é.example", phone="+1"),
        method="maya",
        bearer=Bearer.PAYER,
        description="",
        metadata={"": "empty key", "emoji 🎟": "\\\"'", "k": ""},
        created_at=later(0.123456),
    )
    payment = Payment.initiate(payment_id(), ACME, intent, route(snapshot))
    assert await added(storage, payment) == await found(storage)
    again = await found(storage)
    assert again.intent == intent
    assert again.decision == payment.decision
    assert route(again.decision.snapshot) == again.decision
    assert again.fee == payment.fee


async def test_a_payment_of_nobody_is_read_back(storage: Storage) -> None:
    nobody = an_intent(
        customer=Customer(), method=None, country=None, return_url=None, metadata={}, reference="r"
    )
    payment = Payment.initiate(payment_id(), ACME, nobody, a_decision())
    assert await added(storage, payment) == await found(storage)
    assert (await found(storage)).intent == nobody


async def test_a_payment_no_provider_could_take_is_read_back(storage: Storage) -> None:
    stored = await added(storage, a_payment(providers=()))
    assert stored == await found(storage) == await shown(storage)
    assert stored.failure is not None


async def test_times_keep_their_instant_whatever_their_zone(storage: Storage) -> None:
    manila = timezone(timedelta(hours=8))
    await added(storage, a_payment(created_at=NOW.astimezone(manila)))
    again = (await found(storage)).intent.created_at
    assert again == NOW
    assert again.utcoffset() is not None


async def test_every_state_of_an_attempt_is_read_back(storage: Storage) -> None:
    stories = [
        tell(a_payment(1), 1, Pending(provider_reference="r", next_action=NEXT)),
        tell(a_payment(2), 1, Declined(failure=NO, elsewhere=True)),
        tell(a_payment(3), 1, succeeded(Money(1, USD)), Rank.CALLBACK),
        tell(tell(a_payment(4), 1, succeeded()), 1, declined(), Rank.QUERY),
        tell(tell(a_payment(5), 1, not_sent()), 2, succeeded()),
        a_payment(6).hand_over(attempt_id(a_payment(6)), later(5)),
        a_payment(7).prepared(attempt_id(a_payment(7)), "pi_1"),
        a_payment(8, offline=True),
        a_payment(9, bearer=Bearer.PAYER, amount=Money(10**15 // 2, PHP)),
    ]
    for number, story in enumerate(stories, 1):
        stored = await added(storage, story)
        assert stored == await found(storage, number), number


async def test_a_reference_learned_before_money_moves_is_stored(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    again = await saved(storage, stored.prepared(attempt_id(stored), "pi_1"))
    assert again == await found(storage)
    assert current(again).provider_reference == "pi_1"


async def test_what_is_shown_is_the_payment_without_its_evidence(storage: Storage) -> None:
    payment = tell(tell(await added(storage, a_payment()), 1, not_sent()), 2, pending())
    stored = await saved(storage, payment)
    bare = tuple(replace(one, evidence=()) for one in stored.attempts)
    assert await shown(storage) == replace(stored, attempts=bare)
    assert all(one.evidence for one in (await found(storage)).attempts)


async def test_a_payment_that_is_not_there_is_not_found(storage: Storage) -> None:
    for read in (found, shown):
        with pytest.raises(NotFound):
            await read(storage, 404)


# References of providers


async def of_reference(storage: Storage, reference: str) -> object:
    async with storage.units(ACME) as unit:
        return await unit.payments.of_reference(reference)


async def test_an_attempt_is_found_by_what_its_provider_calls_it(storage: Storage) -> None:
    stored = await added(storage, a_payment())
    assert await of_reference(storage, "ref-ü") is None
    await saved(storage, tell(stored, 1, pending("ref-ü")))
    assert await of_reference(storage, "ref-ü") == (stored.id, attempt_id(stored))
    assert await of_reference(storage, "REF-Ü") is None


async def test_the_newest_attempt_of_a_reference_is_meant(storage: Storage) -> None:
    for number, second in ((1, 0), (3, 20), (2, 10)):
        payment = a_payment(number, created_at=later(second))
        await added(storage, tell(payment, 1, pending("same")))
    assert await of_reference(storage, "same") == (payment_id(3), attempt_id(a_payment(3)))


async def test_all_attempts_of_a_reference_are_told_the_newest_first(storage: Storage) -> None:
    for number, second in ((1, 0), (3, 20), (2, 10)):
        payment = a_payment(number, created_at=later(second))
        await added(storage, tell(payment, 1, pending("same")))
    async with storage.units(ACME) as unit:
        newest = [(payment_id(one), attempt_id(a_payment(one))) for one in (3, 2, 1)]
        assert list(await unit.payments.all_of_reference("same", 9)) == newest
        assert list(await unit.payments.all_of_reference("same", 2)) == newest[:2]
        assert list(await unit.payments.all_of_reference("other", 9)) == []
    async with storage.units(OTHER) as unit:
        assert list(await unit.payments.all_of_reference("same", 9)) == []


async def test_a_reference_that_was_replaced_is_nobodys(storage: Storage) -> None:
    stored = await added(storage, tell(a_payment(), 1, pending("old")))
    await saved(storage, tell(stored, 1, pending("new"), Rank.QUERY))
    assert await of_reference(storage, "old") is None
    assert await of_reference(storage, "new") == (stored.id, attempt_id(stored))

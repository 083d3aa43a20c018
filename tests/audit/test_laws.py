"""Every law finds its planted breach, by the row's name, and an honest payment breaks none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.audit.dossier import Check, Dossier
from domain.audit.laws import LAWS, breaches
from domain.audit.trace_laws import none_overdue
from domain.fees.schedule import Bearer
from domain.ids import AttemptId
from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.payments.attempt import AttemptStatus, Booking
from domain.payments.events import Event, EventType
from domain.payments.evidence import Rank
from domain.payments.payment import Payment
from domain.payments.refund import MOST_SENDS, Refund, RefundState
from domain.payments.status import PaymentStatus
from tests.builders import (
    NOW,
    OTHER,
    PHP,
    USD,
    a_failure,
    a_payment,
    a_refund,
    declined,
    later,
    not_sent,
    pending,
    php,
    said,
    succeeded,
    unknown,
)
from tests.ledger import posted
from tests.wallets.builders import a_reward


def dossier(payment: Payment, *refunds: Refund) -> Dossier:
    """As it would be stored: with all its events, and a job for whatever is open."""
    created = [
        Event(EventType.REFUND_CREATED, NOW, "api", one.attempt_id, one.id)
        for one in refunds
        if not one.surplus
    ]
    told = [event for one in refunds for event in one.events]
    return Dossier(
        payment=payment,
        refunds=refunds,
        events=[*payment.events, *created, *told],
        journals=[
            posted(f"jrn_{number}", one)
            for number, one in enumerate(
                [*payment.journals, *(one for ref in refunds for one in ref.journals)]
            )
        ],
        worked_on=frozenset(
            [one.id for one in payment.attempts if one.is_live]
            + [one.id for one in refunds if not one.is_final]
        ),
    )


def hears(payment: Payment, *answers: Any, attempt: int = 1, rank: Rank = Rank.REPLY) -> Payment:
    for answer in answers:
        payment = payment.hear(payment.attempts[attempt - 1].id, said(answer, rank))
    return payment


def returned(payment: Payment, amount: Money | None = None, **more: Any) -> Refund:
    """A refund that the provider has given."""
    refund = a_refund(payment, amount=amount, **more).submit(NOW)
    return refund.hear(said(succeeded(refund.amount)))


def fallback() -> Payment:
    """The first provider could not be reached; the second has it."""
    return hears(hears(a_payment(), not_sent()), pending(), attempt=2)


def paid_twice() -> Payment:
    """The second paid; then the first said that it had taken it after all."""
    payment = hears(fallback(), succeeded(fallback().attempts[1].charged), attempt=2)
    charged = payment.attempts[0].charged
    return hears(payment, succeeded(charged), rank=Rank.QUERY)


PAID = hears(a_payment(), succeeded())
PART = replace(PAID, refunded_minor=50_000, reserved_minor=25_000)
PART_REFUNDS = (
    returned(PAID, php("500.00")),
    a_refund(PAID, 2, php("250.00")).submit(NOW),
    replace(
        a_refund(PAID, 3, php("1.00")).submit(NOW).hear(said(declined())),
    ),
)
TWICE = paid_twice()
SURPLUS = a_refund(
    TWICE,
    attempt_id=TWICE.attempts[0].id,
    amount=TWICE.attempts[0].charged,
    surplus=True,
)

REFUSED = SURPLUS.submit(NOW).hear(said(declined()))
BY_HAND = REFUSED.hear(said(succeeded(SURPLUS.amount), Rank.PERSON))
HELD = replace(PAID, reserved_minor=150_000)
LOST = a_refund(PAID).submit(NOW).hear(said(unknown(), Rank.TIMEOUT))
WRONG_TWICE = hears(
    hears(fallback(), succeeded(), attempt=2), succeeded(php("900.00")), rank=Rank.QUERY
)
SENT_BACK = hears(WRONG_TWICE, succeeded(php("900.00")), rank=Rank.PERSON)
BACK = replace(SURPLUS, amount=php("900.00"))

HONEST = {
    "just initiated": dossier(a_payment()),
    "nobody could": dossier(a_payment(providers=())),
    "offline": dossier(a_payment(offline=True)),
    "offline, pending": dossier(hears(a_payment(offline=True), pending())),
    "pending": dossier(hears(a_payment(), pending())),
    "unknown": dossier(hears(a_payment(), unknown())),
    "declined": dossier(hears(a_payment(), declined())),
    "declined everywhere": dossier(
        hears(hears(a_payment(), declined(elsewhere=True)), declined(), attempt=2)
    ),
    "second provider": dossier(fallback()),
    "paid": dossier(PAID),
    "payer bears": dossier(a_payment(bearer=Bearer.PAYER)),
    "mismatch": dossier(hears(a_payment(), succeeded(php("1.00")))),
    "disputed": dossier(hears(hears(a_payment(), declined()), succeeded())),
    "paid, then denied": dossier(hears(PAID, declined(), rank=Rank.QUERY)),
    "with a person": dossier(a_payment().hand_over(a_payment().attempts[0].id, NOW)),
    "partly refunded": dossier(PART, *PART_REFUNDS),
    "paid twice": dossier(TWICE, SURPLUS),
    "refused for good, with a person": dossier(TWICE, REFUSED),
    "given back by hand": dossier(TWICE, BY_HAND),
    "nobody knows, with a person": dossier(HELD, LOST.hand_over(NOW)),
    "another amount, paid already": dossier(WRONG_TWICE),
    "another amount, on its way back": dossier(SENT_BACK, BACK),
    "rewarded": replace(dossier(PAID), reward=a_reward(PAID, granted_minor=150)),
    "about to be rewarded": replace(dossier(PAID), reward=a_reward(PAID), rewarding=True),
    "rewarded for what is left": replace(
        dossier(PART, *PART_REFUNDS), reward=a_reward(PAID, granted_minor=100)
    ),
    "rewarded and in dispute": replace(
        dossier(hears(PAID, declined(), rank=Rank.QUERY)), reward=a_reward(PAID, granted_minor=150)
    ),
}


@pytest.mark.parametrize("honest", HONEST.values(), ids=HONEST.keys())
def test_an_honest_payment_breaks_no_law(honest: Dossier) -> None:
    assert breaches(honest) == []


def attempt(one: Dossier, **changes: Any) -> Dossier:
    """With its first attempt changed behind everybody's back."""
    attempts = list(one.payment.attempts)
    attempts[0] = replace(attempts[0], **changes)
    return replace(one, payment=replace(one.payment, attempts=tuple(attempts)))


def payment(one: Dossier, **changes: Any) -> Dossier:
    return replace(one, payment=replace(one.payment, **changes))


def refund(one: Dossier, place: int = 0, **changes: Any) -> Dossier:
    refunds = list(one.refunds)
    refunds[place] = replace(refunds[place], **changes)
    return replace(one, refunds=refunds)


def journal(one: Dossier, **changes: Any) -> Dossier:
    """With its first journal changed."""
    return replace(one, journals=[replace(one.journals[0], **changes), *one.journals[1:]])


def move(minor: int) -> tuple[str, str, int, str]:
    return "receivable:gcash", "sales", minor, "PHP"


def without(one: Dossier, *kinds: EventType) -> Dossier:
    return replace(one, events=[event for event in one.events if event.type not in kinds])


def fee(one: Dossier, **changes: Any) -> Dossier:
    return attempt(one, fee=replace(one.payment.attempts[0].fee, **changes))


PENDING, UNKNOWN, MISMATCH = HONEST["pending"], HONEST["unknown"], HONEST["mismatch"]
PAID_D, PART_D, TWICE_D = HONEST["paid"], HONEST["partly refunded"], HONEST["paid twice"]
SECOND = HONEST["second provider"]
WRONG = AttemptId("att_" + "9" * 28)
Plant = Callable[[], Dossier]
PLANTED: list[tuple[Check, Plant]] = [
    (Check.EVIDENCE, lambda: attempt(PENDING, status=AttemptStatus.INDETERMINATE)),
    (Check.EVIDENCE, lambda: attempt(PENDING, evidence=())),
    (Check.EVIDENCE, lambda: attempt(PENDING, provider_reference="another")),
    (Check.EVIDENCE, lambda: attempt(PENDING, failure=a_failure())),
    (Check.EVIDENCE, lambda: attempt(PENDING, finished_at=NOW)),
    (Check.EVIDENCE, lambda: attempt(PENDING, elsewhere=True)),
    (Check.EVIDENCE, lambda: attempt(UNKNOWN, mismatch=True)),
    (Check.EVIDENCE, lambda: attempt(MISMATCH, mismatch=False)),
    (Check.EVIDENCE, lambda: attempt(HONEST["paid, then denied"], contradiction=False)),
    (Check.EVIDENCE, lambda: refund(PART_D, evidence=())),
    (
        Check.EVIDENCE,
        lambda: refund(PART_D, evidence=(said(succeeded(php("1.00"))),)),
    ),
    (Check.FENCE, lambda: attempt(SECOND, fence=True)),
    (Check.FENCE, lambda: attempt(SECOND, number=2)),
    (Check.FENCE, lambda: attempt(PENDING, id=WRONG)),
    (Check.PAID, lambda: payment(PAID_D, paid_by=None)),
    (Check.PAID, lambda: payment(PAID_D, paid_by=2)),
    (Check.PAID, lambda: payment(PENDING, paid_by=1)),
    (Check.PAID, lambda: attempt(TWICE_D, surplus=False)),
    (Check.STATUS, lambda: payment(PENDING, status=PaymentStatus.FAILED)),
    (Check.STATUS, lambda: payment(PAID_D, status=PaymentStatus.PENDING)),
    (Check.STATUS, lambda: payment(HONEST["nobody could"], status=PaymentStatus.PENDING)),
    (Check.STATUS, lambda: attempt(PENDING, with_person=True)),
    (Check.REFUNDS, lambda: payment(PART_D, refunded_minor=0)),
    (Check.REFUNDS, lambda: payment(PART_D, reserved_minor=0)),
    (Check.REFUNDS, lambda: payment(PAID_D, reserved_minor=1)),
    (Check.REFUNDS, lambda: refund(PART_D, amount=php("1500.00"))),
    (Check.REFUNDS, lambda: refund(PART_D, amount=php("9999.00"))),
    (Check.REFUNDS, lambda: refund(PART_D, amount=Money(50_000, USD))),
    (Check.REFUNDS, lambda: refund(PART_D, 2, amount=Money(0, PHP))),
    (Check.REFUNDS, lambda: refund(PART_D, attempt_id=WRONG)),
    (Check.SURPLUS, lambda: replace(TWICE_D, refunds=())),
    (Check.SURPLUS, lambda: refund(TWICE_D, surplus=False)),
    (Check.SURPLUS, lambda: refund(TWICE_D, amount=php("1.00"))),
    (Check.SURPLUS, lambda: refund(TWICE_D, state=RefundState.FAILED)),
    (Check.SURPLUS, lambda: refund(dossier(TWICE, REFUSED), with_person=False)),
    (Check.SURPLUS, lambda: refund(dossier(SENT_BACK, BACK), amount=php("1500.00"))),
    (Check.EVIDENCE, lambda: attempt(dossier(SENT_BACK, BACK), taken=None)),
    (Check.EVENTS, lambda: without(dossier(TWICE, REFUSED), EventType.REFUND_AWAITING)),
    (
        Check.SURPLUS,
        lambda: refund(TWICE_D, state=RefundState.CREATED, sends=MOST_SENDS + 1),
    ),
    (Check.AMOUNTS, lambda: attempt(PENDING, charged=php("1500.01"))),
    (Check.AMOUNTS, lambda: attempt(PENDING, charged=Money(150_000, USD))),
    (Check.AMOUNTS, lambda: fee(PENDING, bearer=Bearer.PAYER)),
    (Check.AMOUNTS, lambda: fee(PENDING, currency=USD)),
    (Check.AMOUNTS, lambda: fee(PENDING, percentage_minor=3751)),
    (Check.AMOUNTS, lambda: fee(PENDING, minor=-1)),
    (Check.AMOUNTS, lambda: fee(HONEST["payer bears"], minor=1)),
    (
        Check.AMOUNTS,
        lambda: payment(
            HONEST["nobody could"],
            intent=replace(HONEST["nobody could"].payment.intent, amount=Money(0, PHP)),
        ),
    ),
    (Check.JOURNALS, lambda: journal(PAID_D, transfers=[])),
    (Check.JOURNALS, lambda: journal(PAID_D, size=3)),
    (Check.JOURNALS, lambda: journal(PAID_D, transfers=[move(0), move(1)])),
    (Check.JOURNALS, lambda: journal(PAID_D, transfers=[move(-1), move(1)])),
    (Check.JOURNALS, lambda: journal(PAID_D, transfers=[("sales", "sales", 1, "PHP"), move(1)])),
    (Check.LEDGER, lambda: replace(PAID_D, journals=[])),
    (Check.LEDGER, lambda: replace(PAID_D, journals=[*PAID_D.journals, *PAID_D.journals])),
    (Check.LEDGER, lambda: replace(PENDING, journals=PAID_D.journals)),
    (Check.LEDGER, lambda: attempt(PAID_D, booked=Booking.NONE)),
    (Check.LEDGER, lambda: attempt(PENDING, booked=Booking.PAID)),
    (Check.LEDGER, lambda: attempt(HONEST["paid, then denied"], booked=Booking.NONE)),
    (Check.LEDGER, lambda: attempt(TWICE_D, booked=Booking.PAID)),
    (Check.LEDGER, lambda: journal(PAID_D, subject=WRONG)),
    (Check.LEDGER, lambda: journal(PAID_D, kind=JournalKind.SURPLUS)),
    (Check.LEDGER, lambda: journal(PAID_D, transfers=[move(1), move(2)])),
    (Check.LEDGER, lambda: replace(PART_D, journals=PART_D.journals[:1])),
    (Check.LEDGER, lambda: refund(PART_D, state=RefundState.FAILED)),
    (Check.LEDGER, lambda: refund(PART_D, 1, state=RefundState.SUCCEEDED)),
    (Check.LEDGER, lambda: refund(PART_D, surplus=True)),
    (Check.LEDGER, lambda: refund(PART_D, amount=Money(-50_000, PHP))),
    (Check.LEDGER, lambda: refund(TWICE_D, state=RefundState.SUCCEEDED)),
    (Check.EVENTS, lambda: without(PENDING, EventType.INITIATED)),
    (Check.EVENTS, lambda: without(PENDING, EventType.PENDING)),
    (Check.EVENTS, lambda: without(UNKNOWN, EventType.ATTEMPT_UNKNOWN)),
    (Check.EVENTS, lambda: without(PAID_D, EventType.SUCCEEDED)),
    (Check.EVENTS, lambda: without(HONEST["declined"], EventType.FAILED)),
    (Check.EVENTS, lambda: without(HONEST["nobody could"], EventType.FAILED)),
    (Check.EVENTS, lambda: without(HONEST["declined"], EventType.ATTEMPT_CLOSED)),
    (Check.EVENTS, lambda: without(SECOND, EventType.ATTEMPT_OPENED)),
    (Check.EVENTS, lambda: without(MISMATCH, EventType.MISMATCH)),
    (Check.EVENTS, lambda: without(MISMATCH, EventType.AWAITING_VERIFICATION)),
    (Check.EVENTS, lambda: without(TWICE_D, EventType.SURPLUS)),
    (Check.EVENTS, lambda: without(PART_D, EventType.REFUND_CREATED)),
    (Check.EVENTS, lambda: without(PART_D, EventType.REFUND_SUCCEEDED)),
    (Check.EVENTS, lambda: without(PART_D, EventType.REFUND_FAILED)),
    (Check.WORK, lambda: replace(PENDING, worked_on=frozenset())),
    (Check.WORK, lambda: replace(HONEST["just initiated"], worked_on=frozenset())),
    (Check.WORK, lambda: replace(PART_D, worked_on=frozenset())),
    (Check.WORK, lambda: replace(TWICE_D, worked_on=frozenset())),
    (Check.WALLETS, lambda: replace(PAID_D, reward=a_reward(PAID))),
    (Check.WALLETS, lambda: replace(PAID_D, reward=a_reward(PAID, granted_minor=151))),
    (Check.WALLETS, lambda: replace(PART_D, reward=a_reward(PAID, granted_minor=150))),
    (Check.WALLETS, lambda: replace(PENDING, reward=a_reward(PAID, granted_minor=1))),
    (Check.TENANTS, lambda: refund(PART_D, tenant_id=OTHER)),
]


@pytest.mark.parametrize(
    ("check", "plant"), PLANTED, ids=[f"{check}-{at}" for at, (check, _) in enumerate(PLANTED)]
)
def test_a_planted_breach_is_found(check: Check, plant: Plant) -> None:
    found = [one for one in breaches(plant()) if one.check is check]
    assert found
    known = {plant().payment.id, WRONG}
    known |= {one.id for one in plant().payment.attempts} | {one.id for one in plant().refunds}
    known |= {one.id for one in plant().journals}
    assert {one.row for one in found} <= known
    assert all(one.told and one.tenant_id for one in found)


def test_every_law_has_a_planted_breach() -> None:
    assert {check for check, _ in PLANTED} == set(LAWS)


def test_what_a_person_has_needs_no_job() -> None:
    for name in ("with a person", "offline", "mismatch", "paid, then denied"):
        assert breaches(replace(HONEST[name], worked_on=frozenset())) == []


def test_an_attempt_that_was_never_sent_has_no_evidence_yet() -> None:
    one = attempt(HONEST["just initiated"], status=AttemptStatus.CREATED)
    assert breaches(one) == []


def test_the_state_of_an_attempt_is_told_in_words() -> None:
    (found,) = breaches(attempt(HONEST["pending"], next_action="somewhere"))
    assert found.told == "next_action is somewhere, its evidence says None"
    (found,) = breaches(attempt(HONEST["pending"], failure=a_failure()))
    assert found.told == "failure is something else, its evidence says None"


def test_what_nobody_knows_past_the_horizon_must_be_with_a_person() -> None:
    lost = dossier(HELD, LOST)
    assert list(none_overdue(lost, {"maya": NOW})) == []
    found = list(none_overdue(lost, {"maya": later(1), "gcash": later(9)}))
    assert [row for row, _ in found] == [LOST.id]
    for other in (LOST.hand_over(NOW), SURPLUS, BY_HAND):
        assert list(none_overdue(dossier(HELD, other), {"maya": later(1)})) == []

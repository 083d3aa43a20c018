"""Attempts as rows."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.sql import tables as t
from adapters.sql.rows.evidence import action_of, action_text, failure_of, failure_text
from adapters.sql.rows.money import fee_of, fee_text
from adapters.sql.rows.values import time, time_or_none, us, us_or_none, words
from adapters.sql.writes import Row
from domain.money import Money
from domain.payments.attempt import Attempt, AttemptStatus, Booking
from domain.payments.evidence import Evidence

STATUSES: Final = words(AttemptStatus)
BOOKINGS: Final = words(Booking)
STORED: Final = 1  # the version of an attempt stored for the first time; 0 was never stored

ATTEMPT_COLUMNS: Final = (
    t.attempts.c.id,
    t.attempts.c.number,
    t.attempts.c.provider,
    t.attempts.c.account_id,
    t.attempts.c.status,
    t.attempts.c.fence,
    t.attempts.c.offline,
    t.attempts.c.charged_minor,
    t.attempts.c.fee,
    t.attempts.c.provider_reference,
    t.attempts.c.next_action,
    t.attempts.c.failure,
    t.attempts.c.elsewhere,
    t.attempts.c.mismatch,
    t.attempts.c.contradiction,
    t.attempts.c.surplus,
    t.attempts.c.taken_minor,
    t.attempts.c.booked,
    t.attempts.c.with_person,
    t.attempts.c.opened_at,
    t.attempts.c.finished_at,
    t.attempts.c.version,
)


def attempt_row(attempt: Attempt, payment_id: str) -> Row:
    return {
        "payment_id": payment_id,
        "id": attempt.id,
        "number": attempt.number,
        "provider": attempt.provider,
        "account_id": attempt.account_id,
        "offline": attempt.offline,
        "charged_minor": attempt.charged.minor,
        "fee": fee_text(attempt.fee),
        "opened_at": us(attempt.opened_at),
        "version": STORED,
        **attempt_changes(attempt),
    }


def attempt_changes(attempt: Attempt) -> Row:
    """The columns that may change."""
    return {
        "status": attempt.status,
        "fence": attempt.fence,
        "provider_reference": attempt.provider_reference,
        "next_action": action_text(attempt.next_action),
        "failure": failure_text(attempt.failure),
        "elsewhere": attempt.elsewhere,
        "mismatch": attempt.mismatch,
        "contradiction": attempt.contradiction,
        "surplus": attempt.surplus,
        "taken_minor": attempt.taken.minor if attempt.taken is not None else None,
        "booked": attempt.booked,
        "with_person": attempt.with_person,
        "finished_at": us_or_none(attempt.finished_at),
    }


def attempt_of(columns: Sequence[Any], evidence: tuple[Evidence, ...] = ()) -> Attempt:
    """From ATTEMPT_COLUMNS. What is charged is in the fee's currency."""
    (
        attempt_id, number, provider, account_id, status, fence, offline, charged_minor,
        fee_stored, provider_reference, next_action, failure, elsewhere, mismatch, contradiction,
        surplus, taken_minor, booked, with_person, opened_at, finished_at, version,
    ) = columns  # fmt: skip
    fee = fee_of(fee_stored)
    return Attempt(
        id=attempt_id,
        number=number,
        provider=provider,
        account_id=account_id,
        charged=Money(charged_minor, fee.currency),
        fee=fee,
        opened_at=time(opened_at),
        status=STATUSES[status],
        offline=bool(offline),
        fence=bool(fence),
        evidence=evidence,
        provider_reference=provider_reference,
        next_action=action_of(next_action),
        failure=failure_of(failure),
        elsewhere=bool(elsewhere),
        mismatch=bool(mismatch),
        contradiction=bool(contradiction),
        surplus=bool(surplus),
        taken=Money(taken_minor, fee.currency) if taken_minor is not None else None,
        booked=BOOKINGS[booked],
        with_person=bool(with_person),
        finished_at=time_or_none(finished_at),
        version=version,
    )

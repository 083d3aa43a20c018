"""Refunds as rows."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.sql import tables as t
from adapters.sql.rows.evidence import failure_of, failure_text
from adapters.sql.rows.money import currency
from adapters.sql.rows.values import time, time_or_none, us, us_or_none, words
from adapters.sql.writes import Row
from domain.money import Money
from domain.payments.evidence import Evidence
from domain.payments.refund import Refund, RefundState

STATES: Final = words(RefundState)

REFUND_COLUMNS: Final = (
    t.refunds.c.id,
    t.refunds.c.tenant_id,
    t.refunds.c.payment_id,
    t.refunds.c.attempt_id,
    t.refunds.c.account_id,
    t.refunds.c.provider,
    t.refunds.c.amount_minor,
    t.refunds.c.currency,
    t.refunds.c.reason,
    t.refunds.c.surplus,
    t.refunds.c.state,
    t.refunds.c.sends,
    t.refunds.c.provider_reference,
    t.refunds.c.failure,
    t.refunds.c.with_person,
    t.refunds.c.sent_at,
    t.refunds.c.created_at,
    t.refunds.c.updated_at,
    t.refunds.c.version,
)
WIDTH: Final = len(REFUND_COLUMNS)


def refund_row(refund: Refund) -> Row:
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "attempt_id": refund.attempt_id,
        "account_id": refund.account_id,
        "provider": refund.provider,
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency.code,
        "reason": refund.reason,
        "surplus": refund.surplus,
        "created_at": us(refund.created_at),
        "version": refund.version,
        **refund_changes(refund),
    }


def refund_changes(refund: Refund) -> Row:
    """The columns that may change."""
    return {
        "state": refund.state,
        "sends": refund.sends,
        "provider_reference": refund.provider_reference,
        "failure": failure_text(refund.failure),
        "with_person": refund.with_person,
        "sent_at": us_or_none(refund.sent_at),
        "updated_at": us(refund.updated_at),
    }


def refund_of(columns: Sequence[Any], evidence: tuple[Evidence, ...] = ()) -> Refund:
    """From REFUND_COLUMNS."""
    (
        refund_id, tenant_id, payment_id, attempt_id, account_id, provider, amount_minor, code,
        reason, surplus, state, sends, provider_reference, failure, with_person, sent_at,
        created_at, updated_at, version,
    ) = columns  # fmt: skip
    return Refund(
        id=refund_id,
        tenant_id=tenant_id,
        payment_id=payment_id,
        attempt_id=attempt_id,
        account_id=account_id,
        provider=provider,
        amount=Money(amount_minor, currency(code)),
        reason=reason,
        created_at=time(created_at),
        updated_at=time(updated_at),
        surplus=bool(surplus),
        state=STATES[state],
        sends=sends,
        evidence=evidence,
        provider_reference=provider_reference,
        failure=failure_of(failure),
        with_person=bool(with_person),
        sent_at=time_or_none(sent_at),
        version=version,
    )

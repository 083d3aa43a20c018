"""A payment as clients see it. A golden file freezes its JSON; this is the hottest code of the
API (6 to 9 microseconds a payment), which is why it counts in minor units and repeats itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from adapters.http.wire.parts import (
    Action,
    FailureReply,
    FeeReply,
    action_reply,
    failure_reply,
    fee_reply,
    major,
)
from adapters.http.wire.shapes import Decimal
from domain.fees.schedule import Bearer, Fee
from domain.payments.attempt import Attempt, AttemptStatus
from domain.payments.intent import Customer
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus, RefundStatus


class RoutingReply(Struct, rename="camel"):
    """Which provider was chosen, and why."""

    strategy: str
    chosen: str | None
    reason: str


class AttemptReply(Struct, rename="camel"):
    """One try at one provider."""

    id: str
    number: int
    provider: str
    status: AttemptStatus
    provider_reference: str | None
    failure: FailureReply | None
    started_at: datetime
    finished_at: datetime | None


class CustomerReply(Struct, rename="camel"):
    """Who pays, as the merchant told."""

    id: str | None
    name: str | None
    email: str | None
    phone: str | None


class PaymentReply(Struct, rename="camel"):
    """A payment: one amount to collect once."""

    id: str
    status: PaymentStatus
    amount: Decimal
    currency: str
    reference: str
    provider: str | None
    provider_reference: str | None
    fee: FeeReply | None
    charged_amount: Decimal
    net_amount: Decimal
    refunded_amount: Decimal
    refundable_amount: Decimal
    refund_status: RefundStatus
    next_action: Action | None
    routing: RoutingReply
    attempts: list[AttemptReply]
    failure: FailureReply | None
    customer: CustomerReply
    method: str | None
    country: str | None
    description: str
    return_url: str | None
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, payment: Payment) -> "PaymentReply":
        intent = payment.intent
        money = intent.amount
        minor, exponent, code = money.minor, money.currency.exponent, money.currency.code
        current = payment.current
        fee = current.fee if current is not None else None
        due = major(minor, exponent)
        charged, net = _shared(due, minor, exponent, fee) if fee is not None else (due, due)
        decision, failure = payment.decision, None
        action = current.next_action if current is not None else None
        if (failed := payment.failure) is not None:
            failure = failure_reply(failed)
        return cls(
            payment.id,
            payment.status,
            due,
            code,
            intent.reference,
            current.provider if current is not None else None,
            current.provider_reference if current is not None else None,
            fee_reply(fee) if fee is not None else None,
            charged,
            net,
            major(payment.refunded_minor, exponent),
            major(payment.refundable.minor, exponent),
            payment.refund_status,
            action_reply(action) if action is not None else None,
            RoutingReply(decision.strategy, decision.chosen, decision.reason),
            [_attempt(one) for one in payment.attempts],
            failure,
            _customer(intent.customer),
            intent.method,
            intent.country,
            intent.description,
            intent.return_url,
            intent.metadata,
            intent.created_at,
            payment.updated_at,
            intent.expires_at,
        )


class PaymentPage(Struct, rename="camel"):
    """Payments, newest first."""

    data: list[PaymentReply]
    next_cursor: str | None

    @classmethod
    def of(cls, payments: Sequence[Payment], next_cursor: str | None) -> "PaymentPage":
        return cls([PaymentReply.of(one) for one in payments], next_cursor)


def _shared(due: str, minor: int, exponent: int, fee: Fee) -> tuple[str, str]:
    """What the payer is charged, and what the merchant receives."""
    if fee.bearer is Bearer.PAYER:
        return major(minor + fee.minor, exponent), due
    return due, major(minor - fee.minor, exponent)


def _attempt(one: Attempt) -> AttemptReply:
    failure = one.failure
    return AttemptReply(
        one.id,
        one.number,
        one.provider,
        one.status,
        one.provider_reference,
        failure_reply(failure) if failure is not None else None,
        one.opened_at,
        one.finished_at,
    )


def _customer(one: Customer) -> CustomerReply:
    return CustomerReply(one.id, one.name, one.email, one.phone)

"""Payments as rows."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.sql import tables as t
from adapters.sql.rows.decision import decision_of, decision_text
from adapters.sql.rows.money import BEARERS, currency
from adapters.sql.rows.values import json, time, us, words
from adapters.sql.writes import Row
from domain.money import Money
from domain.payments.attempt import Attempt
from domain.payments.intent import Customer, Intent
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus

STATUSES: Final = words(PaymentStatus)

PAYMENT_COLUMNS: Final = (
    t.payments.c.id,
    t.payments.c.tenant_id,
    t.payments.c.status,
    t.payments.c.amount_minor,
    t.payments.c.currency,
    t.payments.c.reference,
    t.payments.c.customer_id,
    t.payments.c.customer,
    t.payments.c.method,
    t.payments.c.country,
    t.payments.c.bearer,
    t.payments.c.description,
    t.payments.c.return_url,
    t.payments.c.metadata,
    t.payments.c.decision,
    t.payments.c.paid_by,
    t.payments.c.refunded_minor,
    t.payments.c.reserved_minor,
    t.payments.c.created_at,
    t.payments.c.expires_at,
    t.payments.c.updated_at,
    t.payments.c.version,
)
WIDTH: Final = len(PAYMENT_COLUMNS)

_customer: Final = msgspec.json.Decoder(tuple[str | None, str | None, str | None])
_metadata: Final = msgspec.json.Decoder(dict[str, str])


def payment_row(payment: Payment) -> Row:
    intent, customer = payment.intent, payment.intent.customer
    name, email, phone = customer.name, customer.email, customer.phone
    searched = (payment.id, intent.reference, name, email, phone)
    return {
        "id": payment.id,
        "amount_minor": intent.amount.minor,
        "currency": intent.amount.currency.code,
        "reference": intent.reference,
        "customer_id": customer.id,
        "customer": json((name, email, phone)) if name or email or phone else None,
        "method": intent.method,
        "country": intent.country,
        "bearer": intent.bearer,
        "description": intent.description,
        "return_url": intent.return_url,
        "metadata": json(intent.metadata) if intent.metadata else None,
        "decision": decision_text(payment.decision),
        "created_at": us(intent.created_at),
        "expires_at": us(intent.expires_at),
        "search": "\n".join([part for part in searched if part]).casefold(),
        "version": payment.version,
        **payment_changes(payment),
    }


def payment_changes(payment: Payment) -> Row:
    """The columns that may change."""
    current = payment.current
    return {
        "status": payment.status,
        "provider": current.provider if current is not None else None,
        "paid_by": payment.paid_by,
        "refunded_minor": payment.refunded_minor,
        "reserved_minor": payment.reserved_minor,
        "updated_at": us(payment.updated_at),
    }


def payment_of(columns: Sequence[Any], attempts: tuple[Attempt, ...]) -> Payment:
    """From PAYMENT_COLUMNS."""
    (
        payment_id, tenant_id, status, amount_minor, code, reference, customer_id, customer,
        method, country, bearer, description, return_url, metadata, decision, paid_by,
        refunded_minor, reserved_minor, created_at, expires_at, updated_at, version,
    ) = columns  # fmt: skip
    intent = Intent(
        amount=Money(amount_minor, currency(code)),
        reference=reference,
        customer=customer_of(customer_id, customer),
        method=method,
        country=country,
        bearer=BEARERS[bearer],
        description=description,
        return_url=return_url,
        metadata=_metadata.decode(metadata) if metadata is not None else {},
        created_at=time(created_at),
        expires_at=time(expires_at),
    )
    return Payment(
        id=payment_id,
        tenant_id=tenant_id,
        intent=intent,
        decision=decision_of(decision),
        status=STATUSES[status],
        attempts=attempts,
        paid_by=paid_by,
        refunded_minor=refunded_minor,
        reserved_minor=reserved_minor,
        updated_at=time(updated_at),
        version=version,
    )


def customer_of(customer_id: str | None, stored: str | None) -> Customer:
    if stored is None:
        return Customer(id=customer_id)
    name, email, phone = _customer.decode(stored)
    return Customer(id=customer_id, name=name, email=email, phone=phone)

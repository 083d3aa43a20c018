"""Payments, their history and refunds in the API's words.

A test holds them to what HTTP answers, byte by byte: an idempotency key may be used from both.
"""

from typing import Any

from domain.fees.schedule import Fee
from domain.money import Money
from domain.payments.attempt import Attempt
from domain.payments.intent import Customer
from domain.payments.outcome import ActionType, Failure, NextAction
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.routing import Candidate
from domain.ports.views import TimelineEntry


def payment_words(payment: Payment) -> dict[str, Any]:
    intent, amount, current = payment.intent, payment.amount, payment.current
    fee, decision = payment.fee, payment.decision
    back = Money(payment.refunded_minor, amount.currency)
    return {
        "id": payment.id,
        "status": payment.status,
        "amount": amount.major,
        "currency": amount.currency.code,
        "reference": intent.reference,
        "provider": current.provider if current is not None else None,
        "providerReference": current.provider_reference if current is not None else None,
        "fee": fee_words(fee) if fee is not None else None,
        "chargedAmount": (fee.charged(amount) if fee is not None else amount).major,
        "netAmount": (fee.net(amount) if fee is not None else amount).major,
        "refundedAmount": back.major,
        "refundableAmount": payment.refundable.major,
        "refundStatus": payment.refund_status,
        "nextAction": action_words(current.next_action) if current is not None else None,
        "routing": {
            "strategy": decision.strategy,
            "chosen": decision.chosen,
            "reason": decision.reason,
        },
        "attempts": [attempt_words(one) for one in payment.attempts],
        "failure": failure_words(payment.failure),
        "customer": customer_words(intent.customer),
        "method": intent.method,
        "country": intent.country,
        "description": intent.description,
        "returnUrl": intent.return_url,
        "metadata": intent.metadata,
        "createdAt": intent.created_at,
        "updatedAt": payment.updated_at,
        "expiresAt": intent.expires_at,
    }


def customer_words(one: Customer) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "email": one.email, "phone": one.phone}


def attempt_words(one: Attempt) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "provider": one.provider,
        "status": one.status,
        "providerReference": one.provider_reference,
        "failure": failure_words(one.failure),
        "startedAt": one.opened_at,
        "finishedAt": one.finished_at,
    }


def refund_words(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "paymentId": refund.payment_id,
        "status": refund.status,
        "amount": refund.amount.major,
        "currency": refund.amount.currency.code,
        "reason": refund.reason,
        "provider": refund.provider,
        "providerReference": refund.provider_reference,
        "failure": failure_words(refund.failure),
        "awaitingVerification": refund.with_person,
        "createdAt": refund.created_at,
        "updatedAt": refund.updated_at,
    }


def fee_words(fee: Fee) -> dict[str, Any]:
    return {
        "amount": fee.amount.major,
        "currency": fee.currency.code,
        "bearer": fee.bearer,
        "percentage": percentage(fee.rate_bps),
        "percentageAmount": Money(fee.percentage_minor, fee.currency).major,
        "fixed": Money(fee.fixed_minor, fee.currency).major,
    }


def percentage(bps: int) -> str:
    """Basis points as per cent: 250 -> "2.5"."""
    return f"{bps // 100}.{bps % 100:02d}".rstrip("0").rstrip(".")


def failure_words(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "code": failure.code,
        "message": failure.message,
        "kind": failure.kind,
        "providerCode": failure.provider_code,
    }


def action_words(action: NextAction | None) -> dict[str, Any] | None:
    if action is None:
        return None
    known: dict[ActionType, dict[str, Any]] = {
        ActionType.REDIRECT: {"url": action.url},
        ActionType.APPROVE_ON_PHONE: {"message": action.message},
        ActionType.SHOW_QR: {"payload": action.payload, "imageUrl": action.image_url},
        ActionType.SHOW_FORM: {
            "clientSecret": action.client_secret,
            "publishableKey": action.publishable_key,
        },
        ActionType.PAY_OFFLINE: {
            "instructions": action.instructions,
            "referenceCode": action.reference_code,
        },
    }
    return {"type": action.type, **known[action.type], "expiresAt": action.expires_at}


def entry_words(entry: TimelineEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "type": entry.type,
        "at": entry.at,
        "cause": entry.cause,
        "attemptId": entry.attempt_id,
        "refundId": entry.refund_id,
        "data": dict(entry.data),
        "correlationId": entry.correlation_id,
    }


def explanation_words(payment: Payment) -> dict[str, Any]:
    decision = payment.decision
    return {
        "paymentId": payment.id,
        "strategy": decision.strategy,
        "chosen": decision.chosen,
        "reason": decision.reason,
        "order": list(decision.order),
        "candidates": [candidate_words(one, payment) for one in decision.snapshot.candidates],
    }


def candidate_words(one: Candidate, payment: Payment) -> dict[str, Any]:
    """One provider that was considered; `place` is in the order of trying, from 1."""
    order, health = payment.decision.order, one.health
    taken = any(attempt.provider == one.provider for attempt in payment.attempts)
    reason: str | None = None
    if one.obstacle is not None:
        reason = one.detail or one.obstacle
    elif not taken:
        reason = f"{payment.decision.chosen} came before it"
    return {
        "provider": one.provider,
        "taken": taken,
        "place": order.index(one.provider) + 1 if one.provider in order else None,
        "obstacle": one.obstacle,
        "reason": reason,
        "fee": fee_words(one.fee) if one.fee is not None else None,
        "isFeeKnown": one.priced,
        "health": {
            "circuit": health.circuit,
            "successes": health.successes,
            "finished": health.finished,
        },
    }

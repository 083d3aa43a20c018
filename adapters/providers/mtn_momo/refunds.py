"""Pure translation of refunds, which are the Disbursement product's: another key, another token."""

from dataclasses import replace
from typing import Any

from adapters.provider_kit.amounts import shortest
from adapters.provider_kit.transport import Response
from adapters.providers.mtn_momo.config import MtnMomoConfig
from adapters.providers.mtn_momo.errors import ABSENT, DEFINITE, WRONG, no, problem, refused
from adapters.providers.mtn_momo.wire import reference, words
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotFound,
    Outcome,
    Pending,
)
from domain.ports.providers import RefundOrder


def impossible(order: RefundOrder, config: MtnMomoConfig) -> Declined | None:
    """What this account can't give back; nothing was sent."""
    if not config.gives_back:
        told = "Connect MTN's Disbursement product to this account; it gives payments back."
    elif order.amount != order.paid and not config.gives_back_parts:
        told = "MTN documents no partial refunds here; if yours has them, set partialRefunds."
    else:
        return None
    return Declined(failure=Failure(FailureCode.INVALID_REQUEST, told, FailureKind.INVALID))


def body(order: RefundOrder) -> dict[str, Any]:
    """`referenceIdToRefund` is the request to pay's X-Reference-Id."""
    return {
        "amount": shortest(order.amount),
        "currency": order.amount.currency.code,
        "externalId": order.refund_id,
        "payerMessage": words(order.reason or "Refund"),
        "payeeNote": words(order.refund_id),
        "referenceIdToRefund": reference(order.attempt_id),
    }


def accepted(response: Response, order: RefundOrder) -> Outcome:
    """202 with nothing in it, or a refusal: then it may be asked again only where the account or
    the gateway was the cause."""
    known = reference(order.refund_id)
    if response.status == 202:
        return Pending(provider_reference=known)
    found = problem(response)
    if found is not None and response.status == 404 and found.code == ABSENT:
        return replace(no(WRONG, found.code), elsewhere=False)
    said = refused(response)
    if isinstance(said, Declined) and found is not None and found.code in DEFINITE:
        said = replace(said, elsewhere=False)
    return replace(said, provider_reference=known)


def ended(said: Outcome | NotFound) -> Outcome | NotFound:
    """A refund that failed at MTN has failed: its id is used up, so it is never sent again."""
    return replace(said, elsewhere=False) if isinstance(said, Declined) else said

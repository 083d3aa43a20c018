"""Pure translation of refunds: asynchronous, whole or in parts, each under an id of ours."""

from dataclasses import replace
from typing import Any

from adapters.provider_kit.transport import Response
from adapters.providers.pawapay import wire
from domain.payments.outcome import Declined, NotFound, Outcome
from domain.ports.providers import RefundOrder


def body(order: RefundOrder, api_token: str) -> dict[str, Any]:
    """The amount is always told, so that a misunderstanding can't give back more."""
    return {
        "refundId": wire.reference(order.refund_id),
        "depositId": wire.reference(order.attempt_id),
        "amount": wire.number(order.amount),
        "currency": order.amount.currency.code,
        "clientReferenceId": order.refund_id,
        "metadata": [{"proof": wire.proof(api_token, order.refund_id)}],
    }


def accepted(response: Response, order: RefundOrder) -> Outcome:
    """Taken, or a refusal."""
    return wire.taken(response, order.refund_id)


def ended(said: Outcome | NotFound) -> Outcome | NotFound:
    """A refund that failed at pawaPay has failed: its id is used up, so it is never sent again."""
    return replace(said, elsewhere=False) if isinstance(said, Declined) else said

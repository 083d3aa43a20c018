"""How a payment came to be what it is: its events, and the router's reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from adapters.http.wire.parts import FeeReply, fee_reply
from domain.payments.payment import Payment
from domain.payments.routing import Candidate, Obstacle
from domain.ports.views import TimelineEntry


class EventReply(Struct, rename="camel"):
    """One thing that happened."""

    number: Annotated[int, Meta(description="1, 2, … within the payment.")]
    type: str
    at: datetime
    cause: Annotated[str, Meta(description="Who or what told us.")]
    attempt_id: str | None
    refund_id: str | None
    data: Mapping[str, str | int | None]
    correlation_id: Annotated[str | None, Meta(description="The request or job it happened in.")]


class Timeline(Struct, rename="camel"):
    """Every event of a payment, in order."""

    data: list[EventReply]
    next_cursor: str | None = None

    @classmethod
    def of(cls, entries: Sequence[TimelineEntry]) -> "Timeline":
        return cls(
            [
                EventReply(
                    one.number,
                    one.type,
                    one.at,
                    one.cause,
                    one.attempt_id,
                    one.refund_id,
                    one.data,
                    one.correlation_id,
                )
                for one in entries
            ]
        )


class AccountHealth(Struct, rename="camel"):
    """The provider account's health when the router looked."""

    circuit: str
    successes: int
    finished: int


class CandidateReply(Struct, rename="camel"):
    """One provider the router considered."""

    provider: str
    taken: bool
    place: Annotated[int | None, Meta(description="In the order of trying, from 1.")]
    obstacle: Obstacle | None
    reason: Annotated[str | None, Meta(description="Why it was not taken.")]
    fee: FeeReply | None
    is_fee_known: Annotated[bool, Meta(description="False: nobody told a price of it.")]
    health: AccountHealth


class Explanation(Struct, rename="camel"):
    """Who was considered, who was chosen, and why."""

    payment_id: str
    strategy: str
    chosen: str | None
    reason: str
    order: list[str]
    candidates: list[CandidateReply]

    @classmethod
    def of(cls, payment: Payment) -> "Explanation":
        decision = payment.decision
        tried = {one.provider for one in payment.attempts}
        order = list(decision.order)
        candidates = [
            _candidate(one, order, tried, decision.chosen) for one in decision.snapshot.candidates
        ]
        return cls(
            payment.id, decision.strategy, decision.chosen, decision.reason, order, candidates
        )


def _candidate(
    one: Candidate, order: list[str], tried: set[str], chosen: str | None
) -> CandidateReply:
    taken = one.provider in tried
    reason: str | None = None
    if one.obstacle is not None:
        reason = one.detail or one.obstacle
    elif not taken:
        reason = f"{chosen} came before it"
    place = order.index(one.provider) + 1 if one.provider in order else None
    health = AccountHealth(one.health.circuit, one.health.successes, one.health.finished)
    fee = fee_reply(one.fee) if one.fee is not None else None
    return CandidateReply(one.provider, taken, place, one.obstacle, reason, fee, one.priced, health)

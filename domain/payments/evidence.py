"""Everything anyone tells us about an attempt or a refund, kept for ever, and what it adds up to.

`judge` is a pure function of the set of evidence: arrival order, repeats and late arrivals do
not matter. Succeeded, Declined, NotSent and a twice-confirmed NotFound close. A no that outranks
a success is a dispute: nothing closes until the provider is asked again, or a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from domain.money import Money
from domain.payments.outcome import (
    UNREACHED,
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)

NEVER_RECEIVED: Final = "the provider never received it"


class Rank(IntEnum):
    """Who said it. The higher rank wins; both are kept."""

    TIMEOUT = 0  # nobody: our own deadline passed
    REPLY = 1  # the reply to our call
    CALLBACK = 2  # a signed callback
    QUERY = 3  # the answer to our query
    PERSON = 4  # an operator, with a reason
    SETTLEMENT = 5  # a line of the provider's settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing we were told. `id` makes repeats harmless: the same fact has the same id."""

    id: str
    rank: Rank
    answer: Answer
    at: datetime
    cause: str = ""  # who or what, for the timeline: "callback evt_…", "operator ada: seen"
    conclusive: bool = False  # a NotFound late enough to count (Promises.visibility_s)
    send: int = 1  # which sending of a refund it is about; an attempt is sent once


class Verdict(StrEnum):
    """What the evidence adds up to."""

    OPEN = "open"  # nothing was said yet
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    failure: Failure | None = None
    elsewhere: bool = False  # closed without money, and another provider may try
    mismatch: bool = False  # a success of another amount or currency: a person must look
    contradiction: bool = False  # a no and a success that can't both be true
    provider_reference: str | None = None
    next_action: NextAction | None = None
    at: datetime | None = None  # when the deciding fact became known


def judge(evidence: Sequence[Evidence], expected: Money) -> Judgement:
    """Fold all evidence of one attempt (or refund) that should have moved `expected`."""
    best: Evidence | None = None
    succeeded = refused = mismatch = pending = False
    reference: str | None = None
    action: NextAction | None = None
    absent = 0
    conclusive = False
    at: datetime | None = None
    for one in sorted(evidence, key=_order) if len(evidence) > 1 else evidence:
        answer = one.answer
        reference = getattr(answer, "provider_reference", None) or reference
        match answer:
            case Succeeded(amount=amount):
                if amount != expected:
                    mismatch = True
                    continue
                succeeded, best = True, one
            case Declined() | NotSent():
                refused, best = True, one
            case Pending():
                pending, action = True, answer.next_action or action
            case NotFound():
                absent, conclusive = absent + 1, conclusive or one.conclusive
                at = one.at if at is None else max(at, one.at)
            case Unknown():
                pass
    closing = best.answer if best is not None else None
    decided = best is not None and best.rank >= Rank.PERSON
    disputed = succeeded and refused and not decided
    mismatch = mismatch and not decided
    elsewhere, failure = False, None
    if isinstance(closing, Succeeded):
        verdict = Verdict.SUCCEEDED
    elif disputed:
        verdict = Verdict.UNKNOWN
    elif isinstance(closing, Declined):
        verdict, failure, elsewhere = Verdict.FAILED, closing.failure, closing.elsewhere
    elif isinstance(closing, NotSent):
        verdict, failure, elsewhere = Verdict.FAILED, _unreached(closing.reason), True
    elif pending:
        verdict = Verdict.PENDING
    elif absent > 1 and conclusive and not mismatch:
        verdict, failure, elsewhere = Verdict.FAILED, _unreached(NEVER_RECEIVED), True
    else:
        verdict = Verdict.UNKNOWN if evidence else Verdict.OPEN
    return Judgement(
        verdict,
        failure,
        elsewhere,
        mismatch,
        contradiction=disputed,
        provider_reference=reference,
        next_action=action,
        at=best.at if best is not None else at,
    )


def _order(one: Evidence) -> tuple[int, bool, datetime, str]:
    """Weakest first. At equal rank money that moved beats a no: a payer may retry and pay."""
    return (one.rank, isinstance(one.answer, Succeeded), one.at, one.id)


def _unreached(reason: str) -> Failure:
    return Failure(
        FailureCode.PROVIDER_UNAVAILABLE, UNREACHED, FailureKind.UNAVAILABLE, reason or None
    )

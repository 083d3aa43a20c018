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
    taken: Money | None = None  # what a person says was taken instead of what was due


def judge(evidence: Sequence[Evidence], expected: Money, *, revocable: bool = False) -> Judgement:
    """Fold all evidence of one attempt (or refund) that should have moved `expected`.

    `revocable`: money that moved may come back, as a refund's payout bounces. Then a no that
    outranks the success denies it, and at equal rank the later word counts.
    """
    heard = _Heard(revocable)
    order = _later if revocable else _order
    for one in sorted(evidence, key=order) if len(evidence) > 1 else evidence:
        heard.add(one, expected)
    best = heard.best
    decided = best is not None and best.rank >= Rank.PERSON
    disputed = heard.succeeded and heard.refused and not decided
    verdict, failure, elsewhere = _verdict(heard, disputed and not revocable)
    if not evidence:
        verdict = Verdict.OPEN
    return Judgement(
        verdict,
        failure,
        elsewhere,
        mismatch=heard.mismatch and not decided,
        contradiction=disputed,
        provider_reference=heard.reference,
        next_action=heard.action,
        at=best.at if best is not None else heard.absent_at,
        taken=heard.taken,
    )


class _Heard:
    """What was said, weakest first."""

    __slots__ = (
        "absent",
        "absent_at",
        "action",
        "best",
        "conclusive",
        "mismatch",
        "pending",
        "reference",
        "refused",
        "revocable",
        "succeeded",
        "taken",
    )

    def __init__(self, revocable: bool) -> None:
        self.revocable = revocable
        self.best: Evidence | None = None  # the strongest that closes
        self.succeeded = self.refused = self.mismatch = self.pending = self.conclusive = False
        self.reference: str | None = None
        self.action: NextAction | None = None
        self.taken: Money | None = None
        self.absent = 0
        self.absent_at: datetime | None = None

    def add(self, one: Evidence, expected: Money) -> None:
        answer = one.answer
        if isinstance(answer, NotFound):
            self.absent += 1
            self.conclusive = self.conclusive or one.conclusive
            self.absent_at = one.at if self.absent_at is None else max(self.absent_at, one.at)
            return
        if isinstance(answer, NotSent):
            if not (self.revocable and self.succeeded):  # that denies nothing
                self.refused, self.best = True, one
            return
        self.reference = answer.provider_reference or self.reference
        if isinstance(answer, Pending):
            self.pending, self.action = True, answer.next_action or self.action
        elif isinstance(answer, Declined):
            self.refused, self.best = True, one
            if self.revocable and self.succeeded:  # it came back, whatever was told of it between
                self.mismatch = False
        elif isinstance(answer, Succeeded):
            other = answer.amount != expected
            seen = one.rank is Rank.PERSON and answer.amount.currency == expected.currency
            if decided := other and seen and not self.revocable:
                self.taken = answer.amount
            if decided or not other:
                self.succeeded, self.best = True, one
            else:
                self.mismatch = True


def _verdict(heard: _Heard, disputed: bool) -> tuple[Verdict, Failure | None, bool]:
    """The verdict, why when it failed, and whether another provider may try."""
    closing = heard.best.answer if heard.best is not None else None
    if isinstance(closing, Succeeded):
        return Verdict.SUCCEEDED, None, False
    if disputed:
        return Verdict.UNKNOWN, None, False
    if isinstance(closing, Declined):
        return Verdict.FAILED, closing.failure, closing.elsewhere
    if isinstance(closing, NotSent):
        return Verdict.FAILED, _unreached(closing.reason), True
    if heard.pending:
        return Verdict.PENDING, None, False
    if heard.absent > 1 and heard.conclusive and not heard.mismatch:
        return Verdict.FAILED, _unreached(NEVER_RECEIVED), True
    return Verdict.UNKNOWN, None, False


def is_news(answer: Answer, asked: Sequence[Evidence], *, conclusive: bool) -> bool:
    """Whether the answer to a query adds to what earlier ones, `asked`, have said: however often
    is asked, the history does not fill up. Not found counts twice, and once when it proves it."""
    if isinstance(answer, NotFound):
        absent = [one for one in asked if isinstance(one.answer, NotFound)]
        proven = len(absent) > 1 and any(one.conclusive for one in absent)
        return not absent or (conclusive and not proven)
    if isinstance(answer, Pending):
        return all(one.answer != answer for one in asked)
    return not asked or asked[-1].answer != answer


def silence(about: str, at: datetime) -> Evidence:
    """The provider's horizon has passed: nothing was said, and nobody is asked any more."""
    cause = "the provider's horizon passed"
    unknown = Unknown(reason=cause)
    return Evidence(id=f"{about}:horizon", rank=Rank.TIMEOUT, answer=unknown, at=at, cause=cause)


def _order(one: Evidence) -> tuple[int, bool, datetime, str]:
    """Weakest first. At equal rank money that moved beats a no: a payer may retry and pay."""
    return (one.rank, isinstance(one.answer, Succeeded), one.at, one.id)


def _later(one: Evidence) -> tuple[int, datetime, bool, str]:
    """Weakest first. At equal rank the later word; of the same instant, that money moved."""
    return (one.rank, one.at, isinstance(one.answer, Succeeded), one.id)


def _unreached(reason: str) -> Failure:
    return Failure(
        FailureCode.PROVIDER_UNAVAILABLE, UNREACHED, FailureKind.UNAVAILABLE, reason or None
    )

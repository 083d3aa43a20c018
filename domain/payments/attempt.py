"""One try at one provider. Its state is a pure fold of its evidence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.fees.schedule import Fee
from domain.ids import AccountId, AttemptId
from domain.money import Money
from domain.payments.evidence import Evidence, Judgement, Verdict, judge
from domain.payments.outcome import Failure, FailureKind, NextAction, Succeeded
from domain.values import replace


class AttemptStatus(StrEnum):
    CREATED = "created"
    SUBMITTED = "submitted"
    PENDING = "pending"
    INDETERMINATE = "indeterminate"  # the provider may or may not have taken it
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Booking(StrEnum):
    """As what the ledger holds an attempt's money."""

    NONE = "none"
    PAID = "paid"
    SURPLUS = "surplus"


LIVE = frozenset(
    {
        AttemptStatus.CREATED,
        AttemptStatus.SUBMITTED,
        AttemptStatus.PENDING,
        AttemptStatus.INDETERMINATE,
    }
)
ENDS = {FailureKind.CANCELED: AttemptStatus.CANCELED, FailureKind.EXPIRED: AttemptStatus.EXPIRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`fence` is the right to hold the payment's live money; the database grants it once."""

    id: AttemptId
    number: int  # 1, 2, …
    provider: str
    account_id: AccountId
    charged: Money  # what the payer is asked for
    fee: Fee
    opened_at: datetime
    status: AttemptStatus = AttemptStatus.SUBMITTED
    offline: bool = False  # a person confirms it
    fence: bool = True
    evidence: tuple[Evidence, ...] = ()
    unsaved: tuple[Evidence, ...] = ()  # heard since it was read; the repository clears them
    provider_reference: str | None = None
    next_action: NextAction | None = None
    failure: Failure | None = None
    elsewhere: bool = False
    mismatch: bool = False
    contradiction: bool = False
    surplus: bool = False  # it does not pay the payment: it is given back
    taken: Money | None = None  # where a person saw that it is not what was due
    booked: Booking = Booking.NONE
    with_person: bool = False  # past the provider's horizon: a person decides
    finished_at: datetime | None = None
    version: int = 0

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    def hear(self, said: Evidence) -> Self:
        """The attempt with one more fact; itself when the fact is known already."""
        if any(one.id == said.id for one in self.evidence):
            return self
        evidence = (*self.evidence, said)
        judged = judge(evidence, self.charged)
        status = _status(judged)
        live = status in LIVE
        return replace(
            self,
            evidence=evidence,
            unsaved=(*self.unsaved, said),
            status=status,
            provider_reference=judged.provider_reference or self.provider_reference,
            next_action=judged.next_action if live else None,
            failure=judged.failure,
            elsewhere=judged.elsewhere,
            mismatch=judged.mismatch,
            contradiction=judged.contradiction,
            taken=judged.taken,
            finished_at=None if live else judged.at,
        )

    @property
    def in_hand(self) -> bool:
        """Somebody says that offline money was sent, or came: only a person's word ends it."""
        return self.offline and self.with_person and self.is_live

    @property
    def pays(self) -> bool:
        """Its money can be what is kept."""
        return self.status is AttemptStatus.SUCCEEDED and not self.surplus

    @property
    def took(self) -> Money:
        """What went back or goes back whole, should it not pay the payment."""
        return self.taken or self.charged

    @property
    def told_amount(self) -> Money | None:
        """Another amount than was due that somebody says was taken: the highest rank's word."""
        for one in sorted(self.evidence, key=lambda one: (one.rank, one.at, one.id), reverse=True):
            if isinstance(one.answer, Succeeded) and one.answer.amount != self.charged:
                return one.answer.amount
        return None

    def horizon(self, horizon_s: int) -> datetime:
        """When a person is asked instead of the provider."""
        return self.opened_at + timedelta(seconds=horizon_s)


def _status(judged: Judgement) -> AttemptStatus:
    match judged.verdict:
        case Verdict.SUCCEEDED:
            return AttemptStatus.SUCCEEDED
        case Verdict.FAILED if not judged.mismatch:
            kind = judged.failure.kind if judged.failure else FailureKind.DECLINED
            return ENDS.get(kind, AttemptStatus.FAILED)
        case Verdict.PENDING if not judged.mismatch:
            return AttemptStatus.PENDING
        case Verdict.OPEN:
            return AttemptStatus.SUBMITTED
    return AttemptStatus.INDETERMINATE

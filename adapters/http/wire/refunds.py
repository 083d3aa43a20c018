"""A refund as clients see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast

from msgspec import Struct

from adapters.http.wire.parts import FailureReply, failure_reply
from adapters.http.wire.payments import PaymentReply
from adapters.http.wire.shapes import Decimal
from domain.payments.payment import Payment
from domain.payments.refund import Refund

RefundWord = Literal["pending", "succeeded", "failed"]


class RefundReply(Struct, rename="camel"):
    """Some of a payment on its way back."""

    id: str
    payment_id: str
    status: RefundWord
    amount: Decimal
    currency: str
    reason: str
    provider: str
    provider_reference: str | None
    failure: FailureReply | None
    awaiting_verification: bool  # a person must say whether the money went back
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> "RefundReply":
        failure = refund.failure
        return cls(
            refund.id,
            refund.payment_id,
            cast("RefundWord", str(refund.status)),
            refund.amount.major,
            refund.amount.currency.code,
            refund.reason,
            refund.provider,
            refund.provider_reference,
            failure_reply(failure) if failure is not None else None,
            refund.with_person,
            refund.created_at,
            refund.updated_at,
        )


class RefundList(Struct, rename="camel"):
    """All refunds of a payment, oldest first."""

    data: list[RefundReply]
    next_cursor: str | None = None

    @classmethod
    def of(cls, refunds: Sequence[Refund]) -> "RefundList":
        return cls([RefundReply.of(one) for one in refunds])


class VerificationQueue(Struct, rename="camel"):
    """All that waits for a person's word, oldest first; 200 of each at most."""

    payments: list[PaymentReply]
    refunds: list[RefundReply]

    @classmethod
    def of(cls, payments: Sequence[Payment], refunds: Sequence[Refund]) -> "VerificationQueue":
        return cls(
            [PaymentReply.of(one) for one in payments], [RefundReply.of(one) for one in refunds]
        )

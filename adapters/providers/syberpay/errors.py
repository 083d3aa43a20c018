"""What SyberPay's codes permit. Nothing lists them; these few are what public clients read.

At the top of an answer 1 is approved; inside `payment` 0 is. A request for a page that is answered
with any other code and without a page has made nothing that a payer could pay.
"""

from collections.abc import Mapping
from typing import Final

from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind

APPROVED: Final = frozenset({0, 1})  # at the top; 0 for an answer that copies its payment's
PAID_CODE: Final = 0  # inside `payment`
PAID: Final = "successful"
WAITING: Final = frozenset({"pending", "initiated"})
ENDED: Final[Mapping[str, Failure]] = {
    "failed": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment was refused at SyberPay.",
        FailureKind.DECLINED,
        "Failed",
    ),
    "failure": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment was refused at SyberPay.",
        FailureKind.DECLINED,
        "Failure",
    ),
    "cancelled": Failure(
        FailureCode.PAYER_REJECTED,
        "The payer left SyberPay's page.",
        FailureKind.DECLINED,
        "Cancelled",
    ),
}
"""Assumed: only "Successful", "Pending" and "Failure" were seen. One client's stand-in answers an
unpaid payment with `payment.status` "Failure" under "Pending": a no needs both places to say so."""


def refused(code: int) -> Declined:
    """No page was made. Another provider may be tried: the payer is not the cause."""
    text = f"SyberPay made no payment page of it ({code})."
    failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID, str(code))
    return Declined(failure=failure, elsewhere=True)

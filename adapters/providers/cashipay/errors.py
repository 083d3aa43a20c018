"""What CashiPay's status words and refusals permit. Public clients agree on the words.

A refusal is HTTP 4xx with `message`; whatever it says, no request for a payment was made, so there
is no code that a payer could scan. Some statuses are no such proof: 408, 409 (it may be there
already), 425 and 429 come from queues and gateways on the way.
"""

from collections.abc import Mapping
from typing import Final

from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind

WAITING: Final = "PENDING"
PAID: Final = frozenset({"COMPLETED", "PAID", "SUCCESS", "APPROVED"})
ENDED: Final[Mapping[str, Failure]] = {
    "FAILED": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment was refused at CashiPay.",
        FailureKind.DECLINED,
        "FAILED",
    ),
    "EXPIRED": Failure(
        FailureCode.EXPIRED, "Nobody paid in time at CashiPay.", FailureKind.EXPIRED, "EXPIRED"
    ),
    "CANCELLED": Failure(
        FailureCode.CANCELED,
        "The payment was canceled at CashiPay.",
        FailureKind.CANCELED,
        "CANCELLED",
    ),
}
KEYS: Final = frozenset({401, 403})  # HTTP statuses
UNCLEAR: Final = frozenset({408, 409, 425, 429})


def refused(status: int) -> Declined:
    """No payment request was made. Another provider may be tried."""
    if status in KEYS:
        text = f"CashiPay does not accept this account's key (HTTP {status})."
        word, kind = FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE
    else:
        text = f"CashiPay made no payment request of it (HTTP {status})."
        word, kind = FailureCode.INVALID_REQUEST, FailureKind.INVALID
    return Declined(failure=Failure(word, text, kind, str(status)), elsewhere=True)


def lacking(what: str) -> Declined:
    """Nothing was sent: CashiPay refuses a request without it."""
    text = f"CashiPay needs {what}: give it with the payment, or with the account."
    failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)

"""What a refusal permits. `resultStatus` alone decides whether it is one; the code chooses words.

An F is final for its request id: the same id gets the same F again. The exception is
REPEAT_REQ_INCONSISTENT, which says that something else was asked under this id before.
"""

from collections.abc import Mapping
from typing import Final

from domain.payments.outcome import Declined, Failure, FailureCode, FailureKind, Unknown

ABSENT: Final = "ORDER_NOT_EXIST"
INCONSISTENT: Final = "REPEAT_REQ_INCONSISTENT"
GATE: Final = frozenset(
    {
        "ACCESS_DENIED",
        "CLIENT_FORBIDDEN_ACCESS_API",
        "INVALID_CLIENT",
        "INVALID_CLIENT_STATUS",
        "INVALID_SIGNATURE",
        "KEY_NOT_FOUND",
        "NO_INTERFACE_DEF",
        "OAUTH_FAILED",
        "UNKNOWN_CLIENT",
    }
)
"""Said before anything of a request is processed: they are the account's, and pass."""

_Why = tuple[FailureCode, FailureKind, str, bool]
DECLINED, INVALID = FailureKind.DECLINED, FailureKind.INVALID
UNAVAILABLE: Final[_Why] = (
    FailureCode.PROVIDER_UNAVAILABLE,
    FailureKind.UNAVAILABLE,
    "GCash can't be used here now.",
    True,
)
LIMIT: Final[_Why] = (
    FailureCode.LIMIT_EXCEEDED,
    DECLINED,
    "The amount is more than GCash permits here.",
    True,
)
OWN_LIMIT: Final[_Why] = (
    FailureCode.LIMIT_EXCEEDED,
    DECLINED,
    "The amount is more than this payer may spend.",
    False,
)
RISK: Final[_Why] = (FailureCode.RISK_REJECTED, DECLINED, "GCash refused it as a risk.", False)
WALLET: Final[_Why] = (
    FailureCode.PAYER_REJECTED,
    DECLINED,
    "The payer's wallet can't be used for it.",
    False,
)
REQUEST: Final[_Why] = (
    FailureCode.INVALID_REQUEST,
    INVALID,
    "GCash could not make anything of the request.",
    True,
)
OTHER: Final[_Why] = (FailureCode.UNKNOWN, DECLINED, "GCash refused the payment.", True)

WHY: Final[Mapping[str, _Why]] = {
    **dict.fromkeys(GATE, UNAVAILABLE),
    "BUSINESS_NOT_SUPPORT": UNAVAILABLE,
    "CURRENCY_NOT_SUPPORT": UNAVAILABLE,
    "INVALID_CONTRACT": UNAVAILABLE,
    "INVALID_MERCHANT_STATUS": UNAVAILABLE,
    "MERCHANT_KYB_NOT_QUALIFIED": UNAVAILABLE,
    "MERCHANT_NOT_REGISTERED": UNAVAILABLE,
    "NO_PAY_OPTIONS": UNAVAILABLE,
    "SYSTEM_ERROR": UNAVAILABLE,
    "UNAVAILABLE_PAYMENT_METHOD": UNAVAILABLE,
    "PARAM_ILLEGAL": REQUEST,
    "PARAM_MISSING": REQUEST,
    "AMOUNT_EXCEED_LIMIT": LIMIT,
    "PAYMENT_AMOUNT_EXCEED_LIMIT": LIMIT,
    "PAYMENT_COUNT_EXCEED_LIMIT": OWN_LIMIT,
    "USER_AMOUNT_EXCEED_LIMIT": OWN_LIMIT,
    "REGULATION_RESTRICTION": RISK,
    "RISK_REJECT": RISK,
    "USER_BALANCE_NOT_ENOUGH": (
        FailureCode.INSUFFICIENT_FUNDS,
        DECLINED,
        "There is not enough money in the wallet.",
        False,
    ),
    "USER_KYC_NOT_QUALIFIED": WALLET,
    "USER_NOT_EXIST": (FailureCode.PAYER_NOT_FOUND, DECLINED, "There is no such wallet.", False),
    "USER_PAYMENT_VERIFICATION_FAILED": WALLET,
    "USER_STATUS_ABNORMAL": WALLET,
    "ORDER_IS_CLOSED": (
        FailureCode.EXPIRED,
        FailureKind.EXPIRED,
        "Nobody paid in time at GCash.",
        False,
    ),
    "ORDER_IS_CANCELED": (
        FailureCode.CANCELED,
        FailureKind.CANCELED,
        "The payment was canceled at GCash.",
        False,
    ),
}
CANCELED: Final = Failure(
    FailureCode.CANCELED, "The payment was canceled at GCash.", FailureKind.CANCELED, "CANCELLED"
)


def refused(code: str) -> Declined | Unknown:
    """An F to the request of a payment, whose page nobody has seen yet."""
    if code == INCONSISTENT:
        return Unknown(reason=f"{code}: something else was asked for under this id before")
    why, kind, words, elsewhere = WHY.get(code, OTHER)
    return Declined(failure=Failure(why, words, kind, code or None), elsewhere=elsewhere)


def failed(code: str, payment_id: str | None) -> Declined:
    """A payment that failed after its payer saw the page: nobody else is tried."""
    why, kind, words, _ = WHY.get(code, (FailureCode.PAYER_REJECTED, *OTHER[1:]))
    failure = Failure(why, words, kind, code or None)
    return Declined(failure=failure, provider_reference=payment_id)


def not_refunded(code: str) -> Declined | Unknown:
    """An F to a refund. It may be sent again only when it did not get through the gate."""
    if code == INCONSISTENT:
        return Unknown(reason=f"{code}: another refund was asked for under this id before")
    why, kind = FailureCode.INVALID_REQUEST, INVALID
    if code in GATE:
        why, kind = FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE
    failure = Failure(why, f"GCash refused the refund ({code[:60]}).", kind, code or None)
    return Declined(failure=failure, elsewhere=code in GATE)

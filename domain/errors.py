"""Every error the platform itself raises. A class's docstring is its default message.

CauriError
├── Invalid                 the request can't be right, whatever the state; names a field
│   ├── CurrencyMismatch
│   ├── AmountAboveLimit
│   └── AmountBelowMinimum
├── Refused                 well-formed, but the state of things forbids it
│   ├── IllegalTransition
│   │   └── PaymentNotCancelable
│   ├── RefundExceedsPayment
│   ├── PaymentNotRefundable
│   ├── RefundUnsupported
│   ├── CancelUnsupported
│   ├── WalletBalanceTooLow
│   ├── SpendAlreadyReversed
│   ├── NotVerifiable
│   ├── NotProvable
│   └── TransactionUsed
├── NotFound
├── Unauthorized
├── Forbidden
├── Forged                  a callback whose signature is wrong
│   └── Stale               or its age: it may be a recording
├── Unreadable              sealed data that no key of the vault opens
├── KeyMissing, KeyReused, KeyInProgress     the idempotency key
├── NoProviderAvailable
├── NotStored               a commit that stored nothing
│   ├── Conflict            another unit was first: read again and decide again
│   │   ├── DuplicateKey
│   │   └── StaleVersion
│   ├── Rejected            the database refused for a reason nobody declared: a bug
│   └── Unavailable
│       └── Overloaded
└── CommitUnknown           all of the unit is stored, or nothing is
"""


class CauriError(Exception):
    """Something went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class Invalid(CauriError):
    """The request is not valid."""

    def __init__(self, message: str = "", field: str = "") -> None:
        super().__init__(message)
        self.field = field


class CurrencyMismatch(Invalid):
    """Amounts of different currencies don't mix."""


class AmountAboveLimit(Invalid):
    """The amount is above the limit."""


class AmountBelowMinimum(Invalid):
    """The amount is below what any provider takes."""


class Refused(CauriError):
    """The present state does not permit this."""


class IllegalTransition(Refused):
    """That move does not start here."""


class PaymentNotCancelable(IllegalTransition):
    """The payment is final; a succeeded payment is refunded instead."""


class RefundExceedsPayment(Refused):
    """The refund is more than what remains of the payment."""


class PaymentNotRefundable(Refused):
    """Only a succeeded payment can be refunded."""


class RefundUnsupported(Refused):
    """The provider of this payment can't give this refund."""


class CancelUnsupported(Refused):
    """The provider of this payment can't cancel it; it ends when the payer acts or it expires."""


class WalletBalanceTooLow(Refused):
    """The wallet holds less than is to be spent."""


class SpendAlreadyReversed(Refused):
    """A spend can be reversed once."""


class NotVerifiable(Refused):
    """The payment does not wait for a person's word."""


class NotProvable(Refused):
    """No proof is taken for this payment."""


class TransactionUsed(Refused):
    """This transaction number was handed in for another payment."""


class NotFound(CauriError):
    """There is no such thing here."""


class Unauthorized(CauriError):
    """Send a valid API key as `Authorization: Bearer <key>` or `X-API-Key: <key>`."""


class Forbidden(CauriError):
    """The API key lacks the scope for this."""


class Forged(CauriError):
    """The callback's signature is missing, wrong or too old."""


class Stale(Forged):
    """The callback is too old, or from the future: it may have been recorded and sent again."""


class Unreadable(CauriError):
    """The sealed data can't be opened: it was altered, moved, or its key is gone."""


class KeyMissing(CauriError):
    """Send an `Idempotency-Key` header of 1 to 255 visible ASCII characters."""


class KeyReused(CauriError):
    """This idempotency key was used with another request; use a new key."""


class KeyInProgress(CauriError):
    """The first request with this idempotency key still runs; repeat it in a moment."""

    def __init__(self, message: str = "", retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NoProviderAvailable(CauriError):
    """No provider can take this payment now; try again later with a new idempotency key."""

    def __init__(self, message: str = "", payment_id: str | None = None) -> None:
        super().__init__(message)
        self.payment_id = payment_id


class NotStored(CauriError):
    """Nothing of the unit was stored."""


class Conflict(NotStored):
    """Another unit was there first."""


class DuplicateKey(Conflict):
    """The key is in use."""


class StaleVersion(Conflict):
    """The row has another version than the one read, is gone, or belongs to another tenant."""


class Rejected(NotStored):
    """The database refused for a reason no repository declared."""


class Unavailable(NotStored):
    """The database can't be reached or is closing; the same unit may be sent again."""


class Overloaded(Unavailable):
    """Too many units wait, of this tenant or of all."""


class CommitUnknown(CauriError):
    """The answer to the commit was lost: all of the unit is stored, or nothing is."""

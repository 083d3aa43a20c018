"""Errors as RFC 9457 problem documents: one table, from what is wrong to what the client sees.

`type` is a path of this installation: GET it, and it says what the problem is and what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.http.answers import PROBLEM, Headers, Ready
from adapters.http.exchange import Exchange
from domain import errors

VALIDATION: Final = "validation_failed"
INTERNAL: Final = "internal_error"


class Fault(msgspec.Struct, frozen=True):
    """One field that is wrong."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What went wrong and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    correlation_id: str
    errors: tuple[Fault, ...] = ()
    payment_id: str | None = None


class Edged(Exception):
    """The edge itself refuses a request: `code` names a row of the table."""

    def __init__(self, code: str, detail: str = "", headers: Headers = ()) -> None:
        super().__init__(detail or ROWS[code].detail)
        self.code, self.headers = code, headers


class Faulty(Exception):
    """The request's fields are wrong: all that were found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.message}" for one in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Row:
    """`open`: the error's own words are for the client; else `detail` is all it hears."""

    status: int
    title: str
    detail: str
    open: bool = False
    retry_after_s: int | None = None


AGAIN: Final = "Nothing was stored. Repeat the request with the same Idempotency-Key in a moment."
ROWS: Final[Mapping[str, Row]] = {
    "bad_request": Row(400, "Bad request", "Correct the request and send it again.", True),
    "invalid_json": Row(400, "Not JSON", "Send a JSON object in UTF-8 as the body.", True),
    "body_not_allowed": Row(400, "No body here", "Send this method without a body."),
    "idempotency_key_missing": Row(
        400,
        "Idempotency key missing",
        "Send an `Idempotency-Key` header of 1 to 255 visible ASCII characters.",
    ),
    "unauthorized": Row(
        401,
        "Not authenticated",
        "Send a valid API key as `Authorization: Bearer <key>` or `X-API-Key: <key>`.",
    ),
    "webhook_signature_invalid": Row(
        401,
        "Callback not genuine",
        "The signature is missing, wrong or too old; check the account's signing secret.",
    ),
    "forbidden": Row(403, "Not permitted", "Use an API key with the scope this needs.", True),
    "not_found": Row(
        404, "Not found", "Nothing is here; check the address, the id and whose key it is."
    ),
    "method_not_allowed": Row(405, "Method not allowed", "Use a method of the Allow header."),
    "request_timeout": Row(
        408, "Request too slow", "Send the whole body within 15 seconds.", retry_after_s=1
    ),
    "conflict": Row(
        409, "Somebody else was first", "Read the object again, then repeat.", retry_after_s=1
    ),
    "not_possible_now": Row(409, "Not possible now", "Read the object's present state.", True),
    "payment_not_cancelable": Row(
        409, "Payment not cancelable", "Refund a succeeded payment instead.", True
    ),
    "payment_not_refundable": Row(
        409, "Payment not refundable", "Only a succeeded payment can be refunded.", True
    ),
    "payment_not_verifiable": Row(
        409, "Nothing to verify", "The payment does not wait for a person's word.", True
    ),
    "proof_not_taken": Row(409, "No proof is taken here", "Take a new payment.", True),
    "transaction_number_used": Row(409, "Number used", "Check it: another payment has it."),
    "spend_already_reversed": Row(409, "Spend reversed before", "Once is all.", True),
    "idempotency_in_progress": Row(
        409,
        "First request still running",
        "The first request with this key still runs; repeat it in a moment.",
        retry_after_s=1,
    ),
    "payload_too_large": Row(413, "Body too large", "Send at most 256 KB.", True),
    "uri_too_long": Row(414, "Address too long", "Send a shorter address."),
    "unsupported_media_type": Row(
        415, "Not JSON", "Send `Content-Type: application/json`, without Content-Encoding."
    ),
    VALIDATION: Row(422, "Some fields are wrong", "Correct the fields named in `errors`."),
    "amount_above_limit": Row(422, "Amount above the limit", "Ask for less.", True),
    "amount_below_minimum": Row(422, "Amount below the minimum", "Ask for more.", True),
    "currency_mismatch": Row(422, "Currencies differ", "Use the payment's currency.", True),
    "refund_exceeds_payment": Row(422, "Refund too large", "Refund at most what remains.", True),
    "refund_unsupported": Row(422, "Refund not supported", "Give it back by hand.", True),
    "cancel_unsupported": Row(422, "Cancel not supported", "Wait until it expires.", True),
    "wallet_balance_too_low": Row(
        422, "Wallet holds too little", "Spend at most the wallet's balance.", True
    ),
    "idempotency_key_reused": Row(
        422,
        "Idempotency key used before",
        "This key was used with another request; use a new key.",
    ),
    "rate_limited": Row(429, "Too many requests", "Wait as long as Retry-After says.", True),
    INTERNAL: Row(
        500,
        "Our mistake",
        "Something went wrong on our side; repeat with the same Idempotency-Key, and if it "
        "happens again, report the correlationId.",
    ),
    "no_provider_available": Row(
        503,
        "No provider available",
        "No provider can take this payment now; try again later with a new Idempotency-Key.",
    ),
    "unavailable": Row(503, "Storage not reachable", AGAIN, retry_after_s=2),
    "overloaded": Row(503, "Too busy", AGAIN, retry_after_s=1),
    "commit_unknown": Row(
        503,
        "Outcome not known",
        "It may or may not have been stored. Repeat the request with the same Idempotency-Key: "
        "nothing happens twice.",
        retry_after_s=1,
    ),
}

CODES: Final[Mapping[type[Exception], str]] = {
    errors.CurrencyMismatch: "currency_mismatch",
    errors.AmountAboveLimit: "amount_above_limit",
    errors.AmountBelowMinimum: "amount_below_minimum",
    errors.Invalid: VALIDATION,
    errors.PaymentNotCancelable: "payment_not_cancelable",
    errors.RefundExceedsPayment: "refund_exceeds_payment",
    errors.PaymentNotRefundable: "payment_not_refundable",
    errors.RefundUnsupported: "refund_unsupported",
    errors.CancelUnsupported: "cancel_unsupported",
    errors.WalletBalanceTooLow: "wallet_balance_too_low",
    errors.SpendAlreadyReversed: "spend_already_reversed",
    errors.NotProvable: "proof_not_taken",
    errors.TransactionUsed: "transaction_number_used",
    errors.NotVerifiable: "payment_not_verifiable",
    errors.Refused: "not_possible_now",
    errors.NotFound: "not_found",
    errors.Unauthorized: "unauthorized",
    errors.Forbidden: "forbidden",
    errors.Forged: "webhook_signature_invalid",
    errors.KeyMissing: "idempotency_key_missing",
    errors.KeyReused: "idempotency_key_reused",
    errors.KeyInProgress: "idempotency_in_progress",
    errors.NoProviderAvailable: "no_provider_available",
    errors.Conflict: "conflict",
    errors.Overloaded: "overloaded",
    errors.Unavailable: "unavailable",
    errors.CommitUnknown: "commit_unknown",
    Faulty: VALIDATION,
}

_encode: Final = msgspec.json.Encoder().encode


def code_of(error: Exception) -> str:
    """The row of the nearest class that has one."""
    if isinstance(error, Edged):
        return error.code
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), INTERNAL)


def problem(
    code: str,
    exchange: Exchange,
    detail: str = "",
    faults: tuple[Fault, ...] = (),
    payment_id: str | None = None,
) -> bytes:
    """A problem document's bytes."""
    row = ROWS[code]
    return _encode(
        Problem(
            f"/problems/{code}",
            row.title,
            row.status,
            detail or row.detail,
            exchange.path,
            code,
            exchange.correlation_id,
            faults,
            payment_id,
        )
    )


def answer(error: Exception, exchange: Exchange) -> Ready:
    """The problem document for an error. What no row names is told as internal_error only."""
    code = code_of(error)
    row = ROWS[code]
    faults: tuple[Fault, ...] = ()
    if isinstance(error, Faulty):
        faults = error.faults
    elif isinstance(error, errors.Invalid):
        faults = (Fault(error.field or "body", str(error)),)
    payment_id = error.payment_id if isinstance(error, errors.NoProviderAvailable) else None
    body = problem(code, exchange, str(error) if row.open else "", faults, payment_id)
    return Ready(body, row.status, PROBLEM, _headers(error, row))


def _headers(error: Exception, row: Row) -> Headers:
    headers: Headers = error.headers if isinstance(error, Edged) else ()
    wait = error.retry_after_s if isinstance(error, errors.KeyInProgress) else row.retry_after_s
    if wait is not None:
        headers += ((b"retry-after", b"%d" % wait),)
    if row.status == 401:
        headers += ((b"www-authenticate", b'Bearer realm="cauri"'),)
    if row.status in (408, 413):
        headers += ((b"connection", b"close"),)  # the rest of the body is not waited for
    return headers

"""Errors as people and scripts meet them: one line, one exit status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import click
import msgspec

from domain import errors

DONE: Final = 0
NO: Final = 1
WRONG: Final = 2
MISSING: Final = 3
AGAIN: Final = 4
UNKNOWN: Final = 5
FAULT: Final = 70
HINTED: Final = "cauri "  # a command: it says by itself what to do
ID: Final = re.compile(r"[^\s;,]+")


@dataclass(frozen=True, slots=True)
class Row:
    """`code` is the API's word. `hint` says what to do, where the message does not."""

    status: int
    code: str
    hint: str = ""


ROWS: Final[Mapping[type[BaseException], Row]] = {
    errors.AmountAboveLimit: Row(WRONG, "amount_above_limit"),
    errors.AmountBelowMinimum: Row(WRONG, "amount_below_minimum"),
    errors.CurrencyMismatch: Row(WRONG, "currency_mismatch"),
    errors.Invalid: Row(WRONG, "validation_failed"),
    errors.PaymentNotCancelable: Row(
        NO, "payment_not_cancelable", "if it was paid, give it back: cauri refund"
    ),
    errors.RefundExceedsPayment: Row(NO, "refund_exceeds_payment", "ask for less"),
    errors.PaymentNotRefundable: Row(NO, "payment_not_refundable"),
    errors.RefundUnsupported: Row(NO, "refund_unsupported"),
    errors.CancelUnsupported: Row(NO, "cancel_unsupported"),
    errors.WalletBalanceTooLow: Row(NO, "wallet_balance_too_low"),
    errors.SpendAlreadyReversed: Row(NO, "spend_already_reversed"),
    errors.NotVerifiable: Row(NO, "payment_not_verifiable", "see: cauri verify --list"),
    errors.Refused: Row(NO, "not_possible_now"),
    errors.Unauthorized: Row(NO, "unauthorized"),
    errors.Forbidden: Row(NO, "forbidden"),
    errors.NotFound: Row(MISSING, "not_found", "check the id, and --tenant"),
    errors.KeyMissing: Row(WRONG, "idempotency_key_missing"),
    errors.KeyReused: Row(WRONG, "idempotency_key_reused"),
    errors.KeyInProgress: Row(AGAIN, "idempotency_in_progress"),
    errors.NoProviderAvailable: Row(AGAIN, "no_provider_available"),
    errors.Conflict: Row(AGAIN, "conflict", "somebody else was first; look, then try again"),
    errors.Overloaded: Row(AGAIN, "overloaded", "try again in a moment"),
    errors.Unavailable: Row(AGAIN, "unavailable", "is the database running? nothing was stored"),
    errors.CommitUnknown: Row(
        UNKNOWN, "commit_unknown", "look before you repeat, and repeat with the same --key"
    ),
    errors.Unreadable: Row(WRONG, "unreadable", "check CAURI_MASTER_KEY"),
}
BUG: Final = Row(FAULT, "internal_error", "run it again with --debug, and report what it shows")


def tell(error: BaseException, *, as_json: bool) -> int:
    """One line on stderr: what is wrong, with which field, what to do. The exit status."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    row = next((ROWS[kind] for kind in type(error).__mro__ if kind in ROWS), BUG)
    told = " ".join(str(error).split()) if row is not BUG else f"{type(error).__name__}: {error}"
    told = _whole(told) if isinstance(error, errors.NotFound) else told
    field = error.field if isinstance(error, errors.Invalid) else ""
    if as_json:
        click.echo(_problem(row, told, field), err=True)
        return row.status
    line = f"{field}: {told}" if field else told
    hint = f" ({row.hint})" if row.hint and row.hint not in line and HINTED not in line else ""
    click.echo(f"cauri: {line}{hint}", err=True)
    return row.status


def _whole(told: str) -> str:
    """What storage says ("payment pay_1") as a sentence; others say one by themselves."""
    kind, _, rest = told.partition(" ")
    return f"there is no {told}" if kind.isalpha() and (not rest or ID.fullmatch(rest)) else told


def _problem(row: Row, told: str, field: str) -> bytes:
    body: dict[str, object] = {"code": row.code, "detail": told}
    if row.hint:
        body["hint"] = row.hint
    if field:
        body["errors"] = [{"field": field, "message": told}]
    return msgspec.json.encode(body)

"""Pure translation: a Charge into YallaPay's words, YallaPay's words into an Outcome.

Amounts are JSON numbers in pounds, written and read digit by digit. A status query wants the day
of the transaction besides our reference; whose day, and of what, is not documented.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.amounts import exact, shortest
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.yallapay.errors import DONE, DUPLICATE, MISSING, refused, word
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotFound,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge, Lookup

KHARTOUM: Final = timezone(timedelta(hours=2))  # no summer time since 2017
LEAST_MINOR: Final = 1_000_00
MOST_DAYS: Final = 3  # after the first that a link can be paid on, as far as is asked
WAITING: Final = "PENDING"  # assumed: YallaPay's library lists final words only
PAID: Final = "SUCCESSFUL"
ENDED: Final[Mapping[str, Failure]] = {
    "FAILED": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment was refused at YallaPay.",
        FailureKind.DECLINED,
        "FAILED",
    ),
    "CANCELLED": Failure(
        FailureCode.PAYER_REJECTED,
        "The payer left YallaPay's page.",
        FailureKind.DECLINED,
        "CANCELLED",
    ),
    "EXPIRED": Failure(
        FailureCode.EXPIRED, "Nobody paid in time at YallaPay.", FailureKind.EXPIRED, "EXPIRED"
    ),
}


class Verdict(msgspec.Struct, frozen=True, rename="camel"):
    """What every answer but a status has. The code is a string; an integer was seen, too."""

    response_code: str | int
    response_message: str | None = None
    payment_url: str | None = None

    @property
    def code(self) -> str:
        return str(self.response_code)

    @property
    def words(self) -> str:
        return (self.response_message or "").lower()


class Standing(msgspec.Struct, frozen=True, rename="camel"):
    """How a payment stands."""

    client_reference_id: str
    status: str
    payment_reference_id: str | None = None
    amount: Decimal | None = None


def too_small(amount: Money) -> Declined | None:
    """YallaPay takes a thousand pounds and more; less is not asked for."""
    if amount.currency.code == "SDG" and amount.minor >= LEAST_MINOR:
        return None
    text = "YallaPay takes SDG 1000.00 and more."
    failure = Failure(FailureCode.INVALID_REQUEST, text, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)


def link(charge: Charge) -> dict[str, Any]:
    """The body that makes a payment link. The commission stays with the merchant here: a payer
    who bears it is charged it by us, in the amount."""
    body: dict[str, Any] = {
        "amount": msgspec.Raw(shortest(charge.amount).encode()),
        "clientReferenceId": charge.attempt_id,
        "description": charge.description or charge.reference,
        "commissionPaidByCustomer": False,
    }
    if charge.return_url is not None:
        names = ("paymentSuccessfulRedirectUrl", "paymentFailedRedirectUrl")
        body |= dict.fromkeys(names, charge.return_url)
    return body


def created(response: Response, charge: Charge) -> Outcome:
    """The answer to a request for a link. It names neither reference nor amount."""
    try:
        verdict = decode(response.body, Verdict)
    except Undecodable as error:
        return unusable(response, str(error))
    if response.status >= 500 or 300 <= response.status < 400:
        return unusable(response, word(verdict.code))
    if verdict.code != DONE:
        if DUPLICATE in verdict.words:
            return Unknown(reason="YallaPay has this reference already")
        return refused(response.status, verdict.code)
    url = verdict.payment_url or ""
    if response.status >= 300 or not url.startswith(("https://", "http://")):
        return unusable(response, "no address to send the payer to")
    action = NextAction(type=ActionType.REDIRECT, url=url, expires_at=charge.expires_at)
    return Pending(provider_reference=charge.attempt_id, next_action=action)


def question(attempt_id: str, day: date) -> dict[str, str]:
    return {"clientReferenceId": attempt_id, "transactionDate": day.isoformat()}


def days(lookup: Lookup, now: datetime) -> Sequence[date]:
    """The days to ask about, the likeliest first: when the link was made, by the clock of Khartoum
    and by the world's, then each later one on which it may have been paid."""
    first = lookup.opened_at.astimezone(KHARTOUM).date()
    last = now.astimezone(KHARTOUM).date()
    later = [first + timedelta(days=n) for n in range(1, MOST_DAYS + 1)]
    asked = [first, lookup.opened_at.astimezone(UTC).date(), *(day for day in later if day <= last)]
    return tuple(dict.fromkeys(asked))


def found(response: Response, lookup: Lookup) -> Outcome | NotFound:
    """The answer to a status query. Never a refusal: a query that fails says nothing."""
    if response.status == 200:
        try:
            return outcome(decode(response.body, Standing), response, lookup)
        except Undecodable:
            pass  # what is wrong with it is told below
    try:
        verdict = decode(response.body, Verdict)
    except Undecodable as error:
        return unusable(response, str(error))
    if response.status < 500 and verdict.code != DONE and MISSING in verdict.words:
        return NotFound(f"YallaPay does not know {lookup.attempt_id} on that day")
    return unusable(response, f"code {word(verdict.code)}")


def outcome(known: Standing, response: Response, lookup: Lookup) -> Outcome:
    """What it says about the money. REVOKED is taken to be: paid, and taken back. A person looks.
    Words that nobody has told of are no answer."""
    if known.client_reference_id != lookup.attempt_id:
        return unusable(response, "another reference")
    status, reference = known.status.upper(), known.payment_reference_id or None
    if status == WAITING:
        return Pending(provider_reference=reference)
    if (failure := ENDED.get(status)) is not None:
        return Declined(failure=failure, provider_reference=reference)
    amount = None if known.amount is None else exact(known.amount, "SDG")
    if status == PAID and amount is not None:
        return Succeeded(amount=amount, provider_reference=reference)
    return Unknown(reason=f"status {word(status)}", provider_reference=reference)

"""Pure translation: a Charge into a deposit, what pawaPay says of it into an Outcome.

pawaPay's id of a deposit is a UUID that we choose; it is also its idempotency key. Ours is derived
from the attempt, so it is known before anything is sent and stored nowhere else;
`clientReferenceId` repeats the attempt for people, statements and callbacks. Amounts are strings
in major units, without zeros at their end.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.pawapay.errors import Reason, failed, refused
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
from domain.ports.providers import Charge
from domain.providers.network import Network

CURRENCY: Final = "ZMW"
NETWORKS: Final[Mapping[str, Network]] = {
    "MTN_MOMO_ZMB": Network("ZM", "260", ("96", "76", "56"), 9),
    "AIRTEL_OAPI_ZMB": Network("ZM", "260", ("97", "77", "57"), 9),
    "ZAMTEL_ZMB": Network("ZM", "260", ("95", "75", "55"), 9),
}
LIVE: Final = frozenset({"ACCEPTED", "SUBMITTED", "ENQUEUED", "PROCESSING", "IN_RECONCILIATION"})
PROMPT: Final = timedelta(minutes=5)  # "up to a few minutes"
SHORTEST_WORDS, MOST_WORDS = 4, 22


class Taken(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a POST, or a refusal before it was looked at."""

    deposit_id: str | None = None
    refund_id: str | None = None
    status: str | None = None
    failure_reason: Reason | None = None


class Payment(msgspec.Struct, frozen=True, rename="camel"):
    """A deposit or a refund, as a status query and a callback tell it."""

    status: str
    amount: Decimal
    currency: str
    deposit_id: str | None = None
    refund_id: str | None = None
    client_reference_id: str | None = None
    failure_reason: Reason | None = None
    metadata: Any = None


class Found(msgspec.Struct, frozen=True):
    """The answer to a query."""

    status: str
    data: Payment | None = None


def reference(ours: str) -> str:
    """The UUID (version 4 by its form) under which pawaPay knows an attempt or a refund of ours."""
    return str(UUID(bytes=hashlib.sha256(ours.encode()).digest()[:16], version=4))


def proof(api_token: str, ours: str) -> str:
    """What only this account can have put into a deposit or refund, and gets back in callbacks."""
    return hmac.digest(api_token.encode(), ours.encode(), "sha256").hex()[:32]


def provider(phone: str | None) -> str | None:
    """Whose number it is, in pawaPay's words."""
    if phone is None:
        return None
    return next((name for name, one in NETWORKS.items() if one.has(phone)), None)


def number(amount: Money) -> str:
    """ "15", "12.5": pawaPay takes no zeros at the end."""
    whole, _, decimals = amount.major.partition(".")
    kept = decimals.rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def words(text: str) -> str:
    """What a payer reads: 4 to 22 letters, digits and spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    kept = " ".join(re.sub(r"[^A-Za-z0-9]", " ", plain).split())[:MOST_WORDS].strip()
    return kept if len(kept) >= SHORTEST_WORDS else "Payment"


def misdirected(charge: Charge) -> Declined | None:
    """A no of our own, before anything is sent."""
    if charge.amount.currency.code != CURRENCY:
        told = f"This pawaPay account takes {CURRENCY} only."
    elif provider(charge.customer.phone) is None:
        known = ", ".join(one.described for one in NETWORKS.values())
        told = f"pawaPay asks numbers of MTN, Airtel and Zamtel in Zambia only: {known}."
    else:
        return None
    failure = Failure(FailureCode.INVALID_REQUEST, told, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)


def deposit(charge: Charge, api_token: str) -> dict[str, Any]:
    """The body. The payer's number is written without a plus."""
    phone = charge.customer.phone
    account = {"phoneNumber": (phone or "").removeprefix("+"), "provider": provider(phone)}
    return {
        "depositId": reference(charge.attempt_id),
        "payer": {"type": "MMO", "accountDetails": account},
        "amount": number(charge.amount),
        "currency": charge.amount.currency.code,
        "clientReferenceId": charge.attempt_id,
        "customerMessage": words(charge.reference or charge.description),
        "metadata": [{"proof": proof(api_token, charge.attempt_id)}],
    }


def duplicate(response: Response, ours: str) -> bool:
    """Whether pawaPay has it already, and did nothing."""
    try:
        read = decode(response.body, Taken)
    except Undecodable:
        return False
    same = reference(ours) in (read.deposit_id, read.refund_id)
    return response.status == 200 and same and read.status == "DUPLICATE_IGNORED"


def accepted(response: Response, charge: Charge) -> Outcome:
    """The answer to a deposit: taken, or a refusal."""
    said = taken(response, charge.attempt_id)
    if not isinstance(said, Pending):
        return said
    action = NextAction(
        type=ActionType.APPROVE_ON_PHONE,
        message="A request comes to your phone: approve it there with your mobile money PIN.",
        expires_at=min(charge.expires_at, charge.opened_at + PROMPT),
    )
    return replace(said, next_action=action)


def taken(response: Response, ours: str) -> Outcome:
    """The answer to a deposit or refund under the reference of `ours`."""
    known = reference(ours)
    try:
        read = decode(response.body, Taken)
    except Undecodable as error:
        return replace(unusable(response, str(error)), provider_reference=known)
    about = read.deposit_id or read.refund_id
    if about not in (None, known):
        said = unusable(response, "about another reference")
        return replace(said, provider_reference=known)
    if response.status == 200 and read.status == "ACCEPTED" and about == known:
        return Pending(provider_reference=known)
    no = refused(response, read.failure_reason, rejected=read.status == "REJECTED")
    return no if no is not None else replace(unusable(response), provider_reference=known)


def status(response: Response, ours: str) -> Outcome | NotFound:
    """What a query found under the reference of `ours`. Never a refusal of the query's own."""
    try:
        read = decode(response.body, Found)
    except Undecodable as error:
        return unusable(response, str(error))
    if response.status != 200:
        return unusable(response)
    if read.status == "NOT_FOUND" and read.data is None:
        return NotFound("pawaPay does not know it")
    if read.status != "FOUND" or read.data is None:
        return unusable(response, "neither found nor not found")
    if (read.data.deposit_id or read.data.refund_id) != reference(ours):
        return unusable(response, "about another reference")
    return outcome(read.data)


def outcome(read: Payment) -> Outcome:
    """What a deposit or refund says about the money."""
    known = read.deposit_id or read.refund_id
    if read.status in LIVE:
        return Pending(provider_reference=known)
    if read.status == "FAILED":
        return replace(failed(read.failure_reason), provider_reference=known)
    amount = exact(read.amount, read.currency)
    if read.status != "COMPLETED" or amount is None:
        return Unknown(reason="a status that says nothing certain", provider_reference=known)
    return Succeeded(amount=amount, provider_reference=known)

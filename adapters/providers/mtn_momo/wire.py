"""Pure translation: a Charge into MTN's words, MTN's words into an Outcome.

MTN's id of a request is a UUID that we choose; it is also its idempotency key. Ours is derived
from the attempt, so it is known before anything is sent and stored nowhere else; `externalId`
repeats the attempt for people, statements and callbacks. Amounts are strings in major units.
"""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.provider_kit.amounts import exact, shortest
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.mtn_momo.errors import ABSENT, failed, problem, refused
from adapters.providers.mtn_momo.markets import Market
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

PROMPT: Final = timedelta(minutes=5)  # how long a payer is asked
MOST_WORDS: Final = 160


class Transaction(msgspec.Struct, frozen=True, rename="camel"):
    """A request to pay or a refund, as a status query and a callback tell it."""

    amount: Decimal
    currency: str
    external_id: str
    status: str
    reason: Any = None


def reference(ours: str) -> str:
    """The UUID (version 4 by its form) under which MTN knows an attempt or a refund of ours."""
    return str(UUID(bytes=sha256(ours.encode()).digest()[:16], version=4))


def words(text: str) -> str:
    """What a payer reads. The gateway answers 200 with a page to brackets and number signs, so
    only plain letters, digits and a few signs are sent."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9 .,:/_-]", " ", plain)
    return " ".join(kept.split())[:MOST_WORDS].strip() or "Payment"


def misdirected(charge: Charge, market: Market) -> Declined | None:
    """A no of our own, before anything is sent: this account is another country's."""
    if charge.amount.currency.code != market.currency:
        told = f"This MTN account takes {market.currency} only."
    elif not market.has(charge.customer.phone):
        told = f"This MTN account asks numbers that begin with {market.network.described} only."
    else:
        return None
    failure = Failure(FailureCode.INVALID_REQUEST, told, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)


def request_to_pay(charge: Charge) -> dict[str, Any]:
    """The body. The payer's number is written without a plus."""
    return {
        "amount": shortest(charge.amount),
        "currency": charge.amount.currency.code,
        "externalId": charge.attempt_id,
        "payer": {
            "partyIdType": "MSISDN",
            "partyId": (charge.customer.phone or "").removeprefix("+"),
        },
        "payerMessage": words(charge.description or charge.reference),
        "payeeNote": words(charge.reference),
    }


def accepted(response: Response, charge: Charge) -> Outcome:
    """The answer to a request: 202 with nothing in it, or a refusal. 200 is the gateway's page."""
    known = reference(charge.attempt_id)
    if response.status != 202:
        said = refused(response)
        return replace(said, provider_reference=known)
    action = NextAction(
        type=ActionType.APPROVE_ON_PHONE,
        message="MTN asks on your phone: approve it there with your MoMo PIN.",
        expires_at=min(charge.expires_at, charge.opened_at + PROMPT),
    )
    return Pending(provider_reference=known, next_action=action)


def status(response: Response, ours: str) -> Outcome | NotFound:
    """What a query found under the reference of `ours`. Never a refusal of the query's own."""
    if response.status != 200:
        found = problem(response)
        if response.status == 404 and found is not None and found.code == ABSENT:
            return NotFound("MTN does not know it")
        return unusable(response, found.word if found is not None else "")
    try:
        read = decode(response.body, Transaction)
    except Undecodable as error:
        return unusable(response, str(error))
    if read.external_id != ours:
        return unusable(response, "about another reference")
    return outcome(read)


def outcome(read: Transaction) -> Outcome:
    """What a transaction says about the money."""
    known = reference(read.external_id)
    if read.status == "PENDING":
        return Pending(provider_reference=known)
    if read.status == "FAILED":
        return replace(failed(read.reason), provider_reference=known)
    amount = exact(read.amount, read.currency)
    if read.status != "SUCCESSFUL" or amount is None:
        return Unknown(reason="a status that says nothing certain", provider_reference=known)
    return Succeeded(amount=amount, provider_reference=known)

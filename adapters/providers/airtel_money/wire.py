"""Pure translation: a Charge into Airtel's words, Airtel's words into an Outcome.

Airtel knows a payment by the id that we give it: the attempt itself. Numbers are national, without
the country's code, unless the account says otherwise; amounts are JSON numbers in major units,
written digit by digit. Neither the enquiry nor the callback tells an amount, so what succeeded is
what was asked for.
"""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, NamedTuple

import msgspec

from adapters.provider_kit.amounts import shortest
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.airtel_money.config import Numbers
from adapters.providers.airtel_money.errors import (
    ABSENT,
    DUPLICATE,
    LATE,
    OK,
    TIMEOUT,
    Verdict,
    failed,
    no,
    refused,
    verdict,
)
from adapters.providers.airtel_money.markets import Market
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Answer,
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

PROMPT: Final = timedelta(minutes=3)  # when at the earliest Airtel wants to be asked
SHORTEST_WORDS, MOST_WORDS = 4, 64
LIVE: Final = frozenset({"TIP", "TI", "TA"})  # in progress, initiated, not known to Airtel either


class Transaction(msgspec.Struct, frozen=True):
    """`id` was seen to be false in the answer to a push."""

    status: str
    id: Any = None
    airtel_money_id: str | None = None


class _Data(msgspec.Struct, frozen=True):
    transaction: Transaction


class _Answer(msgspec.Struct, frozen=True):
    data: _Data
    status: Verdict


class Told(NamedTuple):
    """What an answer says: the transaction, and the verdict beside it."""

    transaction: Transaction
    verdict: Verdict


def words(text: str) -> str:
    """What a payer reads: 4 to 64 plain letters, digits and a few signs."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    kept = " ".join(re.sub(r"[^A-Za-z0-9 .,:_-]", " ", plain).split())[:MOST_WORDS].strip()
    return kept if len(kept) >= SHORTEST_WORDS else "Payment"


def number(amount: Money) -> msgspec.Raw:
    """A JSON number, exactly: 1500, 12.50. No binary fraction ever stands between."""
    return msgspec.Raw(shortest(amount).encode())


def misdirected(charge: Charge, market: Market) -> Declined | None:
    """A no of our own, before anything is sent: this account is another country's."""
    if charge.amount.currency.code != market.currency:
        told = f"This Airtel account takes {market.currency} only."
    elif not market.has(charge.customer.phone):
        told = f"This Airtel account asks numbers that begin with {market.network.described} only."
    else:
        return None
    failure = Failure(FailureCode.INVALID_REQUEST, told, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)


def number_of(phone: str, market: Market, form: Numbers) -> str:
    """The payer's number as Airtel wants it."""
    national = phone.removeprefix(f"+{market.network.code}")
    return {"national": "", "trunk": "0", "international": market.network.code}[form] + national


def push(charge: Charge, market: Market, form: Numbers = "national") -> bytes:
    """The body: it is signed as it is sent, so it is made once."""
    where = {"country": market.network.country, "currency": market.currency}
    msisdn = number_of(charge.customer.phone or "", market, form)
    return msgspec.json.encode(
        {
            "reference": words(charge.reference or charge.description),
            "subscriber": {**where, "msisdn": msisdn},
            "transaction": {**where, "amount": number(charge.amount), "id": charge.attempt_id},
        }
    )


def told(response: Response) -> Told | None:
    """The transaction in an answer, if there is one."""
    try:
        read = decode(response.body, _Answer)
    except Undecodable:
        return None
    return Told(read.data.transaction, read.status)


def duplicate(response: Response) -> bool:
    """Whether Airtel has that id already, and did nothing."""
    found = verdict(response)
    return found is not None and response.status < 500 and found.result_code == DUPLICATE


def pushed(response: Response, charge: Charge) -> Outcome:
    """The answer to a push. "SUCCESS" is that the payer was asked; it says nothing of money."""
    known, read = charge.attempt_id, told(response)
    sent = read is not None and read.transaction.status.upper() == "SUCCESS"
    if response.status != 200 or read is None or not sent or read.verdict.success is not True:
        return replace(refused(response), provider_reference=known)
    if read.verdict.result_code != OK or read.transaction.id not in (None, False, known):
        said = unusable(response, f"a success with {read.verdict.word}")
        return replace(said, provider_reference=known)
    action = NextAction(
        type=ActionType.APPROVE_ON_PHONE,
        message="Airtel asks on your phone: approve it there with your Airtel Money PIN.",
        expires_at=min(charge.expires_at, charge.opened_at + PROMPT),
    )
    return Pending(provider_reference=known, next_action=action)


def enquired(response: Response, attempt_id: str) -> Told | NotFound | Unknown:
    """What an enquiry found under that id. Never a refusal of the enquiry's own."""
    found, read = verdict(response), told(response)
    gone = found is not None and found.result_code == ABSENT
    if gone and read is None and response.status < 500 and response.status != TIMEOUT:
        return NotFound("Airtel does not know it")
    if response.status != 200 or read is None:
        return unusable(response, found.word if found is not None else "")
    if read.transaction.id not in (None, False, attempt_id):
        return unusable(response, "about another transaction")
    return read


def outcome(read: Told, amount: Money, attempt_id: str, country: str) -> Answer:
    """What a transaction says about the money, by its own status alone."""
    known = read.transaction.airtel_money_id or attempt_id
    match read.transaction.status:
        case "TS":
            return Succeeded(amount=amount, provider_reference=known)
        case "TF":
            said = failed(read.verdict.response_code, country)
            return replace(said, provider_reference=attempt_id)
        case "TE":
            return replace(no(LATE, "TE"), provider_reference=attempt_id)
        case status if status in LIVE:
            return Pending(provider_reference=attempt_id)
        case "TR":
            why = "paid and given back, at Airtel or by a refund of ours"
            return Unknown(reason=why, provider_reference=known)
    return Unknown(reason="a status that says nothing certain", provider_reference=attempt_id)

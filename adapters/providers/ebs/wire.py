"""Pure translation: a Charge into a payment token of noebs, its tokens and EBS's words back.

A token's amount is an integer in pounds. Its `transaction`s are the tries at EBS, in pounds with
decimals.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.ebs.config import EbsConfig
from adapters.providers.ebs.errors import NOT_FOUND, Verdict, verdict
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
PIASTRES: Final = 100
FORMATS: Final[Mapping[str, str]] = {"YYMMDD": "%y%m%d%H%M%S", "DDMMYY": "%d%m%y%H%M%S"}


class Problem(msgspec.Struct, frozen=True):
    """noebs's own refusal."""

    code: str
    message: str


class Made(msgspec.Struct, frozen=True):
    uuid: str
    payment_link: str


class Try(msgspec.Struct, frozen=True, rename="camel"):
    """A transfer at EBS."""

    response_code: int
    uuid: str = msgspec.field(default="", name="UUID")
    tran_amount: Decimal | None = None


class Token(msgspec.Struct, frozen=True):
    uuid: str
    is_paid: bool
    amount: int = 0  # 0: whatever the payer likes
    cart_id: str = ""
    transaction: list[Try] | None = None


class Tokens(msgspec.Struct, frozen=True):
    count: int
    token: list[Token] | None


class Told(msgspec.Struct, frozen=True):
    ebs_response: Try


class Failed(msgspec.Struct, frozen=True):
    """EBS's no, in noebs's wrapping."""

    status: str
    details: Try


def unfit(amount: Money) -> Declined | None:
    """A token is of whole pounds: less is not asked for."""
    if amount.currency.code == "SDG" and amount.minor % PIASTRES == 0:
        return None
    text = "A payment token of noebs is of whole pounds."
    return refusal(text, FailureCode.INVALID_REQUEST, FailureKind.INVALID)


def token(charge: Charge, config: EbsConfig) -> dict[str, Any]:
    """The body that makes a payment token."""
    body: dict[str, Any] = {
        "amount": charge.amount.minor // PIASTRES,
        "cart_id": charge.attempt_id,
        "note": charge.description or charge.reference,
    }
    return {**body, "toCard": config.to_card} if config.to_card else body


def made(response: Response, charge: Charge) -> Outcome:
    """The answer to a request for a token."""
    if response.status in (400, 401, 403):
        try:
            decode(response.body, Problem)
        except Undecodable as error:
            return unusable(response, str(error))
        if response.status == 400:
            text = "noebs made no payment token of it."
            return refusal(text, FailureCode.INVALID_REQUEST, FailureKind.INVALID)
        text = "noebs does not accept this account's session."
        return refusal(text, FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE)
    if not 200 <= response.status < 300:
        return unusable(response)
    try:
        known = decode(response.body, Made)
    except Undecodable as error:
        return unusable(response, str(error))
    if not known.uuid or not known.payment_link.startswith(("https://", "http://")):
        return unusable(response, "no address to send the payer to")
    action = NextAction(
        type=ActionType.REDIRECT, url=known.payment_link, expires_at=charge.expires_at
    )
    return Pending(provider_reference=known.uuid, next_action=action)


def refusal(text: str, code: FailureCode, kind: FailureKind) -> Declined:
    """No token was made. Another provider may be tried."""
    return Declined(failure=Failure(code, text, kind), elsewhere=True)


def found(response: Response, lookup: Lookup) -> Token | NotFound | Unknown:
    """The token of our attempt in the user's list. Two of them would be two charges."""
    if response.status != 200:
        return unusable(response)
    try:
        known = decode(response.body, Tokens)
    except Undecodable as error:
        return unusable(response, str(error))
    rows = known.token or []
    if len(rows) != known.count:
        return unusable(response, "a list that is not complete")
    ours = [one for one in rows if one.cart_id == lookup.attempt_id]
    if len(ours) > 1:
        return unusable(response, "more than one token")
    return ours[0] if ours else NotFound(f"noebs has no token of {lookup.attempt_id}")


def outcome(known: Token) -> Outcome:
    """What a token says about the money. Unpaid, with a try that is not refused for sure, leaves
    it open: noebs marks a token only after EBS has moved the money."""
    amount = exact(Decimal(known.amount), "SDG")
    if known.is_paid and amount is not None and amount.minor:
        return Succeeded(amount=amount, provider_reference=known.uuid)
    if known.is_paid or doubtful(known):
        reason = "paid, but not as an amount" if known.is_paid else "a try that EBS must explain"
        return Unknown(reason=reason, provider_reference=known.uuid)
    return Pending(provider_reference=known.uuid)


def doubtful(known: Token) -> Sequence[Try]:
    """The tries that may have moved money although the token is not paid."""
    tries = known.transaction or []
    return [one for one in tries if verdict(one.response_code) is not Verdict.REFUSED]


def question(config: EbsConfig, now: datetime, about: str = "") -> dict[str, str]:
    """What every request to EBS begins with, and whom it is about."""
    body = {"UUID": name(f"{about} {now.isoformat()}"), "tranDateTime": stamp(now, config)}
    if config.application_id:
        body["applicationId"] = config.application_id
    return {**body, "originalTranUUID": about} if about else body


def stamp(now: datetime, config: EbsConfig) -> str:
    """Twelve digits, by the clock of Khartoum."""
    return now.astimezone(KHARTOUM).strftime(FORMATS[config.date_format])


def name(text: str) -> str:
    """A UUID in the form of version 4, always the same for a text."""
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def explained(response: Response, one: Try) -> Succeeded | NotFound | Unknown:
    """What EBS says of a try: it moved money, it certainly did not (NotFound), or no answer."""
    try:
        if response.status == 200:
            said = decode(response.body, Told).ebs_response
            if said.uuid != one.uuid:
                return unusable(response, "another transfer")
        else:
            failed = decode(response.body, Failed)
            gone = failed.status == "EBSError" and failed.details.response_code in NOT_FOUND
            return NotFound("EBS does not know it") if gone else unusable(response)
    except Undecodable as error:
        return unusable(response, str(error))
    amount = None if said.tran_amount is None else exact(said.tran_amount, "SDG")
    match verdict(said.response_code):
        case Verdict.MOVED if amount is not None:
            return Succeeded(amount=amount)
        case Verdict.REFUSED:
            return NotFound("EBS refused it")
    return unusable(response, "EBS does not say")

"""Pure translation: a Charge into ZainCash's claims, ZainCash's words into an Outcome.

A request is a form whose `token` is a JSON Web Token of the merchant's secret. Amounts are whole
dinars: a number in the claims, a string in answers, with no currency. `orderId` is our reference.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from adapters.provider_kit import jwt
from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import ACCEPT, Undecodable, decode, unusable
from adapters.provider_kit.transport import Request, Response
from adapters.providers.zaincash_v1.config import ZainCashV1Config
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge

FILS: Final = 1_000  # of a dinar: our minor units
GOOD_FOR: Final = timedelta(hours=4)  # a token, as in ZainCash's sample
OPEN: Final = frozenset({"pending", "pending_otp"})
NO_CREDIT: Final = "not enough credit"  # what `due` says then
WHOLE_DINARS: Final = Failure(
    FailureCode.INVALID_REQUEST, "ZainCash takes whole dinars.", FailureKind.INVALID
)
NO_PAGE: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "ZainCash needs a returnUrl, of the payment or of the account.",
    FailureKind.INVALID,
)
REFUSED: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "ZainCash made no transaction of it: the account's set-up or the request is wrong.",
    FailureKind.INVALID,
    "err",
)


class Problem(msgspec.Struct, frozen=True):
    """`msg` is not repeated: no list of them is published, and it may hold anything."""

    msg: str


class Refusal(msgspec.Struct, frozen=True):
    err: Problem


class Transaction(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    status: str
    order_id: str
    amount: Decimal
    due: str | None = None

    def money(self) -> Money | None:
        return exact(self.amount, "IQD")


def dinars(amount: Money) -> int | None:
    """None for what is not whole dinars of Iraq."""
    whole, rest = divmod(amount.minor, FILS)
    return whole if amount.currency.code == "IQD" and rest == 0 and whole > 0 else None


def impossible(charge: Charge, config: ZainCashV1Config) -> Declined | None:
    """What ZainCash can't take; nothing was sent."""
    if dinars(charge.amount) is None:
        return Declined(failure=WHOLE_DINARS, elsewhere=True)
    if not (charge.return_url or config.return_url):
        return Declined(failure=NO_PAGE, elsewhere=True)
    return None


def init(charge: Charge, config: ZainCashV1Config, now: datetime) -> Request:
    """The request that makes a transaction; a second one would make another."""
    said = {
        "amount": dinars(charge.amount),
        "serviceType": config.service_type,
        "msisdn": config.msisdn,
        "orderId": charge.attempt_id,
        "redirectUrl": charge.return_url or config.return_url,
    }
    return _form(config, "init", said, now, lang=config.language)


def get(reference: str, config: ZainCashV1Config, now: datetime) -> Request:
    """The request that asks about one."""
    return _form(config, "get", {"id": reference, "msisdn": config.msisdn}, now)


def _form(
    config: ZainCashV1Config, verb: str, said: Mapping[str, Any], now: datetime, **more: str
) -> Request:
    times = {"iat": int(now.timestamp()), "exp": int((now + GOOD_FOR).timestamp())}
    token = jwt.signed({**said, **times}, config.secret)
    form = {"token": token, "merchantId": config.merchant_id, **more}
    headers = {**ACCEPT, "content-type": "application/x-www-form-urlencoded"}
    return Request("POST", f"{config.url}/transaction/{verb}", headers, urlencode(form).encode())


def created(response: Response, charge: Charge, config: ZainCashV1Config) -> Outcome:
    """The answer to an init: a transaction of ours, or `err` instead of one."""
    if _is_refusal(response):
        return Declined(failure=REFUSED, elsewhere=True)
    made = read(response, None, charge.attempt_id)
    if isinstance(made, Unknown):
        return made
    if made.money() != charge.amount or made.status not in OPEN:
        reason = f"init {made.status[:40]}, or another amount"
        return Unknown(reason=reason, provider_reference=made.id)
    url = f"{config.url}/transaction/pay?id={quote(made.id, safe='')}"
    action = NextAction(type=ActionType.REDIRECT, url=url, expires_at=charge.expires_at)
    return Pending(provider_reference=made.id, next_action=action)


def read(response: Response, reference: str | None, attempt_id: str) -> Transaction | Unknown:
    """The transaction in an answer. What an unknown id is answered is not documented."""
    if response.status != 200:
        return unusable(response)
    if _is_refusal(response):
        return unusable(response, "err")
    try:
        found = decode(response.body, Transaction)
    except Undecodable as error:
        return unusable(response, str(error))
    if found.order_id != attempt_id or reference not in (None, found.id) or not found.id:
        return unusable(response, "another transaction")
    return found


def outcome(found: Transaction) -> Outcome:
    """What a transaction says about the money."""
    word, amount = found.status, found.money()
    if word in OPEN:
        return Pending(provider_reference=found.id)
    if word == "completed" and amount is not None:
        return Succeeded(amount=amount, provider_reference=found.id)
    if word == "failed":
        return Declined(failure=_failed(found.due or ""), provider_reference=found.id)
    if word == "cancel":
        text = "The payer canceled at ZainCash."
        failure = Failure(FailureCode.CANCELED, text, FailureKind.CANCELED, "cancel")
        return Declined(failure=failure, provider_reference=found.id)
    return Unknown(reason=f"status {word[:40]}", provider_reference=found.id)


def _failed(due: str) -> Failure:
    if NO_CREDIT in due.lower():
        text = "The balance of the wallet is too low."
        return Failure(FailureCode.INSUFFICIENT_FUNDS, text, FailureKind.DECLINED, "failed")
    text = "The payment failed or was refused at ZainCash."
    return Failure(FailureCode.PAYER_REJECTED, text, FailureKind.DECLINED, "failed")


def _is_refusal(response: Response) -> bool:
    if response.status >= 500:
        return False
    try:
        decode(response.body, Refusal)
    except Undecodable:
        return False
    return True

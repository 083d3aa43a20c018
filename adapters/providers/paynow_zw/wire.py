"""Pure translation: a Charge into Paynow's words, Paynow's words into an Outcome.

An attempt's id is 32 characters, as many as a merchanttrace may have: it is both that, by which a
transaction is found whose answer was lost, and the reference that each status update repeats.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.paynow_zw.addresses import guid_of, own
from adapters.providers.paynow_zw.config import PaynowConfig
from adapters.providers.paynow_zw.errors import ENDED, PAID, UNDONE, WAITING
from adapters.providers.paynow_zw.messages import Message, Pairs, read
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
from domain.providers.network import Network

ECOCASH: Final = Network("ZW", "263", ("77", "78"), 9)
ONEMONEY: Final = Network("ZW", "263", ("71",), 9)
AMOUNT: Final = re.compile(r"(?:[0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,4})?")
LONGEST: Final = 200  # characters of a text for people
ON_PHONE: Final = "Enter the wallet's PIN on the phone to approve the payment."
NO_PAGE: Final = "Paynow needs a return URL, of the payment or of the account."


@dataclass(frozen=True, slots=True)
class Refused:
    """Paynow says that it made no transaction, in these words. Nothing proves who said it but the
    connection: errors have no hash."""

    error: str


def impossible(charge: Charge, config: PaynowConfig) -> Declined | None:
    """A no of our own, before anything is sent."""
    if charge.amount.currency.code != config.currency:
        told = f"This Paynow integration is paid in {config.currency} only."
    elif not (charge.return_url or config.return_url):
        told = NO_PAGE
    else:
        return None
    failure = Failure(FailureCode.INVALID_REQUEST, told, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)


def wallet(charge: Charge, config: PaynowConfig) -> str | None:
    """How the payer can be asked on the phone, in Paynow's word; None: by the page."""
    phone = charge.customer.phone or ""
    if not (config.auth_email or charge.customer.email):
        return None
    if config.ecocash and ECOCASH.has(phone):
        return "ecocash"
    return "onemoney" if config.onemoney and ONEMONEY.has(phone) else None


def request(charge: Charge, config: PaynowConfig, method: str | None) -> Pairs:
    """What asks for the money, for a wallet or for the page."""
    customer = charge.customer
    phone = local(customer.phone or "")
    fields = {
        "id": config.integration_id,
        "reference": charge.attempt_id,
        "amount": charge.amount.major,
        "additionalinfo": words(charge.description or charge.reference),
        "returnurl": charge.return_url or config.return_url,
        "resulturl": config.callback_url,
        "authemail": words(config.auth_email or customer.email or ""),
        "authphone": phone,
        "authname": words(customer.name or ""),
        "merchanttrace": charge.attempt_id,
        "status": "Message",
    }
    if method is not None:
        fields |= {"method": method, "phone": phone}
    return [(name, value) for name, value in fields.items() if value]


def question(attempt_id: str, config: PaynowConfig) -> Pairs:
    """What asks for a transaction by our own reference."""
    return [("id", config.integration_id), ("merchanttrace", attempt_id), ("status", "Message")]


def local(phone: str) -> str:
    """ "+263771234567" as "0771234567", as all of Paynow's samples are; "" for other countries'."""
    national = phone.removeprefix("+263")
    fits = national != phone and national.isascii() and national.isdigit() and len(national) == 9
    return f"0{national}" if fits else ""


def words(text: str) -> str:
    """Without what can't be shown, and no longer than it can be read."""
    return "".join(one for one in text if one.isprintable()).strip()[:LONGEST].strip()


def begun(
    response: Response, charge: Charge, config: PaynowConfig, method: str | None
) -> Outcome | Refused:
    """The answer to a request for money: Pending with what the payer does next, or Refused."""
    message = heard(response)
    if isinstance(message, Unknown):
        return message
    if message.status == "error":
        return Refused(message.get("error"))
    if not message.proven(config.integration_key):
        return unusable(response, "its hash is not by this account's key")
    if message.status != "ok":
        return unusable(response, "neither Ok nor Error")
    guid = guid_of(message.get("pollurl"), config.url)
    if guid is None:
        return unusable(response, "a poll url that is not Paynow's")
    if method is not None:
        said = words(message.get("instructions")) or ON_PHONE
        return Pending(
            provider_reference=guid,
            next_action=NextAction(
                type=ActionType.APPROVE_ON_PHONE, message=said, expires_at=charge.expires_at
            ),
        )
    url = message.get("browserurl")
    if own(url, config.url) is None:
        return Unknown(reason="a page that is not Paynow's", provider_reference=guid)
    action = NextAction(type=ActionType.REDIRECT, url=url, expires_at=charge.expires_at)
    return Pending(provider_reference=guid, next_action=action)


def found(response: Response, attempt_id: str, config: PaynowConfig) -> Answer:
    """The answer to a poll or a trace. Never a refusal: a question that fails says nothing."""
    message = heard(response)
    if isinstance(message, Unknown):
        return message
    if not message.proven(config.integration_key):  # errors have no hash, and say nothing either
        return unusable(response, "an error, or a hash that is not by this account's key")
    if message.status == "notfound":
        return NotFound("Paynow does not know that merchanttrace")
    if message.get("reference") != attempt_id:
        return unusable(response, "another transaction")
    return standing(message, config)


def standing(message: Message, config: PaynowConfig) -> Outcome:
    """What a status update says about the money, wherever it stands. It tells no currency: that
    is the integration's."""
    status = message.status
    guid = guid_of(message.get("pollurl"), config.url)
    if status in WAITING:
        return Pending(provider_reference=guid)
    if (failure := ENDED.get(status)) is not None:
        return Declined(failure=failure, provider_reference=guid)
    if status in UNDONE:
        return Unknown(reason=f"paid, then {status}", provider_reference=guid)
    amount = money(message.get("amount"), config.currency)
    if status not in PAID or amount is None:
        reason = "paid, but not as an amount" if status in PAID else "a status nobody explains"
        return Unknown(reason=reason, provider_reference=guid)
    return Succeeded(amount=amount, provider_reference=guid)


def money(text: str, code: str) -> Money | None:
    """ "1500.00", or "1,500.00": Paynow's own numbers were seen with such commas."""
    if AMOUNT.fullmatch(text) is None:
        return None
    return exact(Decimal(text.replace(",", "")), code)


def heard(response: Response) -> Message | Unknown:
    """A message of Paynow's, or why it is none."""
    if response.status != 200:
        return unusable(response)
    try:
        return read(response.body)
    except Undecodable as error:
        return unusable(response, str(error))

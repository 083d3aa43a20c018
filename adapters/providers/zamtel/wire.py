"""Pure translation: a Charge into Zamtel's query, Zamtel's one answer into an Outcome."""

from typing import Final
from urllib.parse import urlencode

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.zamtel.config import ZamtelConfig
from adapters.providers.zamtel.errors import AMBIGUOUS, PAID, REFUSED
from domain.payments.outcome import (
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    Outcome,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge
from domain.providers.network import Network

NETWORK: Final = Network("ZM", "260", ("95", "75", "55"), 9)
CURRENCY: Final = "ZMW"


class Collected(msgspec.Struct, frozen=True):
    """The answer to a collection. `status` is a string; a number is taken for the same."""

    status: str | int
    message: str = ""
    transaction_id: str = msgspec.field(default="", name="TransactionId")


def misdirected(charge: Charge) -> Declined | None:
    """A no of our own, before anything is sent."""
    phone = charge.customer.phone
    if charge.amount.currency.code != CURRENCY:
        told = f"Zamtel takes {CURRENCY} only."
    elif phone is None or not NETWORK.has(phone):
        told = f"Zamtel asks numbers that begin with {NETWORK.described} only."
    else:
        return None
    failure = Failure(FailureCode.INVALID_REQUEST, told, FailureKind.INVALID)
    return Declined(failure=failure, elsewhere=True)


def address(charge: Charge, config: ZamtelConfig) -> str:
    """The whole request: a GET whose query holds the password. It is never to be shown."""
    query = {
        "ThirdPartyID": config.third_party_id,
        "Password": config.password,
        "Amount": charge.amount.major,
        "Msisdn": (charge.customer.phone or "").removeprefix("+"),
        "Shortcode": config.shortcode,
        "ConversationId": charge.attempt_id,
        "Reference": charge.attempt_id,
    }
    return f"{config.url}/Req?{urlencode(query)}"


def collected(response: Response, charge: Charge) -> Outcome:
    """The one answer there is. It says no amount, so a success is of what was asked for."""
    if response.status != 200:
        return unusable(response)
    try:
        read = decode(response.body, Collected)
    except Undecodable as error:
        return unusable(response, str(error))
    status, known = str(read.status), read.transaction_id or None
    if status == PAID and known is not None:
        return Succeeded(amount=charge.amount, provider_reference=known)
    if (failure := REFUSED.get(status)) is not None:
        return Declined(failure=failure, provider_reference=known)
    shown = status if status in (PAID, *AMBIGUOUS) else "not one that is known"
    return Unknown(reason=f"status {shown}: only Zamtel can tell", provider_reference=known)

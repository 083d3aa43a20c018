"""Pure translation: a Charge into CashiPay's words, CashiPay's words into an Outcome."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.cashipay.config import CashiPayConfig
from adapters.providers.cashipay.errors import (
    ENDED,
    PAID,
    UNCLEAR,
    WAITING,
    lacking,
    refused,
)
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    NextAction,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge, Lookup

SUDAN: Final = "+249"
LONGEST_IMAGE: Final = 200_000  # characters of a picture in an address
LONGEST: Final = 80  # characters of a reference


class Problem(msgspec.Struct, frozen=True):
    """The body of a refusal."""

    message: str


class Amount(msgspec.Struct, frozen=True):
    value: Decimal
    currency: str = "SDG"


class Code(msgspec.Struct, frozen=True, rename="camel"):
    data_url: str


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """A payment request. Only the reference and the status were seen in every answer."""

    reference_number: str
    status: str
    qr_code: Code | None = None
    expires_at: datetime | None = None
    merchant_order_id: str | None = None
    amount: Amount | None = None

    def money(self, due: Money) -> Money | None:
        """What it tells; what was asked for, where it tells nothing."""
        told = self.amount
        return due if told is None else exact(told.value, told.currency)


def request(charge: Charge, config: CashiPayConfig) -> dict[str, Any] | Declined:
    """The body that asks for a payment by QR code. Without a wallet's number: that would start
    the other flow, whose one-time password the payer would have to tell the merchant."""
    email = charge.customer.email or config.customer_email
    back = charge.return_url or config.return_url
    if not email:
        return lacking("the payer's e-mail")
    if not back:
        return lacking("an address to return to")
    amount = msgspec.Raw(charge.amount.major.encode())
    body: dict[str, Any] = {
        "merchantOrderId": charge.attempt_id,
        "amount": {"value": amount, "currency": charge.amount.currency.code},
        "description": charge.description or charge.reference,
        "customerEmail": email,
        "returnUrl": back,
    }
    phone = charge.customer.phone
    told = {"customerPhone": phone and local(phone), "callbackUrl": config.callback_url}
    return {**body, **{name: value for name, value in told.items() if value}}


def local(phone: str) -> str:
    """As clients write it: +249912345678 is 0912345678, others are digits alone."""
    if phone.startswith(SUDAN):
        return "0" + phone.removeprefix(SUDAN)
    return phone.removeprefix("+")


def created(response: Response, charge: Charge) -> Outcome:
    """The answer to a request for a payment."""
    if 400 <= response.status < 500 and response.status not in UNCLEAR:
        try:
            decode(response.body, Problem)
        except Undecodable as error:
            return unusable(response, str(error))
        return refused(response.status)
    known = _asked(response)
    if isinstance(known, Unknown):
        return known
    if known.merchant_order_id not in (None, charge.attempt_id):
        return unusable(response, "another order")
    if known.amount is not None and known.money(charge.amount) != charge.amount:
        return Unknown(reason="another amount", provider_reference=known.reference_number)
    said = outcome(known, charge.amount)
    if not isinstance(said, Pending):
        return said
    image = known.qr_code.data_url if known.qr_code else ""
    if not image.startswith("data:image/") or len(image) > LONGEST_IMAGE:
        return Unknown(reason="no code to scan", provider_reference=known.reference_number)
    ends = _aware(known.expires_at) or charge.expires_at
    action = NextAction(
        type=ActionType.SHOW_QR, image_url=image, expires_at=min(ends, charge.expires_at)
    )
    return Pending(provider_reference=known.reference_number, next_action=action)


def found(response: Response, lookup: Lookup) -> Outcome:
    """The answer to a status query. Never a refusal: a query that fails says nothing."""
    known = _asked(response)
    if isinstance(known, Unknown):
        return known
    ours = known.merchant_order_id in (None, lookup.attempt_id)
    if known.reference_number != lookup.provider_reference or not ours:
        return unusable(response, "another payment")
    return outcome(known, lookup.amount)


def outcome(known: Asked, due: Money) -> Outcome:
    """What it says about the money. Where it tells no amount, it is the one of the request."""
    status, reference = known.status.upper(), known.reference_number
    if status == WAITING:
        return Pending(provider_reference=reference)
    if (failure := ENDED.get(status)) is not None:
        return Declined(failure=failure, provider_reference=reference)
    amount = known.money(due)
    if status in PAID and amount is not None:
        return Succeeded(amount=amount, provider_reference=reference)
    return Unknown(reason="a status that nobody explains", provider_reference=reference)


def _asked(response: Response) -> Asked | Unknown:
    if not 200 <= response.status < 300:
        return unusable(response)
    try:
        known = decode(response.body, Asked)
    except Undecodable as error:
        return unusable(response, str(error))
    fits = 0 < len(known.reference_number) <= LONGEST
    return known if fits else unusable(response, "no reference")


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at

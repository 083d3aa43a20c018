"""Pure translation: a Charge into ZainCash's words, ZainCash's words into an Outcome.

Amounts are whole dinars: a string when we send them, a string or a number when they come back.
`orderId` is our reference; `externalReferenceId` must be a UUID, so it is made of the same.
"""

from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.zaincash.config import ZainCashConfig
from adapters.providers.zaincash.errors import ABSENT, code, duplicate, refused
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

FILS: Final = 1_000  # of a dinar: our minor units
OPEN: Final = frozenset({"PENDING", "OTP_SENT", "CUSTOMER_AUTHENTICATION_REQUIRED"})
MOVED: Final = frozenset({"SUCCESS", "REFUNDED"})  # REFUNDED: it moved, and was given back later
ENDED: Final = {
    "FAILED": Failure(
        FailureCode.PAYER_REJECTED,
        "The payment failed or was refused at ZainCash.",
        FailureKind.DECLINED,
        "FAILED",
    ),
    "EXPIRED": Failure(
        FailureCode.EXPIRED, "Nobody paid in time at ZainCash.", FailureKind.EXPIRED, "EXPIRED"
    ),
}
WHOLE_DINARS: Final = Failure(
    FailureCode.INVALID_REQUEST, "ZainCash takes whole dinars.", FailureKind.INVALID
)
NO_PAGE: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "ZainCash needs a returnUrl, of the payment or of the account.",
    FailureKind.INVALID,
)


class Amount(msgspec.Struct, frozen=True):
    value: Decimal
    currency: str

    def money(self) -> Money | None:
        return exact(self.value, self.currency)


class Details(msgspec.Struct, frozen=True, rename="camel"):
    transaction_id: str
    order_id: str
    amount: Amount


class Created(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to an init; its status "SUCCESS" means that it was created."""

    status: str
    transaction_details: Details
    redirect_url: str
    expiry_time: str | None = None


class Inquiry(msgspec.Struct, frozen=True, rename="camel"):
    status: str
    transaction_details: Details

    @property
    def id(self) -> str:
        return self.transaction_details.transaction_id


def dinars(amount: Money) -> str | None:
    """None for what is not whole dinars of Iraq."""
    whole, rest = divmod(amount.minor, FILS)
    return str(whole) if amount.currency.code == "IQD" and rest == 0 and whole > 0 else None


def external(attempt_id: str) -> str:
    """A UUID that follows from our reference."""
    digest = sha256(f"cauri {attempt_id}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def impossible(charge: Charge, config: ZainCashConfig) -> Declined | None:
    """What ZainCash can't take; nothing was sent."""
    if dinars(charge.amount) is None:
        return Declined(failure=WHOLE_DINARS, elsewhere=True)
    if not (charge.return_url or config.return_url):
        return Declined(failure=NO_PAGE, elsewhere=True)
    return None


def transaction(charge: Charge, config: ZainCashConfig) -> dict[str, Any]:
    """The body of an init."""
    back = charge.return_url or config.return_url
    body: dict[str, Any] = {
        "language": config.language,
        "externalReferenceId": external(charge.attempt_id),
        "orderId": charge.attempt_id,
        "serviceType": config.service_type,
        "amount": {"value": dinars(charge.amount), "currency": charge.amount.currency.code},
        "redirectUrls": {"successUrl": back, "failureUrl": back},
    }
    phone = charge.customer.phone or ""
    if config.send_phone and phone.startswith("+964"):
        body["customer"] = {"phone": phone.removeprefix("+")}
    return body


def created(response: Response, charge: Charge) -> Outcome:
    """The answer to an init. It must be about our order and amount before the payer sees it."""
    if response.status >= 300:
        return duplicate(response) or refused(response)
    try:
        made = decode(response.body, Created)
    except Undecodable as error:
        return unusable(response, str(error))
    details = made.transaction_details
    if details.order_id != charge.attempt_id or details.amount.money() != charge.amount:
        return unusable(response, "another order or amount")
    url = made.redirect_url
    if made.status != "SUCCESS" or not url.startswith(("https://", "http://")):
        reason = f"init {made.status[:40]}, or no page"
        return Unknown(reason=reason, provider_reference=details.transaction_id)
    ends = _moment(made.expiry_time) or charge.expires_at
    action = NextAction(type=ActionType.REDIRECT, url=url, expires_at=min(charge.expires_at, ends))
    return Pending(provider_reference=details.transaction_id, next_action=action)


def inquiry(response: Response, reference: str, attempt_id: str) -> Inquiry | NotFound | Unknown:
    """The answer to a query. Never a refusal: a query that fails says nothing of the money."""
    if response.status == 404 and code(response) == ABSENT:
        return NotFound(f"ZainCash does not know {reference}")
    if response.status >= 300:
        return unusable(response, code(response))
    try:
        found = decode(response.body, Inquiry)
    except Undecodable as error:
        return unusable(response, str(error))
    details = found.transaction_details
    if (details.transaction_id, details.order_id) != (reference, attempt_id):
        return unusable(response, "another transaction")
    return found


def outcome(status: str, amount: Money | None, reference: str) -> Outcome:
    """What a status says about the money, in a query and in a callback."""
    if status in OPEN:
        return Pending(provider_reference=reference)
    if (failure := ENDED.get(status)) is not None:
        return Declined(failure=failure, provider_reference=reference)
    if status in MOVED and amount is not None:
        return Succeeded(amount=amount, provider_reference=reference)
    return Unknown(reason=f"status {status[:40]}", provider_reference=reference)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None

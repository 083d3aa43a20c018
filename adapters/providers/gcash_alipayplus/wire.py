"""Pure translation: a Charge into the open API's words, its words into an Outcome.

Every leaf is a string, numbers and booleans too; amounts are whole minor units. For a payment on a
page `U` is the normal answer: it carries the page.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.gcash_alipayplus.config import AlipayPlusConfig
from adapters.providers.gcash_alipayplus.errors import ABSENT, CANCELED, failed, refused
from domain.currencies import currency
from domain.errors import Invalid
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

MOST_DESCRIPTION: Final = 256  # characters
MOST_PHONE, MOST_EMAIL = 24, 64  # characters
MINOR: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
NO_RETURN: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "GCash needs a returnUrl, of the payment or of the account.",
    FailureKind.INVALID,
)


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """S, F, U; a mini program's A is none of ours."""

    result_status: str
    result_code: str = ""

    @property
    def words(self) -> str:
        return f"{self.result_status[:8]} {self.result_code[:60]}"


class Amount(msgspec.Struct, frozen=True):
    currency: str
    value: str

    def money(self) -> Money | None:
        """None for what is no amount."""
        if MINOR.fullmatch(self.value) is None:
            return None
        try:
            return Money(int(self.value), currency(self.currency))
        except Invalid:
            return None


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to pay."""

    result: Result
    payment_id: str | None = None
    payment_request_id: str | None = None
    payment_amount: Amount | None = None
    normal_url: str | None = None
    applink_url: str | None = None

    @property
    def page(self) -> str | None:
        """Where a browser can go; a scheme (gcash://) needs the application."""
        urls = (self.normal_url, self.applink_url)
        return next((one for one in urls if one and one.startswith(("https://", "http://"))), None)


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to inquiryPayment: `result` is about the query, the status about the payment."""

    result: Result
    payment_status: str = ""
    payment_result_code: str = ""
    payment_id: str | None = None
    payment_request_id: str | None = None
    payment_amount: Amount | None = None


def units(amount: Money) -> dict[str, str]:
    return {"currency": amount.currency.code, "value": str(amount.minor)}


def stamp(at: datetime) -> str:
    """ISO 8601 with its offset, to the second."""
    return at.isoformat(timespec="seconds")


def impossible(charge: Charge, config: AlipayPlusConfig) -> Declined | None:
    """What can't be asked for; nothing was sent."""
    if not (charge.return_url or config.return_url):
        return Declined(failure=NO_RETURN, elsewhere=True)
    return None


def payment(charge: Charge, config: AlipayPlusConfig) -> dict[str, Any]:
    """The body of pay: a function of the charge alone, since the same id must say the same."""
    order: dict[str, Any] = {
        "referenceOrderId": charge.payment_id,
        "orderDescription": (charge.description or charge.reference)[:MOST_DESCRIPTION],
        "orderAmount": units(charge.amount),
    }
    if config.tell_buyer and (buyer := _buyer(charge)):
        order["buyer"] = buyer
    body: dict[str, Any] = {
        "productCode": "CASHIER_PAYMENT",
        "paymentRequestId": charge.attempt_id,
        "order": order,
        "paymentAmount": units(charge.amount),
        "paymentMethod": {"paymentMethodType": "GCASH"},
        "paymentRedirectUrl": charge.return_url or config.return_url,
        "paymentExpiryTime": stamp(charge.expires_at),
        "env": {"terminalType": "WEB"},
    }
    if config.notify_url:
        body["paymentNotifyUrl"] = config.notify_url
    if config.settlement_currency:
        body["settlementStrategy"] = {"settlementCurrency": config.settlement_currency}
    return body


def _buyer(charge: Charge) -> Mapping[str, str]:
    phone, email = charge.customer.phone or "", charge.customer.email or ""
    told = {"buyerPhoneNo": phone[:MOST_PHONE], "buyerEmail": email[:MOST_EMAIL]}
    return {name: value for name, value in told.items() if value}


def asked(response: Response, charge: Charge) -> Outcome:
    """The answer to pay. It must be about our id and amount before the payer sees its page."""
    if response.status != 200:
        return unusable(response)
    try:
        said = decode(response.body, Asked)
    except Undecodable as error:
        return unusable(response, str(error))
    if said.result.result_status == "F":
        return refused(said.result.result_code)
    amount = said.payment_amount.money() if said.payment_amount is not None else charge.amount
    if said.payment_request_id not in (None, charge.attempt_id) or amount != charge.amount:
        return unusable(response, "another payment or amount")
    if said.page is not None:
        action = NextAction(type=ActionType.REDIRECT, url=said.page, expires_at=charge.expires_at)
        return Pending(provider_reference=said.payment_id, next_action=action)
    if said.result.result_status == "S" and said.payment_amount is not None:
        return Succeeded(amount=amount, provider_reference=said.payment_id)
    return Unknown(reason=f"{said.result.words}, no page", provider_reference=said.payment_id)


def told(response: Response, attempt_id: str) -> Told | NotFound | Unknown:
    """The answer to a query. Never a refusal: a query that fails says nothing of the money."""
    if response.status != 200:
        return unusable(response)
    try:
        said = decode(response.body, Told)
    except Undecodable as error:
        return unusable(response, str(error))
    if said.result.result_status == "F" and said.result.result_code == ABSENT:
        return NotFound(f"GCash does not know {attempt_id}")
    if said.result.result_status != "S":
        return unusable(response, said.result.words)
    if said.payment_request_id != attempt_id:
        return unusable(response, "another payment")
    return said


def outcome(said: Told) -> Answer:
    """What a query says about the money."""
    amount = said.payment_amount.money() if said.payment_amount is not None else None
    match said.payment_status:
        case "SUCCESS" if amount is not None:
            return Succeeded(amount=amount, provider_reference=said.payment_id)
        case "PROCESSING" | "PENDING":
            return Pending(provider_reference=said.payment_id)
        case "FAIL":
            return failed(said.payment_result_code, said.payment_id)
        case "CANCELLED":
            return Declined(failure=CANCELED, provider_reference=said.payment_id)
    reason = f"status {said.payment_status[:40]}"
    return Unknown(reason=reason, provider_reference=said.payment_id)

"""Pure translation: a Charge into SyberPay's words, SyberPay's words into an Outcome."""

from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.amounts import exact, shortest
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.syberpay.config import SyberPayConfig
from adapters.providers.syberpay.errors import (
    APPROVED,
    ENDED,
    PAID,
    PAID_CODE,
    WAITING,
    refused,
)
from adapters.providers.syberpay.hashes import question_hash, request_hash
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

SDG: Final = "SDG"
LARGEST_CODE: Final = 99_999


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a request for a page. It is hashed, too, in no known way."""

    response_code: int | None = None
    payment_url: str | None = None
    transaction_id: str | None = None
    customer_ref: str | None = None


class Paying(msgspec.Struct, frozen=True, rename="camel"):
    """What a status answer says of the payment itself."""

    status: str
    response_code: int
    customer_ref: str
    amount: Decimal | None = None
    currency: str | None = None

    def money(self, due: Money) -> Money | None:
        """What was paid; what was asked for, where nothing is said: our hash covers it."""
        if self.amount is None:
            return due if self.currency in (None, SDG) else None
        return exact(self.amount, self.currency or SDG)


class Standing(msgspec.Struct, frozen=True, rename="camel"):
    payment: Paying
    status: str | None = None
    transaction_id: str | None = None


def amount_text(amount: Money, config: SyberPayConfig) -> str:
    """As it is sent and hashed."""
    return amount.major if config.amount_format == "text" else shortest(amount)


def request(charge: Charge, config: SyberPayConfig) -> dict[str, Any]:
    """The body that asks for a page. The payer's words go into the free `paymentInfo`."""
    text = amount_text(charge.amount, config)
    currency = charge.amount.currency.code
    customer = charge.customer
    info = {
        "orderNo": charge.reference,
        "paymentReason": charge.description,
        "customerName": customer.name,
        "customerPhoneNumber": customer.phone,
    }
    body: dict[str, Any] = {
        "applicationId": config.application_id,
        "serviceId": config.service_id,
        "customerRef": charge.attempt_id,
        "amount": text if config.amount_format == "text" else msgspec.Raw(text.encode()),
        "currency": currency,
        "paymentInfo": {name: value for name, value in info.items() if value},
        "hash": request_hash(config, text, currency, charge.attempt_id),
    }
    return {**body, "payeeId": config.payee_id} if config.payee_id else body


def created(response: Response, charge: Charge) -> Outcome:
    """The answer to a request for a page."""
    try:
        page = decode(response.body, Page)
    except Undecodable as error:
        return unusable(response, str(error))
    code, url, known = page.response_code, page.payment_url or "", page.transaction_id or ""
    if response.status >= 500 or 300 <= response.status < 400:
        return unusable(response)
    if code is not None and code not in APPROVED and not url and not known:
        return refused(code) if abs(code) <= LARGEST_CODE else unusable(response)
    clear = response.status < 300 and (code is None or code in APPROVED)
    ours = page.customer_ref in (None, charge.attempt_id)
    if not clear or not ours or not known or not url.startswith(("https://", "http://")):
        return unusable(response, "no address to send the payer to")
    action = NextAction(type=ActionType.REDIRECT, url=url, expires_at=charge.expires_at)
    return Pending(provider_reference=known, next_action=action)


def question(transaction_id: str, config: SyberPayConfig) -> dict[str, str]:
    return {
        "applicationId": config.application_id,
        "transactionId": transaction_id,
        "hash": question_hash(config, transaction_id),
    }


def found(response: Response, lookup: Lookup) -> Outcome:
    """The answer to a status query. Never a refusal: a query that fails says nothing."""
    if response.status != 200:
        return unusable(response)
    try:
        known = decode(response.body, Standing)
    except Undecodable as error:
        return unusable(response, str(error))
    asked = lookup.provider_reference
    if known.payment.customer_ref != lookup.attempt_id or known.transaction_id not in (None, asked):
        return unusable(response, "another payment")
    return outcome(known, lookup)


def outcome(known: Standing, lookup: Lookup) -> Outcome:
    """What it says about the money. Both places must agree on a no; the payment itself says yes."""
    reference = lookup.provider_reference
    word, top = known.payment.status.lower(), (known.status or "").lower()
    amount = known.payment.money(lookup.amount)
    if word == PAID and known.payment.response_code == PAID_CODE and top in ("", PAID):
        if amount is None:
            return Unknown(reason="paid, but not as an amount", provider_reference=reference)
        return Succeeded(amount=amount, provider_reference=reference)
    if word != PAID and (top in WAITING or word in WAITING):
        return Pending(provider_reference=reference)
    if word in ENDED and top in ENDED:
        return Declined(failure=ENDED[top], provider_reference=reference)
    return Unknown(reason="a status that nobody explains", provider_reference=reference)

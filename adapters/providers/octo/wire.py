"""Pure translation: a Charge into OCTO's words, OCTO's words into an Outcome.

Sums are JSON numbers in major units (som, dollars), written and read digit by digit. One path
creates and is asked: a body with `total_sum` creates, one with the ids alone asks. No answer names
the currency; it is the one that the payment was created in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.amounts import exact
from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.transport import Response
from adapters.providers.octo.config import OctoConfig
from adapters.providers.octo.errors import DONE, WRONG, refused
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

TASHKENT: Final = timezone(timedelta(hours=5))  # no summer time since 1992
HELD: Final = "waiting_for_capture"
OPEN: Final = frozenset({"created", "wait_user_action", HELD})
ENDED: Final = Failure(
    FailureCode.PAYER_REJECTED,
    "Not paid at OCTO: refused, canceled, or out of time; it has one word for them.",
    FailureKind.DECLINED,
    "canceled",
)


class Payment(msgspec.Struct, frozen=True):
    """What OCTO knows of a payment. Two shapes of answer are in use: `data` holds it, or it stands
    at the top."""

    shop_transaction_id: str | None = None
    uuid: str | None = msgspec.field(default=None, name="octo_payment_UUID")
    status: str | None = None
    octo_pay_url: str | None = None
    total_sum: Decimal | None = None
    refunded_sum: Decimal | None = None

    def money(self, code: str) -> Money | None:
        return None if self.total_sum is None else exact(self.total_sum, code)


class Envelope(Payment, frozen=True, kw_only=True):
    error: int
    data: Payment | None = None

    @property
    def payment(self) -> Payment:
        """What `data` says, and the top where it says nothing."""
        if (inner := self.data) is None:
            return self
        pairs = {name: getattr(inner, name) for name in Payment.__struct_fields__}
        top = {name: getattr(self, name) for name in Payment.__struct_fields__}
        return Payment(**{name: top[name] if one is None else one for name, one in pairs.items()})


def read(response: Response) -> Envelope | Unknown:
    """The envelope; anything but HTTP 200 says nothing certain."""
    if response.status != 200:
        return unusable(response)
    try:
        return decode(response.body, Envelope)
    except Undecodable as error:
        return unusable(response, str(error))


def number(amount: Money) -> msgspec.Raw:
    """A JSON number in major units: 1250 minor is 12.50."""
    return msgspec.Raw(amount.major.encode())


def keys(config: OctoConfig) -> dict[str, Any]:
    """What every body begins with. Bodies are never logged."""
    return {"octo_shop_id": int(config.shop_id), "octo_secret": config.secret}


def question(config: OctoConfig, attempt_id: str) -> dict[str, Any]:
    """A status query: with one field more it would create a payment."""
    return {**keys(config), "shop_transaction_id": attempt_id}


def payment(charge: Charge, config: OctoConfig) -> dict[str, Any]:
    """The body that creates a payment. The pages disagree about what OCTO does without
    `auto_capture`, so it is always said."""
    body: dict[str, Any] = {
        **question(config, charge.attempt_id),
        "auto_capture": config.auto_capture,
        "test": config.test,
        "init_time": f"{charge.opened_at.astimezone(TASHKENT):%Y-%m-%d %H:%M:%S}",
        "total_sum": number(charge.amount),
        "currency": charge.amount.currency.code,
        "description": charge.description or charge.reference,
        "language": config.language,
        "ttl": ttl(charge, config),
    }
    if user := _user(charge):
        body["user_data"] = user
    addresses = {"return_url": charge.return_url, "notify_url": config.notify_url}
    return {**body, **{name: url for name, url in addresses.items() if url}}


def ttl(charge: Charge, config: OctoConfig) -> int:
    """Whole minutes that the page may live: not longer than the payment."""
    left = (charge.expires_at - charge.opened_at) // timedelta(minutes=1)
    return max(1, min(config.ttl_minutes, left))


def _user(charge: Charge) -> Mapping[str, str]:
    one = charge.customer
    phone = one.phone.removeprefix("+") if one.phone else None
    told = {"user_id": one.id, "phone": phone, "email": one.email}
    return {name: value for name, value in told.items() if value}


def created(response: Response, charge: Charge, config: OctoConfig, now: datetime) -> Outcome:
    """The answer to a create. An id that was used before may be answered with the older payment
    unchanged, so the sum is compared before the payer is sent there."""
    envelope = read(response)
    if isinstance(envelope, Unknown):
        return envelope
    if envelope.error != DONE:
        return refused(response, envelope.error)
    known = envelope.payment
    uuid = known.uuid
    if known.shop_transaction_id != charge.attempt_id or not uuid:
        return unusable(response, "not about this payment")
    told = known.money(charge.amount.currency.code)
    if told != charge.amount and not (known.total_sum is None and known.status == "created"):
        return Unknown(reason="OCTO has this id with another sum", provider_reference=uuid)
    said = outcome(known, charge.amount)
    url = known.octo_pay_url or ""
    if not isinstance(said, Pending):
        return said
    if not url.startswith(("https://", "http://")):
        return Unknown(reason="no address to send the payer to", provider_reference=uuid)
    ends = min(charge.expires_at, now + timedelta(minutes=ttl(charge, config)))
    action = NextAction(type=ActionType.REDIRECT, url=url, expires_at=ends)
    return Pending(provider_reference=uuid, next_action=action)


def found(response: Response, attempt_id: str) -> Payment | NotFound | Unknown:
    """The answer to a status query. Never a refusal: a query that fails says nothing of the money.

    What an unknown id is answered is not documented. A query is a create that lacks its fields,
    so "Wrong params" is read as: there is none. It closes nothing (`strongly_consistent`).
    """
    envelope = read(response)
    if isinstance(envelope, Unknown):
        return envelope
    if envelope.error == WRONG:
        return NotFound(f"OCTO does not know {attempt_id}")
    if envelope.error != DONE:
        return unusable(response, f"error {envelope.error}")
    if envelope.payment.shop_transaction_id != attempt_id:
        return unusable(response, "another payment")
    return envelope.payment


def outcome(known: Payment, due: Money) -> Outcome:
    """What a payment says about the money. A refund changes `refunded_sum`, not the status."""
    uuid, word = known.uuid, known.status or ""
    if word in OPEN:
        return Pending(provider_reference=uuid)
    if word == "canceled":
        return Declined(failure=ENDED, provider_reference=uuid)
    amount = known.money(due.currency.code)
    if word == "succeeded" and amount is not None:
        return Succeeded(amount=amount, provider_reference=uuid)
    return Unknown(reason=f"status {word[:40]}", provider_reference=uuid)


def capture(config: OctoConfig, uuid: str, lookup: Lookup) -> dict[str, Any]:
    """All of a hold."""
    return {
        **keys(config),
        "octo_payment_UUID": uuid,
        "accept_status": "capture",
        "final_amount": number(lookup.amount),
    }


def captured(response: Response, uuid: str, lookup: Lookup) -> Outcome:
    """The answer to a capture. Only a clear yes counts: `transfer_sum`, what the shop receives,
    says nothing of what the payer paid."""
    envelope = read(response)
    done = isinstance(envelope, Envelope) and envelope.error == DONE
    if done and isinstance(envelope, Envelope) and envelope.payment.status == "succeeded":
        total = envelope.payment.money(lookup.amount.currency.code)
        return Succeeded(amount=total or lookup.amount, provider_reference=uuid)
    return Pending(provider_reference=uuid)

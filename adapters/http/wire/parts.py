"""Parts that payments, refunds and methods have in common."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from adapters.http.wire.shapes import Decimal
from domain.fees.schedule import Bearer, Fee
from domain.money import Money
from domain.payments.outcome import ActionType, Failure, FailureCode, FailureKind, NextAction


class FeeReply(Struct, rename="camel"):
    """What the provider takes, and of what it is made up."""

    amount: Decimal
    currency: str
    bearer: Bearer
    percentage: Annotated[str, Meta(description="Of a hundred: 2.5 is 2.5 %.")]
    percentage_amount: Decimal
    fixed: Decimal


class FailureReply(Struct, rename="camel"):
    """Why it did not work."""

    code: FailureCode
    message: str
    kind: FailureKind
    provider_code: str | None


class Redirect(Struct, rename="camel", tag="redirect", tag_field="type"):
    """Send the payer's browser there."""

    url: str | None
    expires_at: datetime | None


class ApproveOnPhone(Struct, rename="camel", tag="approve_on_phone", tag_field="type"):
    """The payer approves on the phone; show the message."""

    message: str | None
    expires_at: datetime | None


class ShowQr(Struct, rename="camel", tag="show_qr", tag_field="type"):
    """Show the payload as a QR code, or the image."""

    payload: str | None
    image_url: str | None
    expires_at: datetime | None


class ShowForm(Struct, rename="camel", tag="show_form", tag_field="type"):
    """Show the provider's card form in your own page, with its script: the publishable key opens
    it, the client secret says what is paid. Give the secret to this payer's browser only, and keep
    it out of logs and addresses."""

    client_secret: str | None
    publishable_key: str | None
    expires_at: datetime | None


class PayOffline(Struct, rename="camel", tag="pay_offline", tag_field="type"):
    """Tell the payer how to pay, and the code to give as reference."""

    instructions: str | None
    reference_code: str | None
    expires_at: datetime | None


Action = Redirect | ApproveOnPhone | ShowQr | ShowForm | PayOffline


def major(minor: int, exponent: int) -> str:
    """As Money.major, without the Money."""
    if exponent == 2 and minor >= 0:
        return f"{minor // 100}.{minor % 100:02d}"
    if exponent == 0:
        return str(minor)
    sign, digits = ("-", -minor) if minor < 0 else ("", minor)
    scale = 10**exponent
    return f"{sign}{digits // scale}.{digits % scale:0{exponent}d}"


def fee_reply(fee: Fee) -> FeeReply:
    code, exponent = fee.currency.code, fee.currency.exponent
    return FeeReply(
        major(fee.minor, exponent),
        code,
        fee.bearer,
        percentage(fee.rate_bps),
        major(fee.percentage_minor, exponent),
        major(fee.fixed_minor, exponent),
    )


@lru_cache(1024)  # there are few prices
def percentage(bps: int) -> str:
    """Basis points as per cent: 250 -> "2.5"."""
    return f"{bps // 100}.{bps % 100:02d}".rstrip("0").rstrip(".")


def failure_reply(failure: Failure) -> FailureReply:
    return FailureReply(failure.code, failure.message, failure.kind, failure.provider_code)


def optional_major(money: Money | None) -> str | None:
    return money.major if money is not None else None


def action_reply(one: NextAction) -> Action:
    match one.type:
        case ActionType.REDIRECT:
            return Redirect(one.url, one.expires_at)
        case ActionType.APPROVE_ON_PHONE:
            return ApproveOnPhone(one.message, one.expires_at)
        case ActionType.SHOW_QR:
            return ShowQr(one.payload, one.image_url, one.expires_at)
        case ActionType.SHOW_FORM:
            return ShowForm(one.client_secret, one.publishable_key, one.expires_at)
    return PayOffline(one.instructions, one.reference_code, one.expires_at)

"""What is peculiar to cash: the code, and that only time ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.providers.cash.client import CashClient, CashConfig
from domain.currencies import currency
from domain.ids import AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import ActionType, Declined, FailureCode, Pending
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup, Refunds

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class At(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


def a_charge() -> Charge:
    return Charge(
        attempt_id=AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01"),
        payment_id=PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        amount=Money(150_000, currency("PHP")),
        reference="INV-1",
        description="One thing",
        customer=Customer(),
        country=None,
        return_url=None,
        opened_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def the_lookup() -> Lookup:
    charge = a_charge()
    return Lookup(
        attempt_id=charge.attempt_id,
        amount=charge.amount,
        provider_reference=None,
        opened_at=charge.opened_at,
        expires_at=charge.expires_at,
    )


@pytest.mark.anyio
async def test_the_payer_is_told_what_to_pay_where_and_with_which_code() -> None:
    client = CashClient(CashConfig(place="at the reception"), At(NOW))
    said = await client.charge(a_charge(), timeout_s=1)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.type is ActionType.PAY_OFFLINE
    code = said.next_action.reference_code
    words = f"Pay PHP 1500.00 in cash at the reception and say the code {code}."
    assert said.next_action.instructions == words
    assert await client.find(the_lookup(), timeout_s=1) == said


@pytest.mark.anyio
async def test_it_waits_to_the_last_second_and_is_then_expired() -> None:
    end = the_lookup().expires_at
    early = CashClient(CashConfig(), At(end - timedelta(microseconds=1)))
    assert isinstance(await early.find(the_lookup(), timeout_s=1), Pending)
    late = await CashClient(CashConfig(), At(end)).find(the_lookup(), timeout_s=1)
    assert isinstance(late, Declined)
    assert (late.failure.code, late.elsewhere) == (FailureCode.EXPIRED, False)


@pytest.mark.anyio
async def test_it_can_be_canceled_at_once_and_never_claims_to_refund() -> None:
    client = CashClient(CashConfig(), At(NOW))
    said = await client.cancel(the_lookup(), timeout_s=1)
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.CANCELED
    assert not isinstance(client, Refunds)


def test_a_place_is_short() -> None:
    with pytest.raises(ValueError, match="200"):
        CashConfig(place="x" * 201)

"""Values for the kit's tests."""

from datetime import UTC, datetime, timedelta

from domain.currencies import currency
from domain.ids import PaymentId, attempt_id
from domain.money import Money
from domain.payments.intent import Customer
from domain.ports.providers import Charge

NOW = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)


def a_charge(number: int = 1) -> Charge:
    payment = PaymentId(f"pay_01J9ZW7QK3M8X5N2V4T6R{number:05d}")
    return Charge(
        attempt_id=attempt_id(payment, 1),
        payment_id=payment,
        amount=Money(100, currency("PHP")),
        reference="INV-1",
        description="",
        customer=Customer(),
        country=None,
        return_url=None,
        opened_at=NOW,
        expires_at=NOW + timedelta(minutes=30),
    )

"""A part of what was paid, on its way back."""

from domain.errors import Invalid, RefundExceedsPayment
from domain.money import Money


def check_part(amount: Money, left: Money) -> None:
    """Raises Invalid, or RefundExceedsPayment when less is `left`."""
    if not left.minor:  # whatever is asked for, "all that remains" too
        raise RefundExceedsPayment("nothing of it is left to be refunded")
    if amount.minor <= 0:
        raise Invalid("must be more than zero", "amount")
    if amount.currency != left.currency:
        raise Invalid(f"must be in {left.currency.code}", "currency")
    if amount.minor > left.minor:
        raise RefundExceedsPayment(f"{left.major} {left.currency.code} can still be refunded")

"""What a request about a wallet may say, whichever way it came, and what is the same request."""

from typing import Final

from application.payments.well_formed import (
    LONGEST_CUSTOMER_ID,
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    Add,
    check_text,
)
from domain.money import Money

UNIT: Final = "[A-Z]{3}"
SPEND_ID: Final = "spd_[0-9A-Z]{1,36}"


def check_customer(customer_id: str, add: Add) -> None:
    """Tell `add` what is wrong with it."""
    check_text("customerId", customer_id, add, LONGEST_CUSTOMER_ID, 1)


def check_words(reference: str, reason: str, add: Add) -> None:
    """Tell `add` what is wrong with a spend's words."""
    check_text("reference", reference, add, LONGEST_REFERENCE)
    check_text("reason", reason, add, LONGEST_TEXT)


def spend_bytes(customer_id: str, amount: Money, reference: str, reason: str) -> bytes:
    """The same for the same request, however it was written."""
    words = (customer_id, amount.major, amount.currency.code, reference, reason)
    return "\n".join(words).encode()


def reversal_bytes(customer_id: str, spend_id: str, amount: Money | None, reason: str) -> bytes:
    """The same for the same request, however it was written."""
    much = amount.major if amount is not None else "all"
    return "\n".join((customer_id, spend_id, much, reason)).encode()

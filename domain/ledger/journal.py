"""A journal is what one fact does to the accounts: transfers from one account to another.

A transfer names both of its sides, so no journal can be out of balance: there is nothing to sum.
Source: the two-sided entry of double-entry bookkeeping; money.md, section 5, names the accounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.ids import PaymentId
from domain.money import Currency, Money

SALES: Final = "sales"
PROVIDER_FEES: Final = "provider_fees"
FEE_RECOVERY: Final = "fee_recovery"  # of payers who bear the fee
REFUNDS: Final = "refunds"
SURPLUS: Final = "surplus"  # what payers paid twice, until it went back
BANK: Final = "bank"
ADJUSTMENTS: Final = "adjustments"
REWARDS: Final = "rewards"  # what wallets were granted
REDEEMED: Final = "redeemed"  # what wallets paid for
MOST_TRANSFERS: Final = 99


def receivable(provider: str) -> str:
    """What a provider holds for the merchant."""
    return f"receivable:{provider}"


def wallet(wallet_id: str) -> str:
    """What the merchant owes a customer."""
    return f"wallet:{wallet_id}"


class JournalKind(StrEnum):
    PAID = "paid"
    PAID_REVERSED = "paid_reversed"  # a success was denied for good
    SURPLUS = "surplus"
    SURPLUS_REVERSED = "surplus_reversed"
    REFUNDED = "refunded"
    REFUND_REVERSED = "refund_reversed"  # it was told as done, and then did not arrive
    SURPLUS_RETURNED = "surplus_returned"
    SURPLUS_RETURN_REVERSED = "surplus_return_reversed"
    SETTLED = "settled"
    WALLET_CREDITED = "wallet_credited"
    WALLET_TAKEN_BACK = "wallet_taken_back"  # its payment was refunded
    WALLET_SPENT = "wallet_spent"
    WALLET_SPEND_REVERSED = "wallet_spend_reversed"


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` is more than zero; the two accounts differ."""

    debit: str
    credit: str
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.minor <= 0 or self.debit == self.credit:
            raise ValueError(f"no transfer: {self.debit} to {self.credit}, {self.amount}")


@dataclass(frozen=True, slots=True)
class Journal:
    """Never changed; what was wrong is reversed by another. `subject` is the id of the attempt,
    refund or wallet whose move it books; stored, its id follows from who moved and its version."""

    kind: JournalKind
    at: datetime
    subject: str
    transfers: tuple[Transfer, ...]
    payment_id: PaymentId | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.transfers) <= MOST_TRANSFERS:
            raise ValueError(f"a journal has 1 to {MOST_TRANSFERS} transfers")


def balanced(legs: Mapping[str, int], currency: Currency) -> tuple[Transfer, ...]:
    """Transfers that debit each account by its amount in minor units (credit it when negative).

    Raises ValueError unless the legs sum to zero.
    """
    if sum(legs.values()):
        raise ValueError(f"out of balance: {dict(legs)}")
    debits = [(code, minor) for code, minor in legs.items() if minor > 0]
    dues = [(code, -minor) for code, minor in legs.items() if minor < 0]
    if len(dues) == 1:  # as with every payment whose merchant bears the fee
        ((credit, _),) = dues
        debits.reverse()
        return tuple([Transfer(code, credit, Money(minor, currency)) for code, minor in debits])
    transfers = []
    while debits:  # each round uses up one leg
        (debit, owed), (credit, due) = debits.pop(), dues.pop()
        minor = min(owed, due)
        transfers.append(Transfer(debit, credit, Money(minor, currency)))
        if owed > minor:
            debits.append((debit, owed - minor))
        if due > minor:
            dues.append((credit, due - minor))
    return tuple(transfers)


def reversed_transfers(transfers: tuple[Transfer, ...]) -> tuple[Transfer, ...]:
    """What undoes them."""
    return tuple([Transfer(one.credit, one.debit, one.amount) for one in transfers])

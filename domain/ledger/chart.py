"""The chart of accounts: what each is, and on which side it grows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.ledger.journal import (
    ADJUSTMENTS,
    BANK,
    FEE_RECOVERY,
    PROVIDER_FEES,
    REDEEMED,
    REFUNDS,
    REWARDS,
    SALES,
    SURPLUS,
    receivable,
    wallet,
)

EVERY_WALLET: Final = wallet("*")  # all customers' together, where accounts are listed


class AccountType(StrEnum):
    ASSET = "asset"  # what the merchant has, or is owed
    LIABILITY = "liability"  # what the merchant owes
    INCOME = "income"
    EXPENSE = "expense"
    OTHER = "other"  # of another version: not in this chart

    @property
    def grows_by_debit(self) -> bool:
        return self not in (AccountType.LIABILITY, AccountType.INCOME)


CHART: Final[Mapping[str, AccountType]] = {
    BANK: AccountType.ASSET,
    SURPLUS: AccountType.LIABILITY,
    SALES: AccountType.INCOME,
    FEE_RECOVERY: AccountType.INCOME,
    REDEEMED: AccountType.INCOME,
    PROVIDER_FEES: AccountType.EXPENSE,
    REFUNDS: AccountType.EXPENSE,
    REWARDS: AccountType.EXPENSE,
    ADJUSTMENTS: AccountType.EXPENSE,
}
FAMILIES: Final[Mapping[str, AccountType]] = {
    receivable(""): AccountType.ASSET,
    wallet(""): AccountType.LIABILITY,
}


def type_of(account: str) -> AccountType:
    """OTHER when the chart has no such account."""
    if (known := CHART.get(account)) is not None:
        return known
    head, colon, name = account.partition(":")
    return FAMILIES.get(head + colon, AccountType.OTHER) if name else AccountType.OTHER


def held(account: str, debit_minor: int, credit_minor: int) -> int:
    """What an account holds, minor units: more than zero is its normal side."""
    more = debit_minor - credit_minor
    return more if type_of(account).grows_by_debit else -more

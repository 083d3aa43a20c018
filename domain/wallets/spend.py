"""What a customer used of a wallet, once; and what came back of it, at most once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.errors import Invalid, SpendAlreadyReversed
from domain.ids import JournalId, SpendId, TenantId, WalletId
from domain.money import Money
from domain.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """`amount` is more than zero, and in the wallet's unit."""

    id: SpendId
    tenant_id: TenantId
    customer_id: str
    wallet_id: WalletId
    amount: Money
    reference: str  # the merchant's, such as an order's number
    reason: str
    created_at: datetime
    reversed_minor: int = 0
    reversed_at: datetime | None = None
    version: int = 0

    @property
    def given_back(self) -> Money:
        """What came back."""
        return Money(self.reversed_minor, self.amount.currency)

    @property
    def journal(self) -> JournalId:
        return JournalId(f"jrn_{self.id[4:]}S0000")

    @property
    def reversal_journal(self) -> JournalId:
        """There is only one."""
        return JournalId(f"jrn_{self.id[4:]}S0001")

    def reverse(self, amount: Money | None, at: datetime) -> Self:
        """Once, and at most what was spent; None is all of it.

        Raises SpendAlreadyReversed; Invalid, field `amount`.
        """
        if self.reversed_at is not None:
            raise SpendAlreadyReversed(f"spend {self.id} was reversed already")
        back = amount if amount is not None else self.amount
        if not 0 < back.minor <= self.amount.minor or back.currency != self.amount.currency:
            most = f"{self.amount.major} {self.amount.currency.code}"
            raise Invalid(f"must be more than zero and at most {most}", "amount")
        return replace(self, reversed_minor=back.minor, reversed_at=at)

"""A customer's account in one unit. Its balance is the sum of its entries in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.errors import WalletBalanceTooLow
from domain.ids import JournalId, TenantId, WalletId
from domain.ledger.journal import (
    REDEEMED,
    REWARDS,
    Journal,
    JournalKind,
    Transfer,
    wallet,
)
from domain.money import Currency, Money
from domain.values import replace
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend


@dataclass(frozen=True, slots=True)
class Posting:
    """A journal with the id it gets. Stored twice it breaks a key."""

    id: JournalId
    journal: Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """Immutable: a move is a new value carrying its postings, and both are stored in one write.
    Nothing else changes a balance.

    Taking back what a refunded payment had earned may leave less than zero, when it is spent
    already: later credits fill that first, and nothing can be spent meanwhile.
    """

    id: WalletId
    tenant_id: TenantId
    customer_id: str
    unit: Currency
    created_at: datetime
    updated_at: datetime
    balance_minor: int = 0
    version: int = 0
    postings: tuple[Posting, ...] = ()  # not stored yet; the repository clears them

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.unit)

    @property
    def account(self) -> str:
        """In the ledger."""
        return wallet(self.id)

    def reward(self, reward: Reward, more: Money, at: datetime) -> Self:
        """Grant so much for a payment, or take it back when negative; `reward` as it was before.
        Raises ValueError for zero, which is no move."""
        if more.minor > 0:
            kind, transfer = JournalKind.WALLET_CREDITED, Transfer(REWARDS, self.account, more)
        else:
            back = Money(-more.minor, more.currency)
            kind, transfer = JournalKind.WALLET_TAKEN_BACK, Transfer(self.account, REWARDS, back)
        why = reward.rule.words
        journal = Journal(kind, at, self.id, (transfer,), reward.payment_id, why)
        return self._moved(more, Posting(reward.next_journal, journal))

    def spend(self, spend: Spend) -> Self:
        """Raises WalletBalanceTooLow."""
        if spend.amount.minor > self.balance_minor:
            left = Money(max(self.balance_minor, 0), self.unit)
            raise WalletBalanceTooLow(f"{left.major} {self.unit.code} can be spent")
        transfer = Transfer(self.account, REDEEMED, spend.amount)
        kind, at = JournalKind.WALLET_SPENT, spend.created_at
        journal = Journal(kind, at, spend.id, (transfer,), reason=spend.reason)
        less = Money(-spend.amount.minor, self.unit)
        return self._moved(less, Posting(spend.journal, journal))

    def restore(self, spend: Spend, at: datetime, reason: str) -> Self:
        """Give back what `spend` says came back of it."""
        back = spend.given_back
        transfer = Transfer(REDEEMED, self.account, back)
        kind = JournalKind.WALLET_SPEND_REVERSED
        journal = Journal(kind, at, spend.id, (transfer,), reason=reason)
        return self._moved(back, Posting(spend.reversal_journal, journal))

    def _moved(self, more: Money, posting: Posting) -> Self:
        return replace(
            self,
            balance_minor=(self.balance + more).minor,
            updated_at=posting.journal.at,
            postings=(*self.postings, posting),
        )

"""Port: wallets, what payments earned, and what was spent."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.ids import PaymentId, SpendId, TenantId
from domain.money import Currency
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet


class Wallets(Protocol):
    """The tenant's wallets, in a unit of work."""

    @abstractmethod
    async def of(self, customer_id: str, unit: Currency) -> Wallet | None:
        """None before the first credit."""

    @abstractmethod
    def add(self, wallet: Wallet) -> Wallet:
        """The stored value, its postings in the ledger. DuplicateKey at commit when the customer
        has one in this unit, or a posting was stored before."""

    @abstractmethod
    def save(self, wallet: Wallet) -> Wallet:
        """The stored value, its postings in the ledger. StaleVersion at commit when it has moved
        meanwhile; DuplicateKey when a posting was stored before."""


class Rewards(Protocol):
    """What each of the tenant's payments has earned."""

    @abstractmethod
    async def of(self, payment_id: PaymentId) -> Reward | None:
        """None when it was never paid, or under no rule."""

    @abstractmethod
    def add(self, reward: Reward) -> None:
        """DuplicateKey at commit."""

    @abstractmethod
    def save(self, reward: Reward) -> None:
        """StaleVersion at commit when its wallet has moved meanwhile."""


class Spends(Protocol):
    """What the tenant's customers spent."""

    @abstractmethod
    async def get(self, spend_id: SpendId) -> Spend:
        """Raises NotFound."""

    @abstractmethod
    def add(self, spend: Spend) -> None:
        """DuplicateKey at commit."""

    @abstractmethod
    def save(self, spend: Spend) -> None:
        """StaleVersion at commit when it was reversed meanwhile."""


class WalletViews(Protocol):
    """Reads for people. Raises Unavailable when the database can't answer."""

    @abstractmethod
    async def wallets(self, tenant_id: TenantId, customer_id: str) -> Sequence[Wallet]:
        """All of a customer, by their unit's code; empty for one we don't know."""

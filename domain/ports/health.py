"""Port: what is known of an account's health right now."""

from abc import abstractmethod
from typing import Protocol

from domain.ids import AccountId, TenantId
from domain.payments.routing import Health


class AccountsHealth(Protocol):
    """Circuit and windowed success rate of a tenant's accounts."""

    @abstractmethod
    def of(self, tenant_id: TenantId, account_id: AccountId) -> Health:
        """Never waits: what was last seen."""

"""Port: new ids."""

from abc import abstractmethod
from typing import Protocol

from domain.ids import (
    AccountId,
    EndpointId,
    EventId,
    KeyId,
    PaymentId,
    RefundId,
    SpendId,
    TenantId,
    WalletId,
)


class Ids(Protocol):
    """Ids that sort by time of birth and can't be guessed (80 random bits)."""

    @abstractmethod
    def payment_id(self) -> PaymentId:
        """pay_…"""

    @abstractmethod
    def refund_id(self) -> RefundId:
        """rfd_…"""

    @abstractmethod
    def tenant_id(self) -> TenantId:
        """ten_…"""

    @abstractmethod
    def account_id(self) -> AccountId:
        """acc_…; it stands in a callback's URL, so it is a secret door of its own."""

    @abstractmethod
    def key_id(self) -> KeyId:
        """key_…"""

    @abstractmethod
    def event_id(self) -> EventId:
        """evt_…"""

    @abstractmethod
    def endpoint_id(self) -> EndpointId:
        """whk_…"""

    @abstractmethod
    def wallet_id(self) -> WalletId:
        """wal_…"""

    @abstractmethod
    def spend_id(self) -> SpendId:
        """spd_…"""

    @abstractmethod
    def secret(self, size: int) -> bytes:
        """`size` random bytes from the operating system."""

"""Port: the circuits of accounts, as all processes see them. They steer; money never depends on
them, and nothing here is on the way of a payment."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.ids import AccountId
from domain.providers.circuit import Circuit


class Circuits(Protocol):
    """The tenant's circuits, in a unit of work: a change, and what is told of it, are one."""

    @abstractmethod
    def put(self, circuit: Circuit) -> Circuit:
        """The stored value: version + 1. StaleVersion at commit (for version 0 DuplicateKey) when
        another process was first, so of many that want to probe one gets its turn."""


class CircuitBoard(Protocol):
    """The look over all tenants."""

    @abstractmethod
    async def not_closed(self, limit: int) -> Sequence[Circuit]:
        """Every open circuit, the latest opened first, `limit` at most. Of those not here, all
        are closed, unless there are more. Raises Unavailable."""

    @abstractmethod
    async def find(self, account_id: AccountId, operation: str) -> Circuit | None:
        """Open or closed; None when it never opened. Raises Unavailable."""

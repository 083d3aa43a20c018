"""Between us and a provider's client: the breaker asks first, and no exception comes through.

`guarded` gives the same abilities as the client has: a class is composed for each set of them, so
`isinstance(client, Refunds)` says the same of both.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar

from adapters.provider_kit.breaker import Breaker, Ticket
from adapters.provider_kit.guard_by_hand import BY_HAND
from adapters.provider_kit.guard_desk import GRACE_S, Listing, Probing, Registering, unforeseen
from domain.errors import CauriError, Invalid
from domain.ids import AccountId
from domain.payments.outcome import (
    UNREACHED,
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotSent,
    Outcome,
    Succeeded,
    Unknown,
)
from domain.ports.callback_addresses import ListsCallbacks
from domain.ports.providers import (
    Callback,
    Callbacks,
    Cancels,
    Charge,
    Local,
    Lookup,
    Notice,
    PaymentProvider,
    Prepared,
    Prepares,
    Probes,
    RefundOrder,
    Refunds,
    Registers,
)
from domain.tenants.market import Market

T = TypeVar("T")

OPEN: Final = NotSent("circuit open")
UNASKABLE: Final = Unknown(reason="this provider can't be asked; look the attempt up in its books")
"""What `find` says where no query exists. It is nobody's fault, so no circuit counts it."""


class Guarded(PaymentProvider):
    """A client that counts for its account and never raises what it should not."""

    def __init__(self, client: Any, breaker: Breaker, account_id: AccountId) -> None:
        self.client = client
        self.breaker = breaker
        self.account_id = account_id

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        ticket = await self.breaker.admitted(self.account_id, "charge")
        if ticket is None:
            return OPEN
        call = self.client.charge(charge, timeout_s=timeout_s)
        outcome: Outcome = await self._counted(ticket, call, timeout_s)
        self._ended(charge.attempt_id, outcome)
        return outcome

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        call = self.client.find(lookup, timeout_s=timeout_s)
        answer: Answer = await self._always("query", call, timeout_s)
        self._ended(lookup.attempt_id, answer, asked=True)
        return answer

    async def _always(self, operation: str, call: Coroutine[Any, Any, T], timeout_s: float) -> Any:
        """Queries and what ends a payment go out also when the circuit is open."""
        return await self._counted(self.breaker.note(self.account_id, operation), call, timeout_s)

    async def _counted(
        self, ticket: Ticket, call: Coroutine[Any, Any, T], timeout_s: float
    ) -> T | Unknown:
        said: T | Unknown
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                said = await call
        except Exception as error:
            said = unforeseen(error, ticket.operation, self.client)
        except BaseException:
            self.breaker.abandon(ticket)
            raise
        self.breaker.record(ticket, fault=_is_fault(said))
        return said

    def _ended(self, attempt: str | None, said: object, *, asked: bool = False) -> None:
        """A query that could not be sent ends nothing."""
        if attempt is None or (asked and isinstance(said, NotSent)):
            return
        if isinstance(said, Succeeded | Declined | NotSent):
            success = isinstance(said, Succeeded)
            self.breaker.finished(self.account_id, attempt, success=success)


class _Preparing(Guarded, Prepares):
    async def prepare(self, charge: Charge, *, timeout_s: float) -> Prepared | Declined | NotSent:
        ticket = await self.breaker.admitted(self.account_id, "prepare")
        if ticket is None:
            return OPEN
        call = self.client.prepare(charge, timeout_s=timeout_s)
        said: Any = await self._counted(ticket, call, timeout_s)
        if isinstance(said, Unknown):  # what it may have left there can't be charged
            said = unavailable(said.reason)
        self._ended(charge.attempt_id, said)
        prepared: Prepared | Declined | NotSent = said
        return prepared


class _Refunding(Guarded, Refunds):
    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        call = self.client.refund(order, timeout_s=timeout_s)
        outcome: Outcome = await self._always("refund", call, timeout_s)
        return outcome

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        call = self.client.find_refund(order, timeout_s=timeout_s)
        answer: Answer = await self._always("query", call, timeout_s)
        return answer


class _Canceling(Guarded, Cancels):
    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        call = self.client.cancel(lookup, timeout_s=timeout_s)
        answer: Answer = await self._always("cancel", call, timeout_s)
        return answer


class _Receiving(Guarded, Callbacks):
    def receive(self, callback: Callback, now: Any) -> Notice:
        try:
            notice: Notice = self.client.receive(callback, now)
        except CauriError:
            raise
        except Exception as error:
            unforeseen(error, "receive", self.client)
            raise Invalid("the callback can't be read", "body") from None
        if notice.trusted and notice.refund_id is None:
            self._ended(notice.attempt_id, notice.answer)
        return notice


class _Placed(Guarded, Local):
    def market(self) -> Market:
        its: Market = self.client.market()
        return its


GUARDS: Final[Mapping[type, type]] = {
    Local: _Placed,
    Prepares: _Preparing,
    Refunds: _Refunding,
    Cancels: _Canceling,
    Callbacks: _Receiving,
    Registers: Registering,
    ListsCallbacks: Listing,
    Probes: Probing,
    **BY_HAND,
}


def guarded(client: PaymentProvider, breaker: Breaker, account_id: AccountId) -> PaymentProvider:
    """The same client with the same abilities, behind the breaker."""
    return _class_for(type(client))(client, breaker, account_id)


@lru_cache(maxsize=256)
def _class_for(client: type[PaymentProvider]) -> type[Guarded]:
    parts = tuple(guard for ability, guard in GUARDS.items() if issubclass(client, ability))
    return type(f"Guarded{client.__name__}", (*parts, Guarded), {"__module__": __name__})


def unavailable(reason: str) -> Declined:
    """The provider can't do it now, and certainly did nothing."""
    failure = Failure(
        FailureCode.PROVIDER_UNAVAILABLE, UNREACHED, FailureKind.UNAVAILABLE, reason or None
    )
    return Declined(failure=failure, elsewhere=True)


def _is_fault(said: object) -> bool:
    if isinstance(said, Declined):
        return said.failure.kind is FailureKind.UNAVAILABLE
    if said is UNASKABLE:
        return False
    return isinstance(said, NotSent | Unknown)

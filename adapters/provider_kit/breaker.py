"""What this process knows of each account: circuits per operation, and a success rate.

A circuit opens when half of the recent calls, and at least FAULTS of them, failed technically; a
declined payment is no fault. After a pause, longer each time, one call may try: its success closes
the circuit, its failure keeps it open. It steers, money never depends on it. No call waits for
anything here; SharedBreaker tells the other processes.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.provider_kit.circuit import Known, LocalCircuit
from adapters.provider_kit.rates import Rate
from domain.ids import AccountId, TenantId
from domain.payments.routing import Health
from domain.ports.clock import Clock
from domain.ports.health import AccountsHealth

MOST_ACCOUNTS: Final = 10_000  # the least recently used are forgotten
MOST_COUNTED: Final = 10_000  # attempts that are remembered, so that each counts once

STEERING: Final = ("prepare", "charge")  # the operations that routing asks about


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to make one call."""

    account_id: AccountId
    operation: str
    era: int  # a call from before the circuit moved says nothing about it now
    probe: bool
    began: float  # by the monotonic clock


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands, over all accounts at it that this process has seen.

    `circuit`: the worst of any operation. `available`: payments of some account may go there.
    """

    circuit: str = "closed"
    available: bool = True


class Seen:
    """One account."""

    __slots__ = ("circuits", "provider", "rate", "tenant_id")

    def __init__(self) -> None:
        self.provider: str | None = None
        self.tenant_id: TenantId | None = None
        self.circuits: dict[str, LocalCircuit] = {}
        self.rate = Rate()

    def known(self, account_id: AccountId, operation: str) -> Known | None:
        """None while nobody has said whose account it is."""
        if self.provider is None or self.tenant_id is None:
            return None
        return Known(account_id, operation, self.tenant_id, self.provider)

    def states(self, now: float, operations: Iterable[str]) -> set[str]:
        return {self.circuits[one].state(now) for one in operations if one in self.circuits}


def _worst(states: set[str]) -> str:
    return next((one for one in ("open", "half_open") if one in states), "closed")


class Breaker(AccountsHealth):
    """One for the process. Not thread-safe: the loop's thread owns it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accounts: OrderedDict[AccountId, Seen] = OrderedDict()
        self._counted: OrderedDict[str, None] = OrderedDict()

    def admit(self, account_id: AccountId, operation: str) -> Ticket | None:
        """The right to call; None while the circuit is open."""
        circuit = self._circuit(account_id, operation)
        open_ = circuit.state(self._clock.monotonic()) == "open"
        return None if open_ else self.note(account_id, operation)

    def note(self, account_id: AccountId, operation: str) -> Ticket:
        """A call that goes out also when the circuit is open, to be counted."""
        circuit = self._circuit(account_id, operation)
        now = self._clock.monotonic()
        return Ticket(account_id, operation, circuit.era, circuit.begins(now), now)

    async def admitted(self, account_id: AccountId, operation: str) -> Ticket | None:
        """As `admit`, where other processes have a say in who probes."""
        return self.admit(account_id, operation)

    def record(self, ticket: Ticket, *, fault: bool) -> None:
        """What became of the call."""
        if not fault and ticket.operation in STEERING:
            self._answered(ticket.account_id, self._clock.monotonic() - ticket.began)
        circuit = self._seen(ticket.account_id).circuits.get(ticket.operation)
        if circuit is None or circuit.era != ticket.era:
            return
        now, at = self._clock.monotonic(), self._clock.now()
        if circuit.opened_at is None:
            circuit.record(now, at, fault)
        elif not fault:
            circuit.close()
        elif ticket.probe:
            circuit.open(now, at, circuit.pause_s * 2)
        if circuit.era != ticket.era:
            self._moved(ticket.account_id, ticket.operation)

    def abandon(self, ticket: Ticket) -> None:
        """The call was given up by us; that says nothing. Another may probe."""
        circuit = self._seen(ticket.account_id).circuits.get(ticket.operation)
        if ticket.probe and circuit is not None and circuit.era == ticket.era:
            circuit.probe_until = None
            self._moved(ticket.account_id, ticket.operation)

    def finished(self, account_id: AccountId, attempt: str, *, success: bool) -> None:
        """An attempt came to an end. Only the first end told counts."""
        if attempt in self._counted:
            return
        self._counted[attempt] = None
        if len(self._counted) > MOST_COUNTED:
            self._counted.popitem(last=False)
        self._ended(account_id, success)

    def of(self, tenant_id: TenantId, account_id: AccountId) -> Health:
        """Never waits: what was last seen."""
        seen = self._accounts.get(account_id)
        if seen is None:
            return Health()
        now = self._clock.monotonic()
        seen.rate.slide(now)
        states = seen.states(now, STEERING)
        return Health(_worst(states), seen.rate.successes, seen.rate.finished)

    def belongs(self, account_id: AccountId, provider: str, tenant_id: TenantId) -> None:
        """Where the account is, and whose, for `standing` and for the other processes."""
        seen = self._seen(account_id)
        seen.provider, seen.tenant_id = provider, tenant_id

    def standing(self) -> Mapping[str, Standing]:
        """Of each provider with an account that was seen here."""
        now = self._clock.monotonic()
        circuits: dict[str, set[str]] = {}
        open_for: set[str] = set()
        for seen in self._accounts.values():
            if seen.provider is not None:
                circuits.setdefault(seen.provider, set()).update(seen.states(now, seen.circuits))
                if "open" not in seen.states(now, STEERING):
                    open_for.add(seen.provider)
        return {code: Standing(_worst(all_), code in open_for) for code, all_ in circuits.items()}

    def circuits(self, account_id: AccountId) -> dict[str, str]:
        """The state of each operation's circuit, for people."""
        seen, now = self._accounts.get(account_id), self._clock.monotonic()
        return {name: one.state(now) for name, one in seen.circuits.items()} if seen else {}

    def _moved(self, account_id: AccountId, operation: str) -> None:
        """It opened, closed, or lets another probe: for who tells others."""

    def _answered(self, account_id: AccountId, waited_s: float) -> None:
        """A call that may move money was answered: for who counts."""

    def _ended(self, account_id: AccountId, success: bool) -> None:
        self._seen(account_id).rate.add(self._clock.monotonic(), success)

    def _circuit(self, account_id: AccountId, operation: str) -> LocalCircuit:
        circuits = self._seen(account_id).circuits
        if (circuit := circuits.get(operation)) is None:
            circuit = circuits[operation] = LocalCircuit()
        return circuit

    def _seen(self, account_id: AccountId) -> Seen:
        seen = self._accounts.get(account_id)
        if seen is None:
            seen = self._accounts[account_id] = Seen()
            if len(self._accounts) > MOST_ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(account_id)
        return seen

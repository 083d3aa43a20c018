"""What this process saw of each account lately: circuits per operation, and a success rate.

A circuit opens when half of the recent calls, and at least FAULTS of them, failed technically; a
declined payment is no fault. After a pause, longer each time, one call may try: its success closes
the circuit, its failure keeps it open. Nothing here is shared between processes or stored: it
steers, money never depends on it.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.ids import AccountId, TenantId
from domain.payments.routing import Health
from domain.ports.clock import Clock
from domain.ports.health import AccountsHealth

FAULTS: Final = 5
RECENT: Final = 20  # calls that are looked at
RECENT_S: Final = 60.0  # and not older than this
PAUSE_S: Final = 10.0  # doubles with each failed probe
LONGEST_PAUSE_S: Final = 160.0
PROBE_S: Final = 60.0  # a probe that never came back is forgotten; longer than any deadline
BUCKET_S: Final = 60.0
WINDOW_BUCKETS: Final = 60  # the success rate is of the last hour
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


class _Circuit:
    __slots__ = ("era", "opened_at", "pause_s", "probe_at", "recent")

    def __init__(self) -> None:
        self.recent: deque[tuple[float, bool]] = deque(maxlen=RECENT)
        self.opened_at: float | None = None
        self.probe_at: float | None = None
        self.pause_s = PAUSE_S
        self.era = 0

    def state(self, now: float) -> str:
        if self.opened_at is None:
            return "closed"
        probing = self.probe_at is not None and now < self.probe_at + PROBE_S
        return "open" if probing or now < self.opened_at + self.pause_s else "half_open"

    def record(self, now: float, fault: bool) -> None:
        self.recent.append((now, fault))
        if not fault:
            return
        seen = [bad for at, bad in self.recent if at > now - RECENT_S]
        if (faults := sum(seen)) >= FAULTS and faults * 2 >= len(seen):
            self.open(now, PAUSE_S)

    def open(self, now: float, pause_s: float) -> None:
        self.opened_at, self.probe_at, self.pause_s = now, None, min(pause_s, LONGEST_PAUSE_S)
        self.era += 1
        self.recent.clear()

    def close(self) -> None:
        self.opened_at = self.probe_at = None
        self.era += 1


class _Rate:
    """Successes of finished attempts in a sliding window of buckets."""

    __slots__ = ("buckets", "finished", "successes")

    def __init__(self) -> None:
        self.buckets: deque[list[int]] = deque()  # number, successes, finished
        self.successes = self.finished = 0

    def add(self, now: float, success: bool) -> None:
        number = int(now // BUCKET_S)
        if not self.buckets or self.buckets[-1][0] != number:
            self.buckets.append([number, 0, 0])
        self.buckets[-1][1] += success
        self.buckets[-1][2] += 1
        self.successes += success
        self.finished += 1

    def slide(self, now: float) -> None:
        oldest = int(now // BUCKET_S) - WINDOW_BUCKETS
        while self.buckets and self.buckets[0][0] <= oldest:
            _, successes, finished = self.buckets.popleft()
            self.successes -= successes
            self.finished -= finished


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands, over all accounts at it that this process has seen.

    `circuit`: the worst of any operation. `available`: payments of some account may go there.
    """

    circuit: str = "closed"
    available: bool = True


class _Seen:
    __slots__ = ("circuits", "provider", "rate")

    def __init__(self) -> None:
        self.provider: str | None = None
        self.circuits: dict[str, _Circuit] = {}
        self.rate = _Rate()

    def states(self, now: float, operations: Iterable[str]) -> set[str]:
        return {self.circuits[one].state(now) for one in operations if one in self.circuits}


def _worst(states: set[str]) -> str:
    return next((one for one in ("open", "half_open") if one in states), "closed")


class Breaker(AccountsHealth):
    """One for the process. Not thread-safe: the loop's thread owns it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accounts: OrderedDict[AccountId, _Seen] = OrderedDict()
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
        if probe := circuit.state(now) == "half_open":
            circuit.probe_at = now
        return Ticket(account_id, operation, circuit.era, probe)

    def record(self, ticket: Ticket, *, fault: bool) -> None:
        """What became of the call."""
        circuit = self._seen(ticket.account_id).circuits.get(ticket.operation)
        if circuit is None or circuit.era != ticket.era:
            return
        now = self._clock.monotonic()
        if circuit.opened_at is None:
            circuit.record(now, fault)
        elif not fault:
            circuit.close()
            circuit.pause_s = PAUSE_S
        elif ticket.probe:
            circuit.open(now, circuit.pause_s * 2)

    def abandon(self, ticket: Ticket) -> None:
        """The call was given up by us; that says nothing. Another may probe."""
        circuit = self._seen(ticket.account_id).circuits.get(ticket.operation)
        if ticket.probe and circuit is not None and circuit.era == ticket.era:
            circuit.probe_at = None

    def finished(self, account_id: AccountId, attempt: str, *, success: bool) -> None:
        """An attempt came to an end. Only the first end told counts."""
        if attempt in self._counted:
            return
        self._counted[attempt] = None
        if len(self._counted) > MOST_COUNTED:
            self._counted.popitem(last=False)
        self._seen(account_id).rate.add(self._clock.monotonic(), success)

    def of(self, tenant_id: TenantId, account_id: AccountId) -> Health:
        """Never waits: what was last seen."""
        seen = self._accounts.get(account_id)
        if seen is None:
            return Health()
        now = self._clock.monotonic()
        seen.rate.slide(now)
        states = seen.states(now, STEERING)
        return Health(_worst(states), seen.rate.successes, seen.rate.finished)

    def belongs(self, account_id: AccountId, provider: str) -> None:
        """Whose account it is, for `standing`."""
        self._seen(account_id).provider = provider

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

    def _circuit(self, account_id: AccountId, operation: str) -> _Circuit:
        circuits = self._seen(account_id).circuits
        if (circuit := circuits.get(operation)) is None:
            circuit = circuits[operation] = _Circuit()
        return circuit

    def _seen(self, account_id: AccountId) -> _Seen:
        seen = self._accounts.get(account_id)
        if seen is None:
            seen = self._accounts[account_id] = _Seen()
            if len(self._accounts) > MOST_ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(account_id)
        return seen

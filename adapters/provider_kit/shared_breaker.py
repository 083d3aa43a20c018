"""A breaker that knows what the other processes know, and tells them.

A payment waits for that in one case only: a circuit is half-open, and this call would probe. Of
all processes one may, and the database says which: whoever changes the circuit's version. With the
database down each process decides for itself, as if it were alone; that opens and closes nothing.
"""

import asyncio
from typing import Final

from adapters.provider_kit.breaker import STEERING, Breaker, Seen, Ticket
from adapters.provider_kit.circuit import LocalCircuit
from adapters.provider_kit.track_record import TrackRecord
from domain.errors import CommitUnknown, Conflict, NotStored
from domain.ids import AccountId, TenantId
from domain.payments.routing import Health
from domain.ports.circuits import CircuitBoard
from domain.ports.clock import Clock
from domain.ports.track_records import TrackBoard
from domain.ports.unit_of_work import Units
from domain.providers.circuit import Circuit

MOST_OPEN: Final = 1000  # circuits that are looked at in one round
MOST_TOLD: Final = 100  # that are written in one round; the rest waits for the next
ASK_S: Final = 1.0  # a probe waits no longer for its turn
HELD_S: Final = 3.0  # another process probes; the next look says for how long

Key = tuple[AccountId, str]


class SharedBreaker(Breaker):
    """`look` is called about every second while the process serves."""

    def __init__(
        self, clock: Clock, units: Units, circuits: CircuitBoard, tracks: TrackBoard
    ) -> None:
        super().__init__(clock)
        self._units = units
        self._board = circuits
        self._untold: dict[Key, None] = {}  # moved here since it was told
        self._open_there: set[Key] = set()
        self.record_of = TrackRecord(clock, units, tracks)

    async def admitted(self, account_id: AccountId, operation: str) -> Ticket | None:
        """The right to call; None while the circuit is open, and while another call probes, in
        whichever process."""
        ticket = self.admit(account_id, operation)
        if ticket is None or not ticket.probe or await self._may_probe(ticket):
            return ticket
        return None

    async def look(self) -> None:
        """Tell what moved here, then learn what moved elsewhere. Raises NotStored, CommitUnknown;
        what was not told is told the next time."""
        for key in list(self._untold)[:MOST_TOLD]:
            await self._tell(key)
        before = set(self._open_there)
        found = await self._board.not_closed(MOST_OPEN)
        for one in found:
            self._learn(one)
        if len(found) < MOST_OPEN:  # else it may be open and further down
            for key in before - {(one.account_id, one.operation) for one in found}:
                self._closed_there(key)

    def of(self, tenant_id: TenantId, account_id: AccountId) -> Health:
        """Never waits. The rate is of this hour and the one before, over all processes."""
        successes, finished = self.record_of.lately(account_id)
        return Health(super().of(tenant_id, account_id).circuit, successes, finished)

    def belongs(self, account_id: AccountId, provider: str, tenant_id: TenantId) -> None:
        super().belongs(account_id, provider, tenant_id)
        self.record_of.belongs(account_id, provider, tenant_id)

    def _moved(self, account_id: AccountId, operation: str) -> None:
        self._untold[account_id, operation] = None

    def _answered(self, account_id: AccountId, waited_s: float) -> None:
        self.record_of.answered(account_id, waited_s)

    def _ended(self, account_id: AccountId, success: bool) -> None:
        self.record_of.ended(account_id, success=success)

    async def _may_probe(self, ticket: Ticket) -> bool:
        seen = self._seen(ticket.account_id)
        circuit = seen.circuits[ticket.operation]
        if (shown := self._shown((ticket.account_id, ticket.operation), seen, circuit)) is None:
            return True
        try:
            async with asyncio.timeout(ASK_S):
                stored = await self._put(shown, seen, circuit)
        except Conflict:  # another process probes, or saw it move
            circuit.probe_until = self._clock.monotonic() + HELD_S
            return False
        except (NotStored, CommitUnknown, TimeoutError):
            return True
        except BaseException:
            self.abandon(ticket)
            raise
        self._stored(circuit, stored)
        return True

    async def _tell(self, key: Key) -> None:
        seen = self._accounts.get(key[0])
        circuit = seen.circuits.get(key[1]) if seen is not None else None
        shown = self._shown(key, seen, circuit) if seen and circuit else None
        if (
            seen is None
            or circuit is None
            or shown is None
            or not (shown.is_open or circuit.was_open)
        ):
            self._untold.pop(key, None)  # forgotten, or opened and closed between two looks
            return
        era = circuit.era
        try:
            stored = await self._put(shown, seen, circuit)
        except Conflict:
            await self._overtaken(key, circuit, shown)
            return
        self._stored(circuit, stored)
        if circuit.era == era:
            self._untold.pop(key, None)

    async def _overtaken(self, key: Key, circuit: LocalCircuit, shown: Circuit) -> None:
        """Another process was first. Who wants to wait longer is right; a success closes only
        the opening that it knew of."""
        found = await self._board.find(*key)
        if found is None:
            circuit.version, circuit.was_open = 0, False
        elif found.is_open and (not shown.is_open or found.ends_at >= shown.ends_at):
            self._untold.pop(key, None)
            self._learn(found)
        else:  # ours is told the next time
            circuit.version, circuit.was_open = found.version, found.is_open
            if not shown.is_open:
                self._untold.pop(key, None)

    def _learn(self, found: Circuit) -> None:
        key = (found.account_id, found.operation)
        if key in self._untold:
            return
        circuit = self._circuit(*key)
        self.belongs(found.account_id, found.provider, found.tenant_id)
        if found.version > circuit.version:
            circuit.adopt(found, self._clock.monotonic(), self._clock.now())
        self._open_there.add(key)

    def _closed_there(self, key: Key) -> None:
        self._open_there.discard(key)
        seen = self._accounts.get(key[0])
        circuit = seen.circuits.get(key[1]) if seen is not None else None
        if circuit is not None and key not in self._untold:
            circuit.was_open = False
            if circuit.opened_at is not None:
                circuit.close()

    def _shown(self, key: Key, seen: Seen, circuit: LocalCircuit) -> Circuit | None:
        """None when there is nothing to tell, or nobody said whose account it is."""
        known = seen.known(*key)
        if known is None:
            return None
        return circuit.shown(self._clock.monotonic(), self._clock.now(), known)

    def _stored(self, circuit: LocalCircuit, stored: Circuit) -> None:
        if stored.version > circuit.version:
            circuit.version, circuit.was_open = stored.version, stored.is_open
        key = (stored.account_id, stored.operation)
        (self._open_there.add if stored.is_open else self._open_there.discard)(key)

    async def _put(self, shown: Circuit, seen: Seen, circuit: LocalCircuit) -> Circuit:
        """One version on. What merchants are told of it is stored with it, so it is told once."""
        others = [one for one in STEERING if one != shown.operation and one in seen.circuits]
        alone = not any(seen.circuits[one].opened_at is not None for one in others)
        async with self._units(shown.tenant_id) as unit:
            stored = unit.circuits.put(shown)
            if shown.operation in STEERING and alone and shown.is_open is not circuit.was_open:
                unit.feed.tell(stored.told(self._clock.now()))
            await unit.commit()
        return stored

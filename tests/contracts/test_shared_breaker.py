"""Two processes over one database: what one learns of an account, the other knows a look later."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.provider_kit.circuit import FAULTS, LONGEST_PAUSE_S, PAUSE_S, PROBE_S
from adapters.provider_kit.guard import guarded
from adapters.provider_kit.shared_breaker import SharedBreaker
from domain.errors import Unavailable
from domain.ids import AccountId, TenantId
from domain.payments.outcome import Answer, Outcome, Pending, Unknown
from domain.ports.circuits import CircuitBoard
from domain.ports.providers import Charge, Lookup, PaymentProvider
from domain.ports.track_records import Hour, TrackBoard
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.providers.circuit import Circuit
from domain.webhooks.told import Told, Topic
from tests.builders import ACME, account_id
from tests.provider_kit.made import a_charge
from tests.storages import Storage

pytestmark = pytest.mark.anyio

MAYA = account_id("maya")


def a_process(storage: Storage) -> SharedBreaker:
    breaker = SharedBreaker(storage.clock, storage.units, storage.circuits, storage.tracks)
    breaker.belongs(MAYA, "maya", ACME)
    return breaker


def circuit(breaker: SharedBreaker) -> str:
    return breaker.of(ACME, MAYA).circuit


def fail(breaker: SharedBreaker, times: int = FAULTS, operation: str = "charge") -> None:
    for _ in range(times):
        breaker.record(breaker.note(MAYA, operation), fault=True)


async def told(storage: Storage) -> list[Told]:
    async with storage.units(ACME) as unit:
        return list(await unit.feed.untold(100))


@dataclass
class Slow(PaymentProvider):
    """Answers when it is allowed to; counts who came through."""

    calls: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    says: Outcome = field(default_factory=Pending)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        self.calls += 1
        await self.open.wait()
        return self.says

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        return Unknown(reason="not asked here")


async def test_what_one_opens_the_other_routes_around_a_look_later(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    assert (circuit(one), circuit(other)) == ("open", "closed")
    await one.look()
    await other.look()
    assert circuit(other) == "open"
    assert other.admit(MAYA, "charge") is None
    assert other.admit(MAYA, "refund") is not None


async def test_a_process_that_starts_knows_what_is_open(storage: Storage) -> None:
    one = a_process(storage)
    fail(one)
    await one.look()
    storage.clock.advance(4)
    late = SharedBreaker(storage.clock, storage.units, storage.circuits, storage.tracks)
    await late.look()
    assert circuit(late) == "open"
    assert late.standing()["maya"].circuit == "open", "though it never opened the account"
    storage.clock.advance(PAUSE_S - 4)
    assert circuit(late) == "half_open", "its pause began when it was opened"


async def test_one_success_closes_it_everywhere(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    await one.look()
    await other.look()
    storage.clock.advance(PAUSE_S)
    ticket = await other.admitted(MAYA, "charge")
    assert ticket is not None
    other.record(ticket, fault=False)
    await other.look()
    await one.look()
    assert (circuit(one), circuit(other)) == ("closed", "closed")
    assert list(await storage.circuits.not_closed(10)) == []


async def test_a_failed_probe_keeps_all_of_them_waiting_twice_as_long(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    await one.look()
    await other.look()
    storage.clock.advance(PAUSE_S)
    ticket = await other.admitted(MAYA, "charge")
    assert ticket is not None
    other.record(ticket, fault=True)
    await other.look()
    await one.look()
    storage.clock.advance(2 * PAUSE_S - 0.001)
    assert (circuit(one), circuit(other)) == ("open", "open")
    storage.clock.advance(0.001)
    assert (circuit(one), circuit(other)) == ("half_open", "half_open")


async def test_of_two_hundred_requests_to_two_processes_one_probes(storage: Storage) -> None:
    company = Slow()
    processes = [a_process(storage), a_process(storage)]
    fail(processes[0])
    for one in processes:
        await one.look()
    await processes[0].look()
    storage.clock.advance(PAUSE_S)
    clients: Sequence[Any] = [guarded(company, one, MAYA) for one in processes]
    sent = [
        asyncio.create_task(clients[number % 2].charge(a_charge(number), timeout_s=30))
        for number in range(200)
    ]
    done, waiting = await asyncio.wait(sent, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    while len(waiting) > 1:
        done, waiting = await asyncio.wait(waiting, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        assert done
    assert company.calls == 1
    company.open.set()
    outcomes = await asyncio.gather(*sent)
    assert sum(isinstance(one, Pending) for one in outcomes) == 1
    assert company.calls == 1
    for one in processes:
        await one.look()
    await processes[0].look()
    assert [circuit(one) for one in processes] == ["closed", "closed"]


async def test_a_prober_that_died_is_waited_for_and_then_followed(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    await one.look()
    await other.look()
    storage.clock.advance(PAUSE_S)
    assert await one.admitted(MAYA, "charge") is not None
    await other.look()
    storage.clock.advance(PROBE_S - 1)
    assert await other.admitted(MAYA, "charge") is None
    storage.clock.advance(1)
    assert await other.admitted(MAYA, "charge") is not None


async def test_a_probe_that_was_given_up_lets_another_process_try(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    await one.look()
    await other.look()
    storage.clock.advance(PAUSE_S)
    ticket = await one.admitted(MAYA, "charge")
    assert ticket is not None
    assert await other.admitted(MAYA, "charge") is None
    one.abandon(ticket)
    await one.look()
    await other.look()
    assert await other.admitted(MAYA, "charge") is not None


async def test_two_that_open_it_at_once_agree_on_the_longer_pause(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    storage.clock.advance(3)
    fail(other)
    await one.look()
    for _ in range(2):
        await other.look()
        await one.look()
    storage.clock.advance(PAUSE_S - 0.001)
    assert (circuit(one), circuit(other)) == ("open", "open")
    storage.clock.advance(0.001)
    assert (circuit(one), circuit(other)) == ("half_open", "half_open")


async def test_a_success_closes_only_the_opening_it_knew_of(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    fail(one)
    await one.look()
    await other.look()
    storage.clock.advance(PAUSE_S)
    query = one.note(MAYA, "charge")  # goes out whatever stands, and does not ask for a turn
    probe = await other.admitted(MAYA, "charge")
    assert probe is not None
    other.record(probe, fault=True)
    await other.look()
    one.record(query, fault=False)
    for _ in range(2):
        await one.look()
        await other.look()
    assert (circuit(one), circuit(other)) == ("open", "open")


async def test_merchants_are_told_once_and_not_by_every_process(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    for breaker in (one, other):
        fail(breaker)
        fail(breaker, operation="query")
    for _ in range(2):
        await one.look()
        await other.look()
    assert [(event.topic, event.subject) for event in await told(storage)] == [
        (Topic.PROVIDER_DOWN, MAYA)
    ]
    storage.clock.advance(PAUSE_S)
    probe = await other.admitted(MAYA, "charge")
    assert probe is not None
    other.record(probe, fault=True)  # still down: nothing new
    await other.look()
    await one.look()
    storage.clock.advance(LONGEST_PAUSE_S)
    probe = await one.admitted(MAYA, "charge")
    assert probe is not None
    one.record(probe, fault=False)
    for _ in range(2):
        await one.look()
        await other.look()
    topics = sorted(event.topic for event in await told(storage))
    assert topics == [Topic.PROVIDER_DOWN, Topic.PROVIDER_RECOVERED]
    data = (await told(storage))[0].data
    assert data is not None
    assert (data["provider"], data["accountId"]) == ("maya", MAYA)


async def test_a_rate_is_of_all_processes_and_outlives_them(storage: Storage) -> None:
    one, other = a_process(storage), a_process(storage)
    for number in range(3):
        one.finished(MAYA, f"att_{number}", success=True)
    other.finished(MAYA, "att_9", success=False)
    for _ in range(2):
        await one.record_of.look()
        await other.record_of.look()
    health = other.of(ACME, MAYA)
    assert (health.successes, health.finished) == (3, 4)
    born = SharedBreaker(storage.clock, storage.units, storage.circuits, storage.tracks)
    await born.record_of.look()
    assert born.of(ACME, MAYA) == health
    totals = born.record_of.totals()["maya"]
    assert (totals.finished, totals.successes) == (4, 3)
    assert totals.last_failure_at == storage.clock.now()
    storage.clock.advance(2 * 3600)
    assert born.of(ACME, MAYA).finished == 0
    assert born.record_of.totals()["maya"].finished == 4
    storage.clock.advance(24 * 3600)
    assert born.record_of.totals() == {}


class Down(Units, CircuitBoard, TrackBoard):
    """A database that does not answer."""

    def __call__(self, tenant_id: TenantId) -> UnitOfWork:
        raise Unavailable("no connection")

    async def not_closed(self, limit: int) -> Sequence[Circuit]:
        raise Unavailable("no connection")

    async def find(self, account_id: AccountId, operation: str) -> Circuit | None:
        raise Unavailable("no connection")

    async def changed(self, since: Any, limit: int) -> Sequence[Hour]:
        raise Unavailable("no connection")


async def test_without_the_database_each_decides_for_itself(storage: Storage) -> None:
    down = Down()
    alone = SharedBreaker(storage.clock, down, down, down)
    alone.belongs(MAYA, "maya", ACME)
    with pytest.raises(Unavailable):
        await alone.look()
    assert circuit(alone) == "closed", "that the database is down opens nothing"
    fail(alone)
    with pytest.raises(Unavailable):
        await alone.look()
    assert circuit(alone) == "open", "and closes nothing"
    storage.clock.advance(PAUSE_S)
    probe = await alone.admitted(MAYA, "charge")
    assert probe is not None
    assert await alone.admitted(MAYA, "charge") is None
    alone.record(probe, fault=False)
    assert circuit(alone) == "closed"
    alone.finished(MAYA, "att_1", success=True)
    with pytest.raises(Unavailable):
        await alone.record_of.look()
    assert alone.of(ACME, MAYA).successes == 1, "what was counted is not lost with the look"


async def test_what_could_not_be_told_is_told_when_the_database_is_back(storage: Storage) -> None:
    down = Down()
    one, other = a_process(storage), a_process(storage)
    there, one._units = one._units, down
    fail(one)
    with pytest.raises(Unavailable):
        await one.look()
    one._units = there
    await one.look()
    await other.look()
    assert circuit(other) == "open"

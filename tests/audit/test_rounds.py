"""The doctor's regular rounds: the young each time, the old in turn, and nobody is left out."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from adapters.memory.audit import MemoryAudit
from application.audit import rounds as module
from application.audit.alarm import RaiseAlarm
from application.audit.doctor import BATCH, Doctor
from application.audit.rounds import YOUNG, MakeRounds
from domain.audit.dossier import Breach, Check
from domain.payments.payment import Payment
from domain.ports.unit_of_work import Stand
from domain.webhooks.told import Topic
from tests.application.world import World, a_world
from tests.builders import ACME, NOW, OTHER, a_key_record, a_tenant, payment_id
from tests.storages import Storage, memory_storage, storage

__all__ = ["storage"]

pytestmark = pytest.mark.anyio


@dataclass
class Bell:
    """Remembers what it was told."""

    told: list[tuple[Check, str]] = field(default_factory=list)

    async def __call__(self, breach: Breach, at: datetime) -> None:
        self.told.append((breach.check, breach.row))

    def rows(self) -> list[str]:
        told, self.told = [row for _, row in self.told], []
        return told


@dataclass
class Ward:
    world: World
    bell: Bell
    rounds: MakeRounds

    async def paid(self, key: str) -> Payment:
        payment = await self.world.pay(key=key)
        self.world.companies.maya.pay(payment.attempts[0].id)
        return await self.world.get(ACME, payment.id, refresh=True)

    def break_law(self, payment: Payment) -> None:
        """Somebody at the database says that another amount went back."""
        shelf = self.world.database.shelf(ACME)
        shelf.payments[payment.id] = replace(shelf.payments[payment.id], refunded_minor=100)


@pytest.fixture
async def ward() -> Ward:
    world = await a_world()
    audit, bell = MemoryAudit(world.database), Bell()
    doctor = Doctor(audit, world.tenants, world.companies, world.clock)
    return Ward(world, bell, MakeRounds(doctor, audit, world.units, world.clock, bell))


async def test_a_house_in_order_rings_nobody(ward: Ward) -> None:
    for number in range(3):
        await ward.paid(f"k{number}")
    assert await ward.rounds() == 0
    assert ward.bell.told == []


async def test_what_is_broken_today_is_told_at_each_round(ward: Ward) -> None:
    payment = await ward.paid("k1")
    ward.break_law(payment)
    assert await ward.rounds() >= 1
    assert payment.id in ward.bell.rows()
    assert await ward.rounds() >= 1
    assert payment.id in ward.bell.rows()


async def test_old_payments_have_their_turn_and_the_round_begins_again(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "MOST_OLD", 4)
    payments = [await ward.paid(f"k{number}") for number in range(7)]
    await ward.world.work()
    ward.world.clock.advance((YOUNG + timedelta(hours=1)).total_seconds())
    ward.break_law(payments[-1])
    found = []
    for _ in range(4):
        await ward.rounds()
        found.append(payments[-1].id in ward.bell.rows())
    assert found == [False, True, False, True]


async def test_rows_that_hang_in_the_air_are_told_once_a_round(ward: Ward) -> None:
    async with ward.world.units(ACME) as unit:
        unit.keys.add(a_key_record(resource_id="pay_nowhere"))
        await unit.commit()
    await ward.rounds()
    assert [check for check, _ in ward.bell.told] == [Check.KEYS]


async def test_a_page_is_the_doctors_own(ward: Ward) -> None:
    payments = [await ward.paid(f"k{number}") for number in range(3)]
    seen = await ward.rounds.doctor.look(ACME, None, BATCH)
    assert (seen.checked, seen.last) == (3, payments[-1].id)
    end = await ward.rounds.doctor.look(ACME, payments[-1].id, BATCH)
    assert (end.checked, end.last) == (0, None)


async def test_how_far_the_round_has_come_is_kept(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        assert await unit.rounds.stand() is None
        unit.rounds.put(Stand(payment_id(7), NOW))
        await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.rounds.stand() == Stand(payment_id(7), NOW)
        unit.rounds.put(Stand(None, NOW + timedelta(hours=1)))
        await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.rounds.stand() == Stand(None, NOW + timedelta(hours=1))
    async with storage.units(OTHER) as unit:
        assert await unit.rounds.stand() is None


async def test_a_tenant_hears_of_a_breach_once_a_day_and_the_platform_each_time() -> None:
    storage = memory_storage()
    await storage.tenants.add(a_tenant(ACME))
    cried: list[Breach] = []
    alarm = RaiseAlarm(storage.units, cried.append)
    breach = Breach(Check.PAID, ACME, payment_id(1), "is paid twice")
    for hours in (0, 1, 30):
        await alarm(breach, NOW + timedelta(hours=hours))
    await alarm(Breach(Check.LEASES, None, "job", "is held"), NOW)
    async with storage.units(ACME) as unit:
        told = await unit.feed.untold(10)
    assert [one.topic for one in told] == [Topic.AUDIT_BREACH, Topic.AUDIT_BREACH]
    assert told[0].data == {
        "check": "paid_by_one_success",
        "row": payment_id(1),
        "message": "is paid twice",
    }
    assert len(cried) == 4

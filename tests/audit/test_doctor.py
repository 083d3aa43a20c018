"""The doctor over stored payments: it finds what was planted beneath the use cases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adapters.memory.audit import MemoryAudit
from application.audit.doctor import Doctor, wrong_address
from application.audit.report import SHOWN, Report
from domain.audit.dossier import Check, Dossier
from domain.errors import Invalid, Unavailable, Unreadable
from domain.ids import AccountId, JobId, RefundId, TenantId
from domain.payments.events import EventType
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.ports.jobs import JobState
from domain.ports.providers import Probes
from domain.tenants.tenant import ProviderAccount
from tests.application.company import Companies, Company
from tests.application.world import World, a_world
from tests.builders import ACME, OTHER, a_key_record, a_notice, a_payment, a_tenant, an_account

pytestmark = pytest.mark.anyio
URL = "https://pay.example"


class Probed(Company, Probes):
    """Its credentials can be tried."""

    answer: Exception | None = None
    tried = 0

    async def probe(self, *, timeout_s: float) -> None:
        self.tried += 1
        if self.answer is not None:
            raise self.answer


@dataclass
class Hospital:
    world: World
    maya: Probed

    async def __call__(self, **options: Any) -> Report:
        audit = options.pop("audit", None) or MemoryAudit(self.world.database)
        world = self.world
        doctor = Doctor(audit, world.tenants, world.companies, world.clock)
        return await doctor(options.pop("url", URL), **options)

    async def finds(self, check: Check, row: str) -> None:
        """This and nothing else."""
        report = await self()
        assert not report.is_clean
        wrong = {one.check: one for one in report.findings if one.breaches}
        assert set(wrong) == {check}, wrong
        assert row in [one.row for one in wrong[check].first]

    @property
    def shelf(self) -> Any:
        return self.world.database.shelf(ACME)

    def plant(self, payment: Payment, **changes: Any) -> None:
        self.shelf.payments[payment.id] = replace(self.shelf.payments[payment.id], **changes)


@pytest.fixture
async def hospital() -> Hospital:
    """A tenant with payments in every state."""
    world = await a_world()
    maya = Probed("maya")
    world.companies.maya = maya
    first = await world.pay(key="1")
    maya.pay(first.attempts[0].id)
    await world.get(ACME, first.id, refresh=True)
    await world.give_back(first, "100.00")
    maya.silent_refunds = True
    await world.give_back(first, "50.00", key="r2")
    await world.pay(key="2")
    await world.pay(key="3", method="cash")
    maya.silent = True
    await world.pay(key="4")
    return Hospital(world, maya)


async def test_a_healthy_installation_is_told_so(hospital: Hospital) -> None:
    report = await hospital()
    assert [one for one in report.findings if one.breaches] == []
    assert report.is_clean
    assert [one.check for one in report.findings] == list(Check)
    checked = {one.check: one.checked for one in report.findings}
    assert checked[Check.EVIDENCE] == 4
    assert checked[Check.ACCOUNTS] == 3
    assert all(one.done for one in report.findings)


async def test_a_broken_law_is_found_in_what_is_stored(hospital: Hospital) -> None:
    payment = next(iter(hospital.shelf.payments.values()))
    hospital.plant(payment, status=PaymentStatus.EXPIRED)
    report = await hospital()
    wrong = {one.check for one in report.findings if one.breaches}
    assert wrong == {Check.STATUS, Check.EVENTS}


async def test_a_lost_job_is_found(hospital: Hospital) -> None:
    payment = list(hospital.shelf.payments.values())[1]
    job = JobId(f"inquire:{payment.attempts[0].id}")
    hospital.shelf.job_states[job] = JobState.DEAD
    await hospital.finds(Check.WORK, payment.attempts[0].id)


async def test_a_refund_nobody_asks_about_is_found(hospital: Hospital) -> None:
    refund = list(hospital.shelf.refunds.values())[1]
    hospital.shelf.job_states[JobId(f"refund:{refund.id}")] = JobState.DONE
    await hospital.finds(Check.WORK, refund.id)


async def test_a_lost_event_is_found(hospital: Hospital) -> None:
    payment = list(hospital.shelf.payments.values())[1]
    events = hospital.shelf.events
    events[payment.id] = [one for one in events[payment.id] if one[2].type is not EventType.PENDING]
    await hospital.finds(Check.EVENTS, payment.id)


async def test_a_key_without_its_payment_is_found(hospital: Hospital) -> None:
    hospital.shelf.keys["initiate", "k9"] = a_key_record("k9", resource_id="pay_9")
    await hospital.finds(Check.KEYS, "key k9 (initiate)")


async def test_another_tenants_account_is_found(hospital: Hospital) -> None:
    accounts = hospital.world.database.accounts
    accounts[AccountId("acc_cash")] = replace(
        accounts[AccountId("acc_cash")], tenant_id=TenantId("ten_2")
    )
    payment = list(hospital.shelf.payments.values())[2]
    await hospital.finds(Check.TENANTS, payment.attempts[0].id)


async def test_a_refund_of_another_tenants_payment_is_found(hospital: Hospital) -> None:
    world = hospital.world
    await world.tenants.add(a_tenant(OTHER))
    await world.tenants.add_account(an_account("grab", OTHER, id=AccountId("acc_other")))
    refund = next(iter(hospital.shelf.refunds.values()))
    stray = replace(
        refund, id=RefundId("rfd_9"), tenant_id=OTHER, account_id=AccountId("acc_other")
    )
    world.database.shelf(OTHER).refunds[stray.id] = stray
    world.companies.grab = hospital.maya  # type: ignore[attr-defined]
    await hospital.finds(Check.TENANTS, "rfd_9")


async def test_a_callback_nobody_reads_is_found(hospital: Hospital) -> None:
    notice = a_notice(account_id=AccountId("acc_maya"))
    hospital.shelf.notices[notice.account_id, notice.id] = notice
    await hospital.finds(Check.WORK, "callback evt_1")


async def test_a_lease_that_nobody_holds_any_more_is_found(hospital: Hospital) -> None:
    world = hospital.world
    world.clock.advance(10)
    (job, *_) = await world.queue.claim(world.clock.now(), 60, 50)
    world.clock.advance(60 + 119)
    assert (await hospital()).is_clean
    world.clock.advance(61)
    await hospital.finds(Check.LEASES, job.id)


async def test_credentials_a_provider_does_not_accept_are_found(hospital: Hospital) -> None:
    hospital.maya.answer = Invalid("is not accepted", "secret_key")
    await hospital.finds(Check.ACCOUNTS, "acc_maya (maya)")
    hospital.maya.answer = TimeoutError()
    await hospital.finds(Check.ACCOUNTS, "acc_maya (maya)")


async def test_credentials_are_left_alone_when_told_so(hospital: Hospital) -> None:
    hospital.maya.answer = Invalid("is not accepted", "secret_key")
    report = await hospital(probes=False)
    assert report.is_clean
    assert not hospital.maya.tried
    (accounts,) = [one for one in report.findings if one.check is Check.ACCOUNTS]
    assert not accounts.done


async def test_an_account_that_is_switched_off_is_not_tried(hospital: Hospital) -> None:
    accounts = hospital.world.database.accounts
    accounts[AccountId("acc_maya")] = replace(accounts[AccountId("acc_maya")], active=False)
    await hospital()
    assert not hospital.maya.tried


async def test_credentials_that_cannot_be_opened_are_found(hospital: Hospital) -> None:
    class Locked(Companies):
        def open(self, account: ProviderAccount) -> Any:
            raise Unreadable()

    hospital.world.companies = Locked()
    report = await hospital()
    (accounts,) = [one for one in report.findings if one.breaches]
    assert accounts.check is Check.ACCOUNTS
    assert accounts.breaches == 3


@pytest.mark.parametrize("url", ["http://pay.example", "pay.example", "", "ftp://pay.example"])
async def test_an_address_nobody_can_use_is_found(hospital: Hospital, url: str) -> None:
    (found,) = [one for one in (await hospital(url=url)).findings if one.breaches]
    assert found.check is Check.CONFIGURATION
    assert "CAURI_PUBLIC_URL" in found.first[0].told


@pytest.mark.parametrize("url", ["https://pay.example", "http://127.0.0.1:8080", "http://[::1]:1"])
def test_an_address_that_can_be_used(url: str) -> None:
    assert list(wrong_address(url)) == []


@dataclass(frozen=True, slots=True)
class Sick(MemoryAudit):
    """A database that is old, or away."""

    current: Callable[[], bool] = lambda: True

    async def is_current(self) -> bool:
        return self.current()


async def test_an_old_schema_is_found_and_nothing_is_read(hospital: Hospital) -> None:
    report = await hospital(audit=Sick(hospital.world.database, lambda: False))
    told = {one.check: one for one in report.findings}
    assert "cauri migrate" in told[Check.DATABASE].first[0].told
    assert not told[Check.EVIDENCE].done
    assert report.breaches == 1


async def test_a_database_that_is_away_is_found(hospital: Hospital) -> None:
    def away() -> bool:
        raise Unavailable("connection refused")

    report = await hospital(audit=Sick(hospital.world.database, away))
    told = {one.check: one for one in report.findings}
    assert told[Check.DATABASE].checked == 1
    assert "connection refused" in told[Check.DATABASE].first[0].told


@dataclass(frozen=True, slots=True)
class Moving(MemoryAudit):
    """A payment that moves while its rows are read: now and then a reading is half of two."""

    halves: list[Any]

    async def dossiers(self, *args: Any) -> Any:
        return [self._half(one) for one in await MemoryAudit.dossiers(self, *args)]

    async def dossier(self, *args: Any) -> Any:
        return self._half(await MemoryAudit.dossier(self, *args))

    def _half(self, whole: Dossier) -> Dossier:
        return replace(whole, events=()) if self.halves and self.halves.pop() else whole


@pytest.mark.parametrize(
    ("halves", "clean"),
    [([True], True), ([True, True], True), ([True, True, True], False)],
)
async def test_what_every_reading_shows_is_believed(halves: list[bool], clean: bool) -> None:
    world = await a_world()
    await world.pay()
    doctor = Doctor(Moving(world.database, halves), world.tenants, world.companies, world.clock)
    assert (await doctor(URL)).is_clean is clean


async def test_much_that_is_wrong_is_counted_and_the_first_named() -> None:
    world = await a_world()
    for number in range(SHOWN + 5):
        payment = a_payment(number + 1)
        world.database.shelf(ACME).payments[payment.id] = replace(
            payment, attempts=(replace(payment.attempts[0], account_id=AccountId("acc_maya")),)
        )
    doctor = Doctor(MemoryAudit(world.database), world.tenants, world.companies, world.clock)
    told = {one.check: one for one in (await doctor(URL)).findings}
    assert told[Check.WORK].breaches == SHOWN + 5
    assert len(told[Check.WORK].first) == SHOWN


async def test_every_page_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.audit.doctor.BATCH", 2)
    monkeypatch.setattr("application.audit.doctor.TENANTS", 1)
    world = await a_world()
    await world.tenants.add(a_tenant(OTHER))
    for number in range(5):
        await world.pay(key=str(number))
    seen: list[tuple[Check, int]] = []
    doctor = Doctor(MemoryAudit(world.database), world.tenants, world.companies, world.clock)
    await doctor(URL, progress=lambda check, done: seen.append((check, done)))
    assert [done for check, done in seen if check is Check.EVIDENCE] == [2, 4, 5]

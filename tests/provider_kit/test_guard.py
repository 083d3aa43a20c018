"""Between us and a client: an open circuit, an exception, a client that forgets the time."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.circuit import FAULTS, PAUSE_S
from adapters.provider_kit.guard import GUARDS, UNASKABLE, guarded
from domain.currencies import currency
from domain.errors import Forged, Invalid
from domain.ids import AccountId, TenantId
from domain.money import Money
from domain.payments.outcome import (
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotFound,
    NotSent,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Prepared,
    Prepares,
    Probes,
    Refunds,
)
from tests.contracts.provider_worlds import MANIFESTS, HandClock, lookup
from tests.provider_kit.made import a_charge

pytestmark = pytest.mark.anyio

ACCOUNT = AccountId("acc_1")
PAID = Succeeded(amount=Money(100, currency("PHP")))
NO = Declined(failure=Failure(FailureCode.INSUFFICIENT_FUNDS, "No.", FailureKind.DECLINED))
DOWN = Declined(
    failure=Failure(FailureCode.PROVIDER_UNAVAILABLE, "Down.", FailureKind.UNAVAILABLE),
    elsewhere=True,
)
SECRET = "sk-live-canary"


@dataclass
class Scripted(PaymentProvider, Prepares, Callbacks, Probes):
    """Says what it is told to say."""

    says: Any = PAID
    calls: list[str] = field(default_factory=list)

    async def _say(self, name: str) -> Any:
        self.calls.append(name)
        if isinstance(self.says, Exception):
            raise self.says
        if self.says == "hang":
            await asyncio.sleep(60)
        return self.says

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        said: Outcome = await self._say("charge")
        return said

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        said: Answer = await self._say("find")
        return said

    async def prepare(self, charge: Charge, *, timeout_s: float) -> Prepared | Declined | NotSent:
        said: Prepared | Declined | NotSent = await self._say("prepare")
        return said

    async def probe(self, *, timeout_s: float) -> None:
        await self._say("probe")

    def receive(self, callback: Callback, now: datetime) -> Notice:
        if isinstance(self.says, Exception):
            raise self.says
        notice: Notice = self.says
        return notice


@dataclass
class Desk:
    clock: HandClock = field(default_factory=HandClock)
    client: Scripted = field(default_factory=Scripted)

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.clock)
        self.guard: Any = guarded(self.client, self.breaker, ACCOUNT)

    async def charge(self, number: int = 1) -> Outcome:
        outcome: Outcome = await self.guard.charge(a_charge(number), timeout_s=0.01)
        return outcome

    @property
    def circuit(self) -> str:
        return self.breaker.of(TenantId("ten_1"), ACCOUNT).circuit


@pytest.mark.parametrize("name", sorted(MANIFESTS))
def test_a_guarded_client_can_what_its_client_can(name: str) -> None:
    client = MANIFESTS[name].client
    bare = object.__new__(client)
    kept = guarded(bare, Breaker(HandClock()), ACCOUNT)
    for ability in GUARDS:
        assert isinstance(kept, ability) == isinstance(bare, ability)


def test_every_ability_has_a_guard() -> None:
    kept = guarded(Scripted(), Breaker(HandClock()), ACCOUNT)
    assert isinstance(kept, Prepares)
    assert not isinstance(kept, Refunds)


@pytest.mark.parametrize("fault", [NotSent("refused"), Unknown(reason="cut"), DOWN, OSError("x")])
async def test_an_open_circuit_sends_no_charge_and_still_asks(fault: Any) -> None:
    desk = Desk()
    desk.client.says = fault
    for number in range(FAULTS):
        await desk.charge(number)
    assert desk.circuit == "open"
    desk.client.calls.clear()
    assert await desk.charge(99) == NotSent("circuit open")
    assert desk.client.calls == []
    desk.client.says = PAID
    assert await desk.guard.find(lookup(a_charge()), timeout_s=1) == PAID
    desk.clock.pass_(seconds=PAUSE_S)
    assert await desk.charge(100) == PAID
    assert desk.circuit == "closed"


@pytest.mark.parametrize("said", [NO, Pending(), PAID])
async def test_an_answer_is_no_fault_whatever_it_says(said: Any) -> None:
    desk = Desk()
    desk.client.says = said
    for number in range(4 * FAULTS):
        assert await desk.charge(number) == said
    assert desk.circuit == "closed"


async def test_that_a_provider_cannot_be_asked_is_no_fault() -> None:
    desk = Desk()
    desk.client.says = UNASKABLE
    for _ in range(4 * FAULTS):
        assert await desk.guard.find(lookup(a_charge()), timeout_s=1) == UNASKABLE
    assert desk.breaker.circuits(ACCOUNT) == {"query": "closed"}


async def test_an_exception_is_unknown_and_is_logged_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    desk.client.says = ValueError(f"bad header {SECRET}")
    outcome = await desk.charge()
    assert outcome == Unknown(reason="unforeseen: ValueError")
    assert await desk.guard.find(lookup(a_charge()), timeout_s=1) == outcome
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


async def test_a_client_that_forgets_the_time_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.provider_kit.guard.GRACE_S", 0.01)
    desk = Desk()
    desk.client.says = "hang"
    assert await desk.charge() == Unknown(reason="no answer in time", timed_out=True)


async def test_what_can_go_wrong_while_preparing_is_a_no_for_another_to_take() -> None:
    desk = Desk()
    desk.client.says = KeyError("x")
    said = await desk.guard.prepare(a_charge(), timeout_s=1)
    assert isinstance(said, Declined)
    assert said.elsewhere


async def test_a_canceled_call_lets_another_probe() -> None:
    desk = Desk()
    desk.client.says = NotSent("refused")
    for number in range(FAULTS):
        await desk.charge(number)
    desk.clock.pass_(seconds=PAUSE_S)
    desk.client.says = "hang"
    probe = asyncio.create_task(desk.guard.charge(a_charge(), timeout_s=60))
    await asyncio.sleep(0.01)
    assert desk.circuit == "open"
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert desk.circuit == "half_open"


async def test_attempts_count_when_they_end_by_whatever_tells() -> None:
    desk = Desk()
    desk.client.says = Pending()
    await desk.charge(1)
    await desk.charge(2)
    desk.client.says = NO
    await desk.guard.find(lookup(a_charge(1)), timeout_s=1)
    for trusted in (False, True):
        desk.client.says = Notice(
            id="n", trusted=trusted, attempt_id=a_charge(2).attempt_id, answer=PAID
        )
        desk.guard.receive(Callback(b""), desk.clock.now())
        health = desk.breaker.of(TenantId("ten_1"), ACCOUNT)
        assert (health.successes, health.finished) == (int(trusted), 1 + trusted)
    for answer in (NotFound(), NotSent("refused"), Unknown(reason="x")):
        desk.client.says = answer
        await desk.guard.find(lookup(a_charge(3)), timeout_s=1)
    assert desk.breaker.of(TenantId("ten_1"), ACCOUNT).finished == 2


async def test_at_the_desk_everything_becomes_words() -> None:
    desk = Desk()
    errors: tuple[Exception, ...] = (Invalid("no", "key"), OSError(SECRET))
    for error in errors:
        desk.client.says = error
        with pytest.raises(Invalid) as caught:
            await desk.guard.probe(timeout_s=1)
        assert SECRET not in str(caught.value)
    desk.client.says = TypeError(SECRET)
    with pytest.raises(Invalid):
        desk.guard.receive(Callback(b""), desk.clock.now())
    desk.client.says = Forged()
    with pytest.raises(Forged):
        desk.guard.receive(Callback(b""), desk.clock.now())

"""Each provider is given its time for each operation, and a request its own for all of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from adapters.provider_kit.transport import NoAnswer, NothingSent, Request, Response, Transport
from application.deadlines import REQUEST_S
from domain.ids import AccountId
from domain.payments.attempt import AttemptStatus
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.ports.clock import Clock
from tests.builders import StillClock, current
from tests.flows.conftest import Town, open_town

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Waiting(Transport):
    """Who gives no answer is waited for: the clock says how long."""

    inner: Transport
    clock: StillClock
    silent: str = "nowhere"  # addresses that end so take no request in time

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        try:
            if request.url.endswith(self.silent):
                raise NoAnswer("no answer in time", timed_out=True)
            return await self.inner.send(request, timeout_s=timeout_s)
        except NoAnswer as silence:
            if silence.timed_out:
                self.clock.advance(timeout_s)
            raise
        except NothingSent:
            self.clock.advance(request.connect_s or 0)
            raise


def waiting(wire: Transport, clock: Clock) -> Transport:
    assert isinstance(clock, StillClock)
    return Waiting(wire, clock)


def silent_intents(wire: Transport, clock: Clock) -> Transport:
    """GCash's first step, which moves no money, gets no answer."""
    assert isinstance(clock, StillClock)
    return Waiting(wire, clock, "/payment_intents")


@pytest.fixture
async def slow() -> AsyncIterator[Town]:
    async with open_town(waiting, {"maya": {"connect": 2, "charge": 12}}) as opened:
        yield opened


async def initiated(town: Town, method: str | None = None) -> tuple[Payment, float]:
    """A payment, and how long its request took."""
    began = town.world.clock.monotonic()
    payment = await town.world.pay(method=method)
    return payment, town.world.clock.monotonic() - began


async def test_a_provider_that_says_nothing_is_left_after_its_time(slow: Town) -> None:
    slow.faults("maya", rules=[{"on": "charge", "do": "timeout_after"}])
    payment, took = await initiated(slow, "maya")
    assert took == 12
    assert current(payment).status is AttemptStatus.INDETERMINATE
    assert len(slow.books()) == 1, "it has it, so nobody else is asked"


async def test_an_account_may_have_a_time_of_its_own(slow: Town) -> None:
    accounts = slow.world.database.accounts
    known = accounts[AccountId("acc_maya")]
    accounts[known.id] = replace(known, deadlines={"charge": 7}, version=known.version + 1)
    slow.faults("maya", rules=[{"on": "charge", "do": "timeout_after"}])
    _, took = await initiated(slow, "maya")
    assert took == 7


async def test_a_query_has_less_time_than_a_charge(slow: Town) -> None:
    payment, _ = await initiated(slow, "maya")
    slow.faults("maya", rules=[{"on": "query", "do": "timeout_before"}])
    clock = slow.world.clock
    began = clock.monotonic()
    await slow.world.get(payment.tenant_id, payment.id, refresh=True)
    assert clock.monotonic() - began == 10


async def test_who_can_not_be_reached_costs_only_the_time_to_connect(slow: Town) -> None:
    slow.faults("maya", outage=True)
    payment, took = await initiated(slow, "maya")
    assert took == 2
    assert current(payment).provider == "gcash"
    assert payment.status is PaymentStatus.PENDING


async def test_all_attempts_of_a_request_share_its_time() -> None:
    timeouts = {"": {"charge": 30}, "gcash": {"prepare": 30}}
    async with open_town(silent_intents, timeouts) as town:
        town.faults("maya", rules=[{"on": "charge", "do": "timeout_after"}])
        payment, took = await initiated(town, "gcash")
        assert [one.provider for one in payment.attempts] == ["gcash", "maya"]
        assert took == REQUEST_S, "maya was given what was left, and not its thirty seconds"
        assert payment.attempts[1].status is AttemptStatus.INDETERMINATE

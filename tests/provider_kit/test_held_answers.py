"""An answer that waits for the payer, over the wire without sockets; and what a request shows."""

from asyncio import Future, get_running_loop
from collections.abc import Mapping
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Held, World, held
from adapters.provider_kit.transport import NoAnswer, Request, Response
from tests.contracts.provider_worlds import HandClock

pytestmark = pytest.mark.anyio

BASE = "http://127.0.0.1:8800/slow"
PAID = Response(200, {}, b"paid")


class SlowCompany(SimpleNamespace):
    """Answers when it is told to."""

    async def handle(self, request: Request) -> Response:
        return held(self.until)

    def operation(self, request: Request) -> str:
        return "charge"


def a_line(until: "Future[Response]") -> SimulatedTransport:
    world = World(HandClock(), Random(7), BASE)
    company: Any = SlowCompany(name="slow", world=world, until=until)
    return SimulatedTransport([Remote(company)])


async def test_whoever_has_not_got_it_in_time_has_had_no_answer() -> None:
    until: Future[Response] = get_running_loop().create_future()
    line = a_line(until)
    with pytest.raises(NoAnswer) as silence:
        await line.send(Request("GET", BASE), timeout_s=5)
    assert silence.value.timed_out
    until.set_result(PAID)
    assert await line.send(Request("GET", BASE), timeout_s=5) == PAID


async def test_who_cannot_wait_reads_a_gateways_timeout() -> None:
    until: Future[Response] = get_running_loop().create_future()
    waiting = held(until)
    assert isinstance(waiting, Held)
    assert (waiting.status, waiting.body, waiting.given) == (504, b"", None)
    until.cancel()
    assert waiting.given is None


@pytest.mark.parametrize("named", [{"authorization": "secret"}, {}])
def test_a_request_shows_where_it_goes_and_nothing_secret(named: Mapping[str, str]) -> None:
    request = Request("GET", "https://a.example/Req?Password=secret&x=1", named, b"secret")
    assert repr(request) == "Request(GET https://a.example/Req)"

"""Faults around callbacks: lost, doubled, late, overtaken, forged, and telling another amount."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from adapters.provider_kit.faults import Do, On, Rule, Script
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import MOST_BODY, NoAnswer, NothingSent, Request, Response
from tests.contracts.provider_worlds import HandClock

pytestmark = pytest.mark.anyio


class Bell(Simulator):
    """A company that answers with how often it was asked."""

    name = "bell"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked = 0
        self.answer = Response(200)
        self.headers: Mapping[str, str] = {}

    async def handle(self, request: Request) -> Response:
        self.asked += 1
        self.headers = request.headers
        return self.answer

    def operation(self, request: Request) -> str:
        return "charge" if request.method == "POST" else "query"

    def books(self) -> Sequence[Booked]:
        return ()

    def act(self, reference: str, action: Action) -> None:
        raise LookupError(reference)

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        return None

    def return_url(self, reference: str) -> str | None:
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        return replace(outgoing, body=b"lie", headers={"signature": "of the lie"})

    def owe(self, *bodies: bytes) -> None:
        now = self.world.clock.now()
        self.outgoing += [
            Outgoing(url="http://x/", headers={"signature": "s"}, body=b, due_at=now, about="a")
            for b in bodies
        ]


class Scene:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.bell = Bell(World(self.clock, Random(1), "http://bell.test/bell"))
        self.remote = Remote(self.bell)
        self.transport = SimulatedTransport([self.remote])

    def script(self, on: On, do: Do, rate: float = 1, seconds: float | None = None) -> None:
        self.remote.faults.put(Script(seed=7, rules=(Rule(on, do, rate, seconds),)))

    def leave(self, hours: float = 0) -> list[bytes]:
        due = self.remote.take_due(self.clock.now() + timedelta(hours=hours))
        return [one.body for one in due]

    async def send(self, url: str = "http://bell.test/bell/x") -> Response:
        request = Request("POST", url, {"X-Name": "v"})
        return await self.transport.send(request, timeout_s=10)


@pytest.mark.parametrize(
    ("do", "now", "later"),
    [
        (Do.DROP, [], []),
        (Do.DUPLICATE, [b"1", b"1", b"2", b"2"], []),
        (Do.DELAY, [], [b"1", b"2"]),
        (Do.REORDER, [b"2", b"1"], []),
        (Do.FORGE, [b"lie", b"1", b"lie", b"2"], []),
        (Do.WRONG_AMOUNT, [b"lie", b"lie"], []),
    ],
)
def test_what_becomes_of_two_callbacks(do: Do, now: list[bytes], later: list[bytes]) -> None:
    scene = Scene()
    scene.script(On.CALLBACK, do)
    scene.bell.owe(b"1", b"2")
    assert scene.leave() == now
    assert scene.leave(hours=1) == later
    assert scene.leave(hours=2) == []


def test_a_single_one_that_is_to_be_overtaken_waits_for_another() -> None:
    scene = Scene()
    scene.script(On.CALLBACK, Do.REORDER, seconds=60)
    scene.bell.owe(b"1")
    assert scene.leave() == []
    scene.remote.faults.end()
    scene.bell.owe(b"2")
    assert scene.leave() == [b"2"]
    assert scene.leave(hours=1) == [b"1"]


def test_a_forgery_carries_another_s_signature_and_a_wrong_amount_its_own() -> None:
    for do, signature in ((Do.FORGE, "s"), (Do.WRONG_AMOUNT, "of the lie")):
        scene = Scene()
        scene.script(On.CALLBACK, do)
        scene.bell.owe(b"1")
        lie = scene.remote.take_due(scene.clock.now())[0]
        assert (lie.body, lie.headers["signature"]) == (b"lie", signature)


def test_a_company_that_is_down_sends_its_callbacks_afterwards() -> None:
    scene = Scene()
    scene.remote.faults.put(Script(outage=True))
    scene.bell.owe(b"1")
    assert scene.leave() == []
    scene.remote.faults.end()
    assert scene.leave() == [b"1"]


def test_what_nobody_took_leaves_again_and_says_when() -> None:
    scene = Scene()
    scene.bell.owe(b"1")
    (one,) = scene.remote.take_due(scene.clock.now())
    assert scene.remote.next_due() is None
    at = scene.clock.now() + timedelta(minutes=5)
    scene.remote.again(one, at)
    assert scene.remote.next_due() == at
    assert scene.leave() == []
    assert [again.tries for again in scene.remote.take_due(at)] == [1]


@pytest.mark.parametrize(
    ("do", "acted"), [(Do.TIMEOUT_BEFORE, 0), (Do.TIMEOUT_AFTER, 1), (Do.DELAY, 1)]
)
async def test_silence_in_process_is_told_at_once(do: Do, acted: int) -> None:
    scene = Scene()
    scene.script(On.CHARGE, do, seconds=10)
    with pytest.raises(NoAnswer) as caught:
        await scene.send()
    assert caught.value.timed_out
    assert scene.bell.asked == acted


async def test_an_answer_that_is_late_but_not_too_late_arrives() -> None:
    scene = Scene()
    scene.script(On.CHARGE, Do.DELAY, seconds=9)
    assert (await scene.send()).status == 200


@pytest.mark.parametrize(("do", "acted"), [(Do.ERROR_BEFORE, 0), (Do.ERROR_AFTER, 1)])
async def test_an_error_comes_without_or_although_it_acted(do: Do, acted: int) -> None:
    scene = Scene()
    scene.script(On.CHARGE, do)
    assert (await scene.send()).status == 503
    assert scene.bell.asked == acted


async def test_a_down_company_and_an_unknown_address_refuse_the_connection() -> None:
    scene = Scene()
    for url in ("http://bell.test/", "http://bell.test/bellx", "http://other.test/bell", "x"):
        with pytest.raises(NothingSent):
            await scene.send(url)
    scene.remote.faults.put(Script(outage=True))
    with pytest.raises(NothingSent):
        await scene.send()
    assert scene.bell.asked == 0


async def test_headers_arrive_in_lower_case_and_an_answer_is_bounded() -> None:
    scene = Scene()
    await scene.send()
    assert scene.bell.headers == {"x-name": "v"}
    scene.bell.answer = Response(200, {}, b"x" * (MOST_BODY + 1))
    with pytest.raises(NoAnswer):
        await scene.send()

"""The proxy does what a fault says, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from tests.harness.processes import until
from tests.harness.proxy import Fault, Leg, Proxy, Then

pytestmark = pytest.mark.anyio
WAIT_S = 5.0
ANSWER = b"answer to "


@dataclass
class Echo:
    """A server that answers each line, and remembers what reached it."""

    heard: list[bytes] = field(default_factory=list)
    lost: int = 0  # connections that were reset

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.heard.append(line)
                writer.write(ANSWER + line)
                await writer.drain()
        except ConnectionError:
            self.lost += 1
        finally:
            writer.close()


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with server, Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


class Caller:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.got = b""  # of the last answer

    async def ask(self, line: bytes) -> bytes:
        self.got = b""
        self.writer.write(line)
        async with asyncio.timeout(WAIT_S):
            while not self.got.endswith(b"\n"):
                self.got += await self.reader.readexactly(1)
        return self.got

    async def is_silent(self) -> bool:
        try:
            async with asyncio.timeout(0.1):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


Dial = Callable[[], Awaitable[Caller]]


@pytest.fixture
async def dial(proxy: Proxy) -> AsyncIterator[Dial]:
    """Opens connections through the proxy, and closes them in the end."""
    open_: list[Caller] = []

    async def opened() -> Caller:
        open_.append(Caller(*await asyncio.open_connection("127.0.0.1", proxy.port)))
        return open_[-1]

    yield opened
    for caller in open_:
        caller.writer.transport.abort()


async def test_without_a_fault_everything_passes_both_ways(
    proxy: Proxy, dial: Dial, echo: Echo
) -> None:
    caller = await dial()
    big = b"x" * 60_000 + b"\n"  # a stream's line limit
    assert await caller.ask(b"one\n") == b"answer to one\n"
    assert await caller.ask(big) == ANSWER + big
    caller.writer.write_eof()
    assert await caller.reader.read() == b""
    assert echo.heard == [b"one\n", big]


@pytest.mark.parametrize("most", [0, 4])
async def test_an_answer_is_cut_after_so_many_bytes(
    proxy: Proxy, dial: Dial, echo: Echo, most: int
) -> None:
    caller = await dial()
    proxy.fault = Fault(on=b"two", down=Leg(most=most))
    assert await caller.ask(b"one\n") == b"answer to one\n"
    with pytest.raises(ConnectionResetError):
        await caller.ask(b"two\n")
    assert caller.got == b"answ"[:most]
    assert echo.heard == [b"one\n", b"two\n"], "the request had arrived"


@pytest.mark.parametrize("most", [0, 2])
async def test_a_request_is_cut_after_so_many_bytes(
    proxy: Proxy, dial: Dial, echo: Echo, most: int
) -> None:
    caller = await dial()
    proxy.fault = Fault(up=Leg(most=most))
    with pytest.raises(ConnectionResetError):
        await caller.ask(b"one\n")
    assert echo.heard == []


async def test_only_the_answer_is_swallowed(proxy: Proxy, dial: Dial, echo: Echo) -> None:
    caller = await dial()
    proxy.fault = Fault(down=Leg(most=0, then=Then.SILENCE))
    caller.writer.write(b"one\n")
    assert await caller.is_silent()
    assert echo.heard == [b"one\n"]


async def test_a_black_hole_takes_everything_and_says_nothing(
    proxy: Proxy, dial: Dial, echo: Echo
) -> None:
    caller = await dial()
    hole = Leg(most=0, then=Then.SILENCE)
    proxy.fault = Fault(up=hole, down=hole)
    caller.writer.write(b"one\n")
    assert await caller.is_silent()
    assert echo.heard == []


@pytest.mark.parametrize("way", ["up", "down"])
async def test_what_is_held_goes_on_when_it_is_released(
    proxy: Proxy, dial: Dial, echo: Echo, way: str
) -> None:
    caller = await dial()
    hold = Leg(most=0, then=Then.HOLD)
    proxy.fault = Fault(up=hold) if way == "up" else Fault(down=hold)
    caller.writer.write(b"one\n")
    async with asyncio.timeout(WAIT_S):
        await proxy.held.wait()
    assert await caller.is_silent()
    assert echo.heard == ([] if way == "up" else [b"one\n"])
    proxy.release()
    assert await caller.ask(b"two\n") == b"answer to one\n"
    assert await caller.ask(b"three\n") == b"answer to two\n"


async def test_a_held_request_of_a_caller_who_died_still_arrives(
    proxy: Proxy, dial: Dial, echo: Echo
) -> None:
    caller = await dial()
    proxy.fault = Fault(up=Leg(most=0, then=Then.HOLD))
    caller.writer.write(b"one\n")
    async with asyncio.timeout(WAIT_S):
        await proxy.held.wait()
    caller.writer.transport.abort()
    proxy.release()
    await until(lambda: bool(echo.heard), WAIT_S, "it arrives")
    assert echo.heard == [b"one\n"]


async def test_latency_and_drips_take_time_and_lose_nothing(proxy: Proxy, dial: Dial) -> None:
    caller = await dial()
    loop = asyncio.get_running_loop()
    proxy.fault = Fault(up=Leg(latency_s=0.05), down=Leg(drip_s=0.005))
    began = loop.time()
    assert await caller.ask(b"one\n") == b"answer to one\n"
    assert loop.time() - began >= 0.05 + 13 * 0.005


async def test_refused_then_accepted_on_the_same_port(proxy: Proxy, dial: Dial) -> None:
    old, port = await dial(), proxy.port
    await proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await dial()
    assert await old.ask(b"one\n") == b"answer to one\n", "what is open stays open"
    await proxy.accept()
    assert proxy.port == port
    assert await (await dial()).ask(b"two\n") == b"answer to two\n"


async def test_it_skips_and_counts_and_ends(proxy: Proxy, dial: Dial) -> None:
    proxy.fault = Fault(on=b"two", down=Leg(most=0), skip=1, times=1)
    caller = await dial()
    assert await caller.ask(b"two\n") == b"answer to two\n"
    with pytest.raises(ConnectionResetError):
        await caller.ask(b"two\n")
    caller = await dial()
    assert await caller.ask(b"two\n") == b"answer to two\n"
    assert (proxy.seen, proxy.strikes) == (3, 1)
    proxy.fault = Fault(on=b"two", down=Leg(most=0))
    proxy.fault = None
    assert await caller.ask(b"two\n") == b"answer to two\n"


async def test_everything_open_can_be_cut(proxy: Proxy, dial: Dial) -> None:
    caller = await dial()
    assert await caller.ask(b"one\n") == b"answer to one\n"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await caller.ask(b"two\n")


async def test_nobody_behind_it_is_a_reset() -> None:
    async with Proxy("127.0.0.1", 1) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises(ConnectionResetError):
            await Caller(reader, writer).ask(b"one\n")
        writer.close()

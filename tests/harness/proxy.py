"""A TCP proxy that misbehaves on command.

    async with Proxy("127.0.0.1", 8090) as proxy:
        proxy.fault = Fault(on=b"POST ", down=Leg(most=0))   # the answers to POSTs are cut off

It lives in the test's own loop and knows nothing of what it carries.
"""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Final, Literal, Self

PIECE: Final = 65_536  # bytes read at once
ARRIVES_S: Final = 0.02  # on this machine
ABRUPT: Final = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: closing sends a reset
Way = Literal["up", "down"]  # from the client, to the client


class Then(Enum):
    RESET = auto()  # both sides are cut off
    SILENCE = auto()  # the rest is swallowed, the connection stays
    HOLD = auto()  # the rest waits for `release`


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What happens to the bytes of one direction; without a word, they pass."""

    latency_s: float = 0.0  # before each piece
    drip_s: float = 0.0  # after each byte, one at a time
    most: int | None = None  # bytes that pass, counted from the strike; then `then`
    then: Then = Then.RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Strikes a connection at the first piece from its client that holds `on`, and from there on.

    `skip` such pieces are spared first, `times` are struck in all.
    """

    on: bytes = b""
    up: Leg = Leg()
    down: Leg = Leg()
    skip: int = 0
    times: int = 1_000_000_000


LEGS: Final[dict[Way, Leg]] = {"up": Leg(), "down": Leg()}


class Proxy:
    """Listens from enter to exit, on one port all the time, `refuse` and `accept` included."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault: Fault | None = None
        self.port = 0
        self.seen = 0  # pieces that hold the fault's `on`
        self.strikes = 0
        self.held = asyncio.Event()  # something waits for `release`
        self._released = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.refuse()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def fault(self) -> Fault | None:
        """In force for every connection; setting it begins to count anew, and None ends it."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._fault = fault
        self.seen = self.strikes = 0
        self.held.clear()
        self._released = asyncio.Event()

    async def refuse(self) -> None:
        """New connections are refused; those that are open stay."""
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)  # uvloop closes the socket in the next round
            self._server = None

    async def accept(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._arrived, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset every open connection."""
        for connection in list(self._open):
            connection.reset()

    def release(self) -> None:
        """What was held goes on, as if nothing had been."""
        self.held.clear()
        self._released.set()

    def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far = await asyncio.open_connection(*self._target)
        except OSError:
            _abort(writer)
            return
        connection = _Connection(self, (reader, writer), far)
        self._open.add(connection)
        try:
            await connection.carry()
        finally:
            self._open.discard(connection)

    def struck(self, piece: bytes) -> Fault | None:
        """The fault, if this piece of a client brings it down."""
        fault = self._fault
        if fault is None or fault.on not in piece:
            return None
        self.seen += 1
        if self.seen <= fault.skip or self.strikes >= fault.times:
            return None
        self.strikes += 1
        return fault

    async def released(self) -> None:
        self.held.set()
        await self._released.wait()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False, slots=True)
class _Connection:
    proxy: Proxy
    near: Ends
    far: Ends
    fault: Fault | None = None
    passed: dict[Way, int] = field(default_factory=dict)  # bytes since the strike

    async def carry(self) -> None:
        ways = (
            self._pump("up", self.near[0], self.far[1]),
            self._pump("down", self.far[0], self.near[1]),
        )
        try:
            await asyncio.gather(*ways)
        except OSError:
            self.reset()
        finally:
            self.near[1].close()
            self.far[1].close()

    def reset(self) -> None:
        _abort(self.near[1])
        _abort(self.far[1])

    async def _pump(
        self, way: Way, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        while piece := await source.read(PIECE):
            if way == "up" and (fault := self.proxy.struck(piece)) is not None:
                self.fault, self.passed = fault, {}
            await self._pass(way, sink, piece)
        if sink.can_write_eof() and not sink.is_closing():
            sink.write_eof()

    async def _pass(self, way: Way, sink: asyncio.StreamWriter, piece: bytes) -> None:
        leg = self._leg(way)
        if leg.latency_s:
            await asyncio.sleep(leg.latency_s)
        left = len(piece) if leg.most is None else leg.most - self.passed.get(way, 0)
        let, rest = piece[:left], piece[left:]
        self.passed[way] = self.passed.get(way, 0) + len(let)
        await self._write(sink, let, leg.drip_s)
        if leg.then is Then.RESET:
            if leg.most is not None and self.passed[way] >= leg.most:
                if let:
                    await asyncio.sleep(ARRIVES_S)  # a reset may overtake it
                self.reset()
        elif rest and leg.then is Then.HOLD:
            await self.proxy.released()
            await self._write(sink, rest, 0.0)

    async def _write(self, sink: asyncio.StreamWriter, let: bytes, drip_s: float) -> None:
        for part in [bytes([byte]) for byte in let] if drip_s else [let]:
            if sink.is_closing():
                raise ConnectionResetError
            sink.write(part)
            await sink.drain()
            if drip_s:
                await asyncio.sleep(drip_s)

    def _leg(self, way: Way) -> Leg:
        fault = self.fault
        if fault is None or fault is not self.proxy.fault:  # it was ended
            return LEGS[way]
        return fault.up if way == "up" else fault.down


def _abort(writer: asyncio.StreamWriter) -> None:
    taken = writer.get_extra_info("socket")
    if taken is not None and not writer.is_closing():
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPT)
    writer.transport.abort()

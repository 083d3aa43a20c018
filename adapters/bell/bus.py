"""A bell that many processes hear, over whatever bus there is.

The bus may be away for as long as it likes: rings are lost then, and the clock finds the work.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Final, Protocol

from adapters.bell.local import LocalBell
from domain.ports.bell import Bell

GAP_S: Final = 0.05  # between two rings: a burst of urgent work is one
RETRY_S: Final = 1.0  # until the bus is tried again
CHANNEL: Final = "cauri.bell"

Told = Callable[[str], None]


class Line(Protocol):
    """An open connection to a bus."""

    async def ring(self) -> None:
        """Tell everybody. Raises when the bus is away."""

    async def lost(self) -> None:
        """Returns, or raises, once the connection is gone."""


Dial = Callable[[Callable[[], None]], AbstractAsyncContextManager[Line]]
"""Opens a line; what it is given is called at each ring that comes over it."""


class BusBell(Bell):
    """Our own workers hear it at once, others over the bus. `told` is called once when the bus is
    lost and once when it is back."""

    def __init__(self, dial: Dial, told: Told) -> None:
        self._dial, self._told = dial, told
        self._here, self._wanted = LocalBell(), asyncio.Event()
        self._is_up: bool | None = None  # nobody knows yet

    def ring(self) -> None:
        self._here.ring()
        self._wanted.set()

    async def wait(self, timeout_s: float) -> bool:
        return await self._here.wait(timeout_s)

    async def run(self) -> None:
        """Until cancelled. Whatever the bus does, the next try follows in RETRY_S."""
        while True:
            try:
                async with self._dial(self._here.ring) as line:
                    self._say(is_up=True)
                    await self._serve(line)
                    raise ConnectionError("the connection ended")
            except Exception as error:
                self._say(is_up=False, why=repr(error)[:200])
            await asyncio.sleep(RETRY_S)

    async def _serve(self, line: Line) -> None:
        """Until the line is lost."""
        lost = asyncio.create_task(line.lost(), name="bell-lost")
        wanted: asyncio.Task[bool] | None = None
        try:
            while not lost.done():
                wanted = asyncio.create_task(self._wanted.wait(), name="bell-wanted")
                await asyncio.wait({lost, wanted}, return_when=asyncio.FIRST_COMPLETED)
                if wanted.done():
                    self._wanted.clear()
                    await line.ring()
                    await asyncio.wait({lost}, timeout=GAP_S)
            await lost
        finally:
            for task in (lost, wanted):
                if task is not None:
                    task.cancel()

    def _say(self, *, is_up: bool, why: str = "") -> None:
        if is_up is self._is_up:
            return
        self._is_up = is_up
        self._told("the bell's bus is reached" if is_up else f"the bell's bus is away: {why}")


@asynccontextmanager
async def serving(bell: BusBell) -> AsyncIterator[BusBell]:
    """Its task runs as long as the block."""
    task = asyncio.create_task(bell.run(), name="bell")
    try:
        yield bell
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

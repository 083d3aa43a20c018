"""Long-running processes: how each starts, and how it ends on SIGTERM or Ctrl-C."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import uvloop
from dishka import AsyncContainer

from adapters.sql.migrate import is_current, upgrade
from application.webhooks.number_events import NumberEvents
from domain.errors import Invalid, Unavailable
from domain.ports.clock import Clock
from entrypoints.settings import PREFIX, Settings, Wrong
from entrypoints.sharing import Sharing
from entrypoints.telling import Numbering
from entrypoints.wiring import production
from entrypoints.worker import Worker

TAKEN: Final = (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)
NAMELESS: Final = (socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL)


async def prepare(settings: Settings, *, needs_schema: bool = True) -> None:
    """On one machine the schema follows the program by itself; a shared database is migrated by
    a person, before. Raises Unavailable, unless the command tells what it finds by itself."""
    if settings.is_embedded:
        _own_folder(settings.data_dir)
    elif not needs_schema:
        return
    if await is_current(settings.database):
        return
    if not settings.is_embedded:
        raise Unavailable("the database's schema is not this version's; run: cauri migrate")
    await upgrade(settings.database)


def _own_folder(path: str) -> None:
    """Raises Wrong."""
    try:
        Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        taken = error.errno == errno.EEXIST
        why = "it is not a folder" if taken else os.strerror(error.errno or 0).lower()
        raise Wrong(f"{PREFIX}DATA_DIR: can't keep data in {path}, {why}") from error


@contextmanager
def taking(host: str, port: int) -> Iterator[None]:
    """An address that somebody else listens at, or that is none, is told in words."""
    try:
        yield
    except OSError as error:
        if error.errno in NAMELESS:
            told = f"this machine knows no {host}; choose another with --host"
            raise Invalid(told, "host") from error
        if error.errno not in TAKEN:
            raise
        why = os.strerror(error.errno).lower()
        told = f"can't listen at {host}:{port}, {why}; choose another with --port"
        raise Invalid(told, "port") from error


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run a process to its end; the exit status."""
    return uvloop.run(main)


@asynccontextmanager
async def stopping() -> AsyncIterator[asyncio.Event]:
    """An event that the first SIGTERM or SIGINT sets; a second ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def asked(number: int) -> None:
        if stop.is_set():
            raise SystemExit(128 + number)
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, asked, number)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def serve(settings: Settings, started: Callable[[int], Awaitable[None]]) -> int:
    """API, pages, and (unless it is switched off) the worker."""
    from entrypoints.site import Site

    await prepare(settings)
    container = production(settings, Site())
    try:
        async with stopping() as stop:
            await serve_from(container, settings, stop, started)
    finally:
        await container.close()
    return 0


async def serve_from(
    container: AsyncContainer,
    settings: Settings,
    stop: asyncio.Event,
    started: Callable[[int], Awaitable[None]],
) -> None:
    """Until `stop`. `started` is told the real port once requests are taken."""
    from litestar import Litestar

    from adapters.http.server import serve as listen
    from adapters.telemetry.sink import Sink

    app = await container.get(Litestar)
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(
        listen(app, settings.host, settings.port, started=listening.set_result), name="http"
    )
    waited: set[asyncio.Future[Any]] = {server, listening}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    worker = asyncio.create_task(_work(container, stop, works=settings.worker), name="worker")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        if listening.done():
            await started(listening.result())
        await asyncio.wait({server, stopped, worker}, return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            with taking(settings.host, settings.port):
                server.result()  # it could not listen, or it died
    finally:
        stop.set()
        if not server.done():
            server.cancel()
            with suppress(asyncio.CancelledError):
                await server
        stopped.cancel()
        await worker
        (await container.get(Sink)).flush()


async def _work(container: AsyncContainer, stop: asyncio.Event, *, works: bool) -> None:
    """Until `stop`: what a process does besides answering. `works`: the background work too."""
    async with asyncio.TaskGroup() as beside:
        beside.create_task((await container.get(Sharing))(stop), name="sharing")
        if works:
            beside.create_task((await container.get(Numbering))(stop), name="numbering")
            await (await container.get(Worker))(stop)
        else:
            await stop.wait()


@asynccontextmanager
async def _logging(container: AsyncContainer, settings: Settings) -> AsyncIterator[None]:
    """As the API logs: JSON lines on standard error, from the level that is set."""
    from adapters.telemetry.logs import configure
    from adapters.telemetry.sink import Sink

    sink = Sink(sys.stderr.buffer)
    configure(sink, await container.get(Clock), settings.log_level.upper())
    try:
        yield
    finally:
        sink.flush()


async def work(settings: Settings, started: Callable[[], None], *, once: bool) -> int:
    """A worker alone. `started` is told that it works; `once`: what is due now, then the end."""
    await prepare(settings)
    container = production(settings)
    try:
        worker = await container.get(Worker)
        if once:
            number = await container.get(NumberEvents)
            await worker.tick()
            while await number() + await worker.run_jobs(settings.worker_batch):
                pass
            return 0
        async with stopping() as stop, _logging(container, settings):
            started()
            await _work(container, stop, works=True)
    finally:
        await container.close()
    return 0

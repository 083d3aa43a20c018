"""Names to addresses. A merchant's name server may be slow for ever, so it only holds threads
of our own, one a name, and never one that a payment's provider needs."""

import asyncio
import socket
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, Protocol

THREADS: Final = 16
MOST: Final = 16  # addresses of one name that are looked at; nobody's service has more


class Lookup(Protocol):
    @abstractmethod
    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Every address of a name, or the one that is written out. Raises socket.gaierror."""

    @abstractmethod
    def close(self) -> None:
        """Gives back what it holds; it is not asked again."""


class SystemLookup(Lookup):
    """The machine's resolver. Calls for one name at the same time share one lookup."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lookup")
        self._running: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        running = self._running.get(host)
        if running is None:
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(self._threads, _found, host, port)
            self._running[host] = running
            running.add_done_callback(partial(self._ended, host))
        return await asyncio.shield(running)  # who gives up leaves it to the others

    def _ended(self, host: str, lookup: asyncio.Future[Sequence[str]]) -> None:
        del self._running[host]
        if not lookup.cancelled():
            lookup.exception()  # somebody looked: all who waited may have given up

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _found(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))

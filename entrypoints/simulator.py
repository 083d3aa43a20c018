"""`cauri simulator`: the providers' remote sides, on one port, for people and for the demo."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.simulator_site import SimulatorSite
from adapters.provider_kit.transport import Transport
from adapters.providers import discover
from adapters.system.clock import SystemClock
from domain.ports.clock import Clock
from entrypoints.processes import stopping, taking

SIMULATOR_PORT: Final = 8090
STYLESHEET: Final = (
    Path(__file__).parent.parent / "adapters" / "http" / "pages" / "static" / "cauri.css"
)


def simulators(clock: Clock, transport: Transport) -> SimulatorSite:
    """All providers of the build that have a simulator."""
    found = {name: one for name, one in discover().items() if one.simulator is not None}
    return SimulatorSite(
        {name: one.simulator for name, one in found.items() if one.simulator is not None},
        clock,
        transport,
        stylesheet=STYLESHEET,
        titles={name: one.profile.title for name, one in found.items()},
    )


async def simulate(host: str, port: int, started: Callable[[str], None]) -> int:
    """Serve until asked to stop. `started` is told the address."""
    async with AiohttpTransport() as transport, stopping() as stop:
        site = simulators(SystemClock(), transport)
        with taking(host, port):
            port = await site.start(host, port)
        started(f"http://{host}:{port}")
        try:
            await stop.wait()
        finally:
            await site.close()
    return 0

"""NATS: plain publish and subscribe; no stream, since a ring that nobody hears is no loss."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import nats
from nats.aio.client import Client

from adapters.bell.bus import CHANNEL, Dial, Line

TIMEOUT_S: Final = 2.0


class NatsLine(Line):
    def __init__(self, client: Client, gone: asyncio.Event) -> None:
        self._client, self._gone = client, gone

    async def ring(self) -> None:
        await self._client.publish(CHANNEL)
        await self._client.flush(timeout=int(TIMEOUT_S))

    async def lost(self) -> None:
        await self._gone.wait()


def over_nats(url: str) -> Dial:
    """nats://[user:password@]host[:port]"""

    @asynccontextmanager
    async def dial(heard: Callable[[], None]) -> AsyncIterator[Line]:
        gone = asyncio.Event()

        async def on_ring(_: Any) -> None:
            heard()

        async def on_loss(_: Any = None) -> None:
            gone.set()

        async with asyncio.timeout(2 * TIMEOUT_S):
            client = await nats.connect(
                url,
                allow_reconnect=False,  # whoever dialled does it again
                connect_timeout=int(TIMEOUT_S),
                error_cb=on_loss,
                disconnected_cb=on_loss,
                closed_cb=on_loss,
            )
            await client.subscribe(CHANNEL, cb=on_ring)
            await client.flush(timeout=int(TIMEOUT_S))  # from here on every ring is heard
        try:
            yield NatsLine(client, gone)
        finally:
            await client.close()

    return dial

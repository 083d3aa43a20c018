"""Redis or Valkey: publish and subscribe, nothing stored."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from adapters.bell.bus import CHANNEL, Dial, Line

TIMEOUT_S: Final = 2.0
ALIVE_S: Final = 15  # between looks whether the connection still stands


class RedisLine(Line):
    def __init__(self, client: "Redis", ears: PubSub, heard: Callable[[], None]) -> None:
        self._client, self._ears, self._heard = client, ears, heard

    async def ring(self) -> None:
        await self._client.publish(CHANNEL, b"")

    async def lost(self) -> None:
        """Listening is how a loss is noticed."""
        async for message in self._ears.listen():
            if message["type"] == "message":
                self._heard()


def over_redis(url: str) -> Dial:
    """redis://[user:password@]host[:port]/[number], or rediss:// through TLS"""

    @asynccontextmanager
    async def dial(heard: Callable[[], None]) -> AsyncIterator[Line]:
        more: dict[str, Any] = {
            "socket_connect_timeout": TIMEOUT_S,
            "health_check_interval": ALIVE_S,
        }
        client = Redis.from_url(url, **more)
        ears = client.pubsub()
        try:
            async with asyncio.timeout(2 * TIMEOUT_S):
                await ears.subscribe(CHANNEL)
                await ears.get_message(timeout=TIMEOUT_S)  # from here on every ring is heard
            yield RedisLine(client, ears, heard)
        finally:
            await ears.aclose()  # type: ignore[no-untyped-call]
            await client.aclose()

    return dial

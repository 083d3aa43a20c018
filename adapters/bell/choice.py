"""The bell that a setting names. The library of a bus is imported only when it is chosen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from adapters.bell.bus import BusBell, Dial, Told, serving
from adapters.bell.local import LocalBell
from domain.errors import Invalid
from domain.ports.bell import Bell


@asynccontextmanager
async def running_bell(url: str, told: Told) -> AsyncIterator[Bell]:
    """Without an url it is heard in this process only. Raises Invalid for another kind of url, and
    when its library is not installed."""
    if not url:
        yield LocalBell()
        return
    async with serving(BusBell(_dial(url), told)) as bell:
        yield bell


def _dial(url: str) -> Dial:
    scheme = urlsplit(url).scheme
    try:
        if scheme in ("nats", "tls"):
            from adapters.bell.over_nats import over_nats

            return over_nats(url)
        if scheme in ("redis", "rediss"):
            from adapters.bell.over_redis import over_redis

            return over_redis(url)
    except ImportError as error:
        extra = "nats" if scheme in ("nats", "tls") else "redis"
        told = f"its library is not installed; run: pip install 'cauri[{extra}]'"
        raise Invalid(told, "bell_url") from error
    raise Invalid("must begin with nats://, tls://, redis:// or rediss://", "bell_url")

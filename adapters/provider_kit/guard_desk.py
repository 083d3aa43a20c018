"""What is guarded of a client when an account is opened: a person waits, and is told in words.

`guard` composes these with the rest. No breaker counts them: they are not the payers' traffic.
"""

import asyncio
import logging
import traceback
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

from domain.errors import CauriError, Invalid
from domain.payments.outcome import Unknown
from domain.ports.callback_addresses import CallbackAddress, ListsCallbacks
from domain.ports.providers import Probes, Registers

T = TypeVar("T")

LOG: Final = logging.getLogger("cauri.providers")
GRACE_S: Final = 1.0  # a client that forgets its own deadline is stopped this much later


class Registering(Registers):
    client: Any

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        added: Mapping[str, Any] = await _told(
            self.client.register(callback_url, timeout_s=timeout_s), timeout_s, self.client
        )
        return added


class Listing(ListsCallbacks):
    client: Any

    async def callback_addresses(self, *, timeout_s: float) -> Sequence[CallbackAddress]:
        listed: Sequence[CallbackAddress] = await _told(
            self.client.callback_addresses(timeout_s=timeout_s), timeout_s, self.client
        )
        return listed


class Probing(Probes):
    client: Any

    async def probe(self, *, timeout_s: float) -> None:
        await _told(self.client.probe(timeout_s=timeout_s), timeout_s, self.client)


async def _told(call: Coroutine[Any, Any, T], timeout_s: float, client: object) -> T:
    """For a person at the desk: an Invalid with words, whatever happens."""
    try:
        async with asyncio.timeout(timeout_s + GRACE_S):
            return await call
    except CauriError:
        raise
    except Exception as error:
        unforeseen(error, "connect", client)
        raise Invalid("the provider could not be tried; nothing was changed") from None


def unforeseen(error: Exception, operation: str, client: object) -> Unknown:
    """A client raised. The log names the place and never the message: it may hold a secret."""
    if isinstance(error, TimeoutError):
        return Unknown(reason="no answer in time", timed_out=True)
    kind = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " < ".join(f"{one.name}:{one.lineno}" for one in reversed(frames))
    LOG.error("%s.%s raised %s at %s", type(client).__name__, operation, kind, place)
    return Unknown(reason=f"unforeseen: {kind}")

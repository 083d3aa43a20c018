"""`cauri listen`: events as they happen, and each of them to a server on the developer's machine.

It reads the feed as clients do, by numbers, so it needs no endpoint and leaves none behind.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click
import msgspec

from adapters.cli import show
from adapters.cli.events import chosen, summary
from adapters.cli.failures import DONE
from adapters.cli.here import OpenPost, Stopping
from adapters.cli.webhook_words import event_json
from adapters.cli.which_tenant import WhichTenant
from application.webhooks.secrets import secret_text
from domain.errors import NotStored
from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.digests import Digests
from domain.ports.post import NotPosted, Post, Posted
from domain.ports.webhook_views import WebhookViews
from domain.ports.webhooks import Signer
from domain.webhooks.told import NumberedEvent, Topic

LOOK_S: Final = 0.5
TROUBLED_S: Final = 2.0  # the database can't be asked
PAGE: Final = 100
TIMEOUT_S: Final = 30.0  # somebody may sit in a debugger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Forward:
    """Where events go on to, and what signs them."""

    post: Post
    url: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Listen:
    """Until Ctrl-C; nothing is sent twice, whatever the local server says."""

    views: WebhookViews
    signer: Signer
    digests: Digests
    clock: Clock
    which: WhichTenant
    open_post: OpenPost
    stopping: Stopping

    async def __call__(
        self,
        *,
        forward_to: str | None,
        types: str | None,
        after: int | None,
        once: bool,
        tenant: str | None,
        json: bool,
    ) -> int:
        wanted, tenant_id = chosen(types), await self.which(tenant)
        async with AsyncExitStack() as stack:
            forward: _Forward | None = None
            if forward_to is not None:
                post = await stack.enter_async_context(self.open_post(forward_to))
                forward = _Forward(post, forward_to, self._secret(tenant_id))
            stop = await stack.enter_async_context(self.stopping())
            number = await self.views.head(tenant_id) if after is None else after
            self._ready(forward, number, json=json)
            told = _Teller(self, forward, wanted, json=json)
            await self._follow(tenant_id, number, told, stop, once=once)
        return DONE

    def _secret(self, tenant_id: TenantId) -> bytes:
        """The same each time on this installation, so that it can stand in a developer's .env."""
        return self.digests.digest(f"cauri listen {tenant_id}".encode())

    def _ready(self, forward: _Forward | None, number: int, *, json: bool) -> None:
        words = "Ready!"
        if forward is not None:
            words = f"Ready! Your signing secret is {secret_text(forward.secret)}"
        click.echo(f"{words} (from event {number + 1} on; Ctrl-C ends it)", err=json)

    async def _follow(
        self, tenant_id: TenantId, number: int, told: "_Teller", stop: asyncio.Event, *, once: bool
    ) -> None:
        while not stop.is_set():
            try:
                page = await self.views.events(tenant_id, number, PAGE)
            except NotStored as error:
                if once:
                    raise
                click.echo(f"cauri: {error}; trying again", err=True)
                await _unless(stop, asyncio.sleep(TROUBLED_S))
                continue
            for event in page:
                if stop.is_set():
                    return
                await _unless(stop, told(event))
                number = event.number
            if not page:
                if once:
                    return
                await _unless(stop, asyncio.sleep(LOOK_S))


class _Teller:
    """Tells of one event: a line, and one to the local server."""

    def __init__(
        self, of: Listen, forward: _Forward | None, wanted: frozenset[Topic], *, json: bool
    ) -> None:
        self._of, self._forward, self._wanted, self._json = of, forward, wanted, json

    async def __call__(self, event: NumberedEvent) -> None:
        if self._wanted and event.topic not in self._wanted:
            return
        if not self._json:
            show.say(summary(event))
        answer = await self._sent(event)
        if self._json:
            show.line({"event": msgspec.Raw(event_json(event)), "forwarded": _words(answer)})
        elif self._forward is not None:
            show.say(_line(self._forward.url, event, answer))

    async def _sent(self, event: NumberedEvent) -> Posted | NotPosted | None:
        if self._forward is None or event.body is None:
            return None
        of, forward = self._of, self._forward
        headers = of.signer(event.id, of.clock.now(), event.body, [forward.secret])
        return await forward.post(forward.url, headers, event.body, timeout_s=TIMEOUT_S)


def _words(answer: Posted | NotPosted | None) -> dict[str, Any] | None:
    match answer:
        case Posted():
            return {"status": answer.status, "error": None, "ms": answer.ms}
        case NotPosted():
            return {"status": None, "error": answer.reason, "ms": answer.ms}
    return None


def _line(url: str, event: NumberedEvent, answer: Posted | NotPosted | None) -> str:
    match answer:
        case Posted():
            return f"  [{answer.status}] POST {url}  {event.id}  {answer.ms} ms"
        case NotPosted():
            return f"  [---] POST {url}  {event.id}  {answer.reason}"
    return f"  [---] {event.id} is too old: its content is no longer kept"


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> None:
    """Do it, or leave it where it is when somebody wants the end."""
    doing, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({doing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
    finally:
        for task in (doing, stopped):
            task.cancel()
        await asyncio.gather(doing, stopped, return_exceptions=True)

"""Every simulator on one port, for people and for processes: APIs and payers' pages below
/{provider}/, an index at /, the control plane below /_control/.

    site = SimulatorSite({"acme": Acme}, clock, transport, stylesheet=path)
    port = await site.start("127.0.0.1", 0)
    ...
    await site.close()

It also carries the callbacks: the task that does so lives from `start` to `close`.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

from aiohttp import web

from adapters.provider_kit.courier import Courier
from adapters.provider_kit.faults import Do, On, Rule, Script
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulator import Action, Held, Simulator, World
from adapters.provider_kit.site_control import Control
from adapters.provider_kit.site_pages import Pages, company, is_web, policy
from adapters.provider_kit.transport import Request, Response, Transport
from domain.errors import Invalid
from domain.ports.clock import Clock

MOST_RECEIVED: Final = 1_048_576  # bytes of a request
LONGEST_HANG_S: Final = 300.0
CUT_S: Final = 0.2  # an answer that still hangs when the site closes
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
FOREIGN: Final = ("cross-site", "same-site")  # another port of this machine is same-site


class SimulatorSite:
    """`simulators` builds each company by name; `titles` are their names for people. A `seed`
    makes ids and credentials repeat; without one each start has its own, so that no old id comes
    again. `public_url` is how browsers and clients reach the site, when it is not the address
    that it listens on. `also_call` names hosts besides this machine that callbacks may go to.
    """

    def __init__(
        self,
        simulators: Mapping[str, Callable[[World], Simulator]],
        clock: Clock,
        transport: Transport,
        *,
        stylesheet: Path,
        titles: Mapping[str, str] | None = None,
        seed: int | None = None,
        public_url: str | None = None,
        also_call: frozenset[str] = frozenset(),
    ) -> None:
        self._simulators = simulators
        self._clock = clock
        self._transport = transport
        self._stylesheet = stylesheet
        self._titles = titles or {}
        self._seed = int(clock.now().timestamp() * 1e6) if seed is None else seed
        self._public_url = public_url
        self._also_call = also_call
        self._pages = Pages()
        self._runner: web.AppRunner | None = None
        self._carrying: asyncio.Task[None] | None = None
        self.remotes: dict[str, Remote] = {}

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, and carry callbacks. Returns the port."""
        listening = socket.create_server((host, port), reuse_port=False, backlog=1024)
        listening.setblocking(False)
        port = listening.getsockname()[1]
        shown = "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104  # compared only
        root = (self._public_url or f"http://{shown}:{port}").rstrip("/")
        for name, build in self._simulators.items():
            world = World(self._clock, Random(f"{self._seed}/{name}"), f"{root}/{name}")  # noqa: S311
            self.remotes[name] = Remote(build(world))
        random = Random(f"{self._seed}/courier")  # noqa: S311
        self.courier = Courier(
            self.remotes.values(), self._transport, self._clock, random, self._also_call
        )
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=CUT_S)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()
        self._carrying = asyncio.create_task(self.courier.run(), name="simulator-callbacks")
        return port

    async def close(self) -> None:
        """Stop; hanging answers are cut."""
        if self._carrying is not None:
            self._carrying.cancel()
            with suppress(asyncio.CancelledError):
                await self._carrying
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_RECEIVED)
        app.add_routes(Control(self.remotes, self.courier).routes())
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/static/cauri.css", self._style),
                web.post("/_form/{provider}/faults", self._switch),
                web.post("/_form/{provider}/payers", self._act),
                web.route("*", "/{provider}/{below:.*}", self._company),
            ]
        )
        return app

    async def _index(self, request: web.Request) -> web.Response:
        shown = [
            company(remote, self._title(name), self.courier.delivered[name])
            for name, remote in self.remotes.items()
        ]
        shown.sort(key=lambda one: not one["charges"])  # what is in use stands above what is not
        return _page(self._pages.index(shown))

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(body=self._stylesheet.read_bytes(), content_type="text/css")

    async def _company(self, request: web.Request) -> web.StreamResponse:
        """The company's API, or the page on which its payer decides."""
        remote = self._remote(request)
        base = remote.simulator.world.base_url
        below = request.rel_url.raw_path.removeprefix(f"/{remote.name}")
        if not remote.faults.outage and request.method in ("GET", "POST"):
            prompt = remote.simulator.prompt(below, request.rel_url.query)
            if prompt is not None and request.method == "GET":
                back = remote.simulator.return_url(prompt.reference)
                page = self._pages.prompt(prompt, self._title(remote.name), _web(back))
                return _page(page, leads_to=back)
            if prompt is not None and request.content_type in FORMS:
                return await self._decided(request, remote, prompt.reference)
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Request(request.method, f"{base}{below}{query}", headers, await request.read())
        return await self._answer(request, remote, received)

    async def _answer(
        self, request: web.Request, remote: Remote, received: Request
    ) -> web.StreamResponse:
        reaction = await remote.react(received)
        self.courier.ring()
        if reaction.refused:
            return _raw(remote.simulator.outage(received))
        if reaction.after_s:
            await asyncio.sleep(min(reaction.after_s, LONGEST_HANG_S))
        response = await _given(reaction.response)
        if response is None:
            if request.transport is not None:
                request.transport.abort()  # the connection just ends
            return web.Response()
        return _raw(response)

    async def _decided(self, request: web.Request, remote: Remote, reference: str) -> web.Response:
        """The payer pressed a button."""
        _own_page(request)
        word = str((await request.post()).get("action"))
        if word not in (Action.APPROVE, Action.DECLINE):
            raise web.HTTPUnprocessableEntity(text="action: approve or decline")
        remote.simulator.act(reference, Action(word))
        self.courier.ring()
        if (back := _web(remote.simulator.return_url(reference))) is not None:
            return web.Response(status=303, headers={"location": back, **policy(back)})
        heading = "Approved" if word == Action.APPROVE else "Declined"
        return _page(self._pages.done(heading, "You may close this page."))

    async def _act(self, request: web.Request) -> web.Response:
        """An operator decides for a payer, on the index."""
        _own_page(request)
        remote, form = self._remote(request), await request.post()
        with suppress(LookupError, ValueError):  # shown as it is: nothing changed
            remote.simulator.act(str(form.get("reference")), Action(str(form.get("action"))))
        self.courier.ring()
        return web.Response(status=303, headers={"location": f"/#{remote.name}"})

    async def _switch(self, request: web.Request) -> web.Response:
        """An operator sets or ends a fault, on the index."""
        _own_page(request)
        remote, form = self._remote(request), await request.post()
        on, _, do = str(form.get("fault", "")).partition("/")
        try:
            match form.get("do"):
                case "outage":
                    remote.faults.put(Script(outage=True))
                case "rule":
                    rule = Rule(On(on), Do(do), int(str(form.get("percent"))) / 100)
                    others = [one for one in remote.faults.script.rules if one.on != rule.on]
                    remote.faults.put(Script(seed=self._seed, rules=(*others, rule)))
                case _:
                    remote.faults.end()
        except (Invalid, ValueError) as wrong:
            raise web.HTTPUnprocessableEntity(text=str(wrong)) from None
        self.courier.ring()
        return web.Response(status=303, headers={"location": f"/#{remote.name}"})

    def _remote(self, request: web.Request) -> Remote:
        remote = self.remotes.get(request.match_info["provider"])
        if remote is None:
            raise web.HTTPNotFound(text="no such provider here")
        return remote

    def _title(self, name: str) -> str:
        return self._titles.get(name, name.capitalize())


def _own_page(request: web.Request) -> None:
    """A button counts only when it is pressed on our own page."""
    if request.headers.get("sec-fetch-site") in FOREIGN:
        raise web.HTTPForbidden(text="not from this page")


def _web(url: str | None) -> str | None:
    return url if url is not None and is_web(url) else None


def _page(html: str, leads_to: str | None = None) -> web.Response:
    return web.Response(text=html, content_type="text/html", headers=policy(leads_to))


async def _given(response: Response | None) -> Response | None:
    """The answer, once the payer has acted where it waits for that; None when it never came."""
    if not isinstance(response, Held) or response.until is None:
        return response
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_HANG_S):
            return await asyncio.shield(response.until)
    return None


def _raw(response: Response) -> web.Response:
    return web.Response(status=response.status, headers=response.headers, body=response.body)

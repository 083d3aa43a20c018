"""The simulators as people and processes meet them: on a port, with pages and a control plane."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.courier import Delivery
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.simulator_site import SimulatorSite
from adapters.provider_kit.transport import Request, Response
from domain.payments.outcome import Declined, Pending, Succeeded, Unknown
from domain.ports.providers import Callback, Charge, Prepared, Prepares, Registers
from tests.contracts.provider_worlds import (
    APPROVES,
    MANIFESTS,
    REMOTES,
    GlassVault,
    HandClock,
    Patient,
    lookup,
)
from tests.provider_kit.made import a_charge

pytestmark = pytest.mark.anyio

STYLES = Path(__file__).parents[2] / "adapters/http/pages/static/cauri.css"
each = pytest.mark.parametrize("name", REMOTES)


@dataclass
class Town:
    """A served site, a merchant's server that is called back, and a client of one provider."""

    site: SimulatorSite
    root: str
    transport: AiohttpTransport
    clock: HandClock
    callback_url: str
    called: list[Callback] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: bytes = b"", timeout_s: float = 2, **headers: str
    ) -> Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        request = Request(method, f"{self.root}{path}", named, body)
        return await self.transport.send(request, timeout_s=timeout_s)

    async def json(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.ask(method, path, msgspec.json.encode(body) if body else b"")
        return msgspec.json.decode(answer.body) if answer.body else None

    async def press(self, path: str, **fields: str) -> Response:
        body = "&".join(f"{key}={value}" for key, value in fields.items()).encode()
        return await self.ask("POST", path, body, content_type="application/x-www-form-urlencoded")

    async def connect(self, name: str) -> Any:
        """As a merchant does: credentials from the dashboard, callbacks registered."""
        config = await self.json("GET", f"/_control/{name}/credentials")
        assert config["baseUrl"].startswith(self.root)
        providers = KitProviders(
            MANIFESTS, self.transport, self.clock, GlassVault(), Patient(self.clock)
        )
        client = providers.configure(name, config)
        if isinstance(client, Registers):
            config |= await client.register(self.callback_url, timeout_s=2)
        return providers.configure(name, config)

    async def until(self, true: Callable[[], object]) -> None:
        """Callbacks travel by themselves; nothing tells when they are there."""
        for _ in range(1000):
            if true():
                return
            await asyncio.sleep(0.005)
        pytest.fail("it never came")

    def later(self, **time: float) -> None:
        self.clock.pass_(**time)
        self.site.courier.ring()


@asynccontextmanager
async def merchant(town: Town) -> AsyncIterator[str]:
    async def receive(request: web.Request) -> web.Response:
        headers = {key.lower(): value for key, value in request.headers.items()}
        town.called.append(Callback(await request.read(), headers))
        return web.json_response({}, status=town.answers.pop(0) if town.answers else 200)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    clock = HandClock()
    builders = {name: MANIFESTS[name].simulator for name in REMOTES}
    simulators = {name: one for name, one in builders.items() if one is not None}
    async with AiohttpTransport() as transport:
        site = SimulatorSite(simulators, clock, transport, stylesheet=STYLES)
        port = await site.start()
        made = Town(site, f"http://127.0.0.1:{port}", transport, clock, "")
        async with merchant(made) as made.callback_url:
            yield made
        await site.close()


async def begin(client: Any, charge: Charge, timeout_s: float = 2) -> tuple[Charge, object]:
    if isinstance(client, Prepares):
        prepared = await client.prepare(charge, timeout_s=timeout_s)
        if not isinstance(prepared, Prepared):
            return charge, prepared
        charge = replace(charge, provider_reference=prepared.provider_reference)
    return charge, await client.charge(charge, timeout_s=timeout_s)


def shop_charge(number: int = 1, minor: int = 150_000) -> Charge:
    charge = a_charge(number)
    return replace(
        charge,
        amount=replace(charge.amount, minor=minor),
        description="<script>alert(1)</script> & mangoes",
        return_url="https://shop.example/thanks?order=1",
    )


@each
async def test_a_payer_approves_on_the_company_s_page_and_the_merchant_is_called(
    town: Town, name: str
) -> None:
    client = await town.connect(name)
    charge, outcome = await begin(client, shop_charge())
    assert isinstance(outcome, Pending)
    assert outcome.next_action is not None
    page_url = outcome.next_action.url or ""
    assert page_url.startswith(f"{town.root}/{name}/")
    path = page_url.removeprefix(town.root)
    page = await town.ask("GET", path)
    html = page.body.decode()
    assert page.status == 200
    assert "1,500.00" in html
    assert "<script>" not in html
    assert 'id="approve"' in html
    assert 'id="decline"' in html
    pressed = await town.press(path, action="approve")
    assert pressed.status == 303
    assert pressed.headers["location"].startswith("https://shop.example/thanks")
    await town.until(lambda: town.called)
    callback = town.called[0]
    town.clock.pass_(seconds=1)
    notice = client.receive(callback, town.clock.now())
    assert isinstance(notice.answer, Succeeded)
    assert isinstance(await client.find(lookup(charge), timeout_s=2), Succeeded)
    again = (await town.ask("GET", path)).body.decode()
    assert 'id="approve"' not in again
    assert 'id="decided"' in again


@each
async def test_a_payer_who_declines_is_not_charged(town: Town, name: str) -> None:
    client = await town.connect(name)
    charge, outcome = await begin(client, shop_charge())
    assert isinstance(outcome, Pending)
    assert outcome.next_action is not None
    path = (outcome.next_action.url or "").removeprefix(town.root)
    assert (await town.press(path, action="nonsense")).status == 422
    assert (await town.press(path, action="decline")).status == 303
    assert isinstance(await client.find(lookup(charge), timeout_s=2), Declined)


@each
async def test_the_books_are_what_happened(town: Town, name: str) -> None:
    assert await town.json("GET", f"/_control/{name}/books") == {"charges": []}
    client = await town.connect(name)
    charge, _ = await begin(client, shop_charge(minor=123_456))
    reference = charge.attempt_id
    acted = await town.json("POST", f"/_control/{name}/payers/{reference}", {"action": "approve"})
    books = (await town.json("GET", f"/_control/{name}/books"))["charges"]
    assert books == [acted]
    assert set(acted) == {
        "reference",
        "providerReference",
        "amountMinor",
        "currency",
        "status",
        "refundedMinor",
        "payer",
        "at",
    }
    shown = [acted[key] for key in ("reference", "amountMinor", "currency", "status")]
    assert shown == [reference, 123_456, "PHP", "succeeded"]


@each
async def test_the_control_plane_says_what_is_wrong(town: Town, name: str) -> None:
    at = f"/_control/{name}"
    wrong = await town.ask("PUT", f"{at}/faults", b'{"rules":[{"on":"charge","do":"forge"}]}')
    assert (wrong.status, b"rules[0].do" in wrong.body) == (422, True)
    assert (await town.ask("POST", f"{at}/payers/att_x", b'{"action":"approve"}')).status == 404
    assert (await town.ask("POST", f"{at}/payers/att_x", b'{"action":"dance"}')).status == 422
    assert (await town.ask("GET", "/_control/nobody/books")).status == 404
    assert (await town.ask("DELETE", f"{at}/faults")).status == 204


@each
async def test_a_company_that_is_down_says_so_before_it_does_anything(
    town: Town, name: str
) -> None:
    client = await town.connect(name)
    await town.json("PUT", f"/_control/{name}/faults", {"outage": True})
    _, outcome = await begin(client, shop_charge())
    assert isinstance(outcome, Declined)
    assert outcome.elsewhere
    assert (await town.json("GET", f"/_control/{name}/faults"))["outage"] is True
    await town.ask("DELETE", f"/_control/{name}/faults")
    assert (await town.json("GET", f"/_control/{name}/books"))["charges"] == []
    assert isinstance((await begin(client, shop_charge(2)))[1], Pending)


@pytest.mark.parametrize("do", ["timeout_after", "error_5xx_after", "timeout_before"])
@each
async def test_silence_is_unknown_and_asking_clears_it(town: Town, name: str, do: str) -> None:
    client = await town.connect(name)
    rule = {"on": "charge", "do": do, "seconds": 30}
    charge = shop_charge()
    if isinstance(client, Prepares):
        prepared = await client.prepare(charge, timeout_s=2)
        assert isinstance(prepared, Prepared)
        charge = replace(charge, provider_reference=prepared.provider_reference)
    await town.json("PUT", f"/_control/{name}/faults", {"seed": 7, "rules": [rule]})
    outcome = await client.charge(charge, timeout_s=0.3)
    assert isinstance(outcome, Unknown)
    assert outcome.timed_out == do.startswith("timeout")
    struck = (await town.json("GET", f"/_control/{name}/faults"))["struck"]
    assert struck == [f"{do}@charge#1"]
    if do.endswith("after"):
        assert isinstance(await client.find(lookup(charge), timeout_s=2), Pending)


@each
async def test_a_hanging_answer_ends_by_closing_the_connection(town: Town, name: str) -> None:
    client = await town.connect(name)
    charge, _ = await begin(client, shop_charge())
    rule = {"on": "query", "do": "timeout_before", "seconds": 0.1}
    await town.json("PUT", f"/_control/{name}/faults", {"rules": [rule]})
    said = await client.find(lookup(charge), timeout_s=2)
    assert isinstance(said, Unknown)
    assert not said.timed_out


@each
async def test_a_callback_is_tried_again_until_it_is_taken(town: Town, name: str) -> None:
    town.answers = [500, 302]
    client = await town.connect(name)
    charge, _ = await begin(client, replace(shop_charge(), customer=phone(APPROVES)))
    for times in (1, 2, 3):
        await town.until(partial(at_least, town, name, times))
        town.later(hours=2)
    mine = [one for one in deliveries(town, name) if one.about == charge.attempt_id]
    assert [one.status for one in mine] == [500, 302, 200]
    assert [one.tries for one in mine] == [1, 2, 3]
    assert len({callback.body for callback in town.called}) == 1


def deliveries(town: Town, name: str) -> list[Delivery]:
    return list(reversed(town.site.courier.delivered[name]))


def at_least(town: Town, name: str, times: int) -> bool:
    return len(deliveries(town, name)) >= times


def phone(number: str) -> Any:
    return replace(a_charge().customer, phone=number)


@each
async def test_nothing_but_this_machine_is_called(town: Town, name: str) -> None:
    town.callback_url = "http://203.0.113.9/hook"
    client = await town.connect(name)
    await begin(client, replace(shop_charge(), customer=phone(APPROVES)))
    await town.until(lambda: deliveries(town, name))
    sent = deliveries(town, name)
    assert sent[0].status is None
    assert "this machine only" in sent[0].problem
    assert "this machine only" in (await town.ask("GET", "/")).body.decode()


@each
async def test_an_operator_sees_and_switches_on_the_index(town: Town, name: str) -> None:
    client = await town.connect(name)
    charge, _ = await begin(client, shop_charge())
    index = (await town.ask("GET", "/")).body.decode()
    assert charge.attempt_id in index
    await town.press(f"/_form/{name}/payers", reference=charge.attempt_id, action="approve")
    assert "succeeded" in (await town.ask("GET", "/")).body.decode()
    await town.press(f"/_form/{name}/faults", do="rule", fault="charge/delay", percent="20")
    await town.press(f"/_form/{name}/faults", do="rule", fault="callback/drop", percent="5")
    faults = await town.json("GET", f"/_control/{name}/faults")
    assert [(rule["on"], rule["rate"]) for rule in faults["rules"]] == [
        ("charge", 0.2),
        ("callback", 0.05),
    ]
    wrong = await town.press(f"/_form/{name}/faults", do="rule", fault="x/y", percent="5")
    assert wrong.status == 422
    await town.press(f"/_form/{name}/faults", do="outage")
    assert "Down" in (await town.ask("GET", "/")).body.decode()
    await town.press(f"/_form/{name}/faults", do="end")
    assert (await town.json("GET", f"/_control/{name}/faults"))["rules"] == []


@each
async def test_a_button_pressed_elsewhere_does_not_count(town: Town, name: str) -> None:
    answer = await town.ask(
        "POST",
        f"/_form/{name}/faults",
        b"do=outage",
        content_type="application/x-www-form-urlencoded",
        sec_fetch_site="cross-site",
    )
    assert answer.status == 403
    assert (await town.json("GET", f"/_control/{name}/faults"))["outage"] is False


async def test_pages_are_strict_and_carry_their_own_style(town: Town) -> None:
    index = await town.ask("GET", "/")
    policy = index.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = index.body.decode()
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://(?!127\.0\.0\.1)", html)
    style = await town.ask("GET", "/static/cauri.css")
    assert style.headers["content-type"].startswith("text/css")
    assert len(html) + len(style.body) < 30_000


async def test_a_path_of_nobody_is_not_found(town: Town) -> None:
    for path in ("/nobody/x", "/x", "/_control/x", "/_form/x"):
        assert (await town.ask("GET", path)).status == 404

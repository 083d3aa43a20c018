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
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.simulator_site import SimulatorSite
from adapters.provider_kit.transport import Request, Response
from domain.currencies import currency
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Declined, Pending, Succeeded, Unknown
from domain.ports.providers import Callback, Callbacks, Charge, Prepared, Prepares, Registers
from tests.contracts.provider_worlds import (
    APPROVES,
    IGNORES,
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
calls_us = pytest.mark.parametrize(
    "name", [name for name in REMOTES if issubclass(MANIFESTS[name].client, Callbacks)]
)


def has(name: str, behaviour: str) -> bool:
    return behaviour not in MANIFESTS[name].deviations


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
        address = {"url": self.callback_url, "config": config}
        await self.json("PUT", f"/_control/{name}/callbacks", address)
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
    app.router.add_route("*", "/hook", receive)
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
    outcome = await client.charge(charge, timeout_s=timeout_s)
    known = getattr(outcome, "provider_reference", None) or charge.provider_reference
    return replace(charge, provider_reference=known), outcome


def shop_charge(
    name: str, number: int = 1, minor: int | None = None, payer: str = IGNORES
) -> Charge:
    sample = MANIFESTS[name].sample
    usual = Money.parse("1500", currency(sample.currency))
    return replace(
        a_charge(number),
        amount=usual if minor is None else replace(usual, minor=minor),
        description="<script>alert(1)</script> & mangoes",
        customer=Customer(phone=f"{sample.phone}{payer}", email="ana@example.com"),
        country=sample.country,
        return_url="https://shop.example/thanks?order=1",
    )


async def prompted(
    town: Town, client: Any, charge: Charge, name: str
) -> tuple[str, asyncio.Task[tuple[Charge, object]]]:
    """The path of the page on which the payer decides, and the charge, which may wait for that."""
    simulator = town.site.remotes[name].simulator
    task = asyncio.create_task(begin(client, charge))
    await town.until(lambda: charge.attempt_id in [one.reference for one in simulator.books()])
    if has(name, "pending"):
        assert isinstance((await task)[1], Pending)
    url = simulator.prompt_url(charge.attempt_id) or ""
    assert url.startswith(f"{town.root}/{name}/")
    return url.removeprefix(town.root), task


async def known(client: Any, name: str, task: asyncio.Task[tuple[Charge, object]]) -> object:
    """What became of it: by asking, or else what the charge was answered."""
    charge, outcome = await task
    return await client.find(lookup(charge), timeout_s=2) if has(name, "query") else outcome


@each
async def test_a_payer_approves_on_the_company_s_page_and_the_merchant_is_called(
    town: Town, name: str
) -> None:
    client = await town.connect(name)
    path, task = await prompted(town, client, shop_charge(name), name)
    page = await town.ask("GET", path)
    html = page.body.decode()
    assert page.status == 200
    whole = currency(MANIFESTS[name].sample.currency).exponent != 2  # its coins are not used
    assert ("1,500" if whole else "1,500.00") in html
    assert "<script>" not in html
    assert 'id="approve"' in html
    assert 'id="decline"' in html
    pressed = await town.press(path, action="approve")
    back = town.site.remotes[name].simulator.return_url((await task)[0].attempt_id)
    assert pressed.status == (200 if back is None else 303)
    assert pressed.headers.get("location") == back
    assert isinstance(await known(client, name, task), Succeeded)
    if isinstance(client, Callbacks):
        await town.until(lambda: town.called)
        town.clock.pass_(seconds=1)
        notice = client.receive(town.called[0], town.clock.now())
        assert isinstance(notice.answer, Succeeded) == has(name, "callback_amount")
    again = (await town.ask("GET", path)).body.decode()
    assert 'id="approve"' not in again
    assert 'id="decided"' in again


@each
async def test_a_payer_who_declines_is_not_charged(town: Town, name: str) -> None:
    client = await town.connect(name)
    path, task = await prompted(town, client, shop_charge(name), name)
    assert (await town.press(path, action="nonsense")).status == 422
    assert (await town.press(path, action="decline")).status in (200, 303)
    said = await known(client, name, task)
    assert isinstance(said, Declined if has(name, "final_decline") else Pending)


@each
async def test_the_books_are_what_happened(town: Town, name: str) -> None:
    assert await town.json("GET", f"/_control/{name}/books") == {"charges": []}
    client = await town.connect(name)
    minor = MANIFESTS[name].sample.minors[0]
    charge = shop_charge(name, minor=minor)
    _, task = await prompted(town, client, charge, name)
    reference = charge.attempt_id
    acted = await town.json("POST", f"/_control/{name}/payers/{reference}", {"action": "approve"})
    books = (await town.json("GET", f"/_control/{name}/books"))["charges"]
    await task
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
    assert shown == [reference, minor, charge.amount.currency.code, "succeeded"]


@each
async def test_the_control_plane_says_what_is_wrong(town: Town, name: str) -> None:
    at = f"/_control/{name}"
    wrong = await town.ask("PUT", f"{at}/faults", b'{"rules":[{"on":"charge","do":"forge"}]}')
    assert (wrong.status, b"rules[0].do" in wrong.body) == (422, True)
    assert (await town.ask("POST", f"{at}/payers/att_x", b'{"action":"approve"}')).status == 404
    assert (await town.ask("POST", f"{at}/payers/att_x", b'{"action":"dance"}')).status == 422
    assert (await town.ask("GET", "/_control/nobody/books")).status == 404
    assert (await town.ask("PUT", f"{at}/callbacks", b'{"url":5}')).status == 422
    assert (await town.ask("DELETE", f"{at}/faults")).status == 204


@each
async def test_a_company_that_is_down_says_so_before_it_does_anything(
    town: Town, name: str
) -> None:
    client = await town.connect(name)
    await town.json("PUT", f"/_control/{name}/faults", {"outage": True})
    _, outcome = await begin(client, shop_charge(name))
    if has(name, "declined_elsewhere"):
        assert isinstance(outcome, Declined)
        assert outcome.elsewhere
    else:
        assert isinstance(outcome, Unknown)
    assert (await town.json("GET", f"/_control/{name}/faults"))["outage"] is True
    await town.ask("DELETE", f"/_control/{name}/faults")
    assert (await town.json("GET", f"/_control/{name}/books"))["charges"] == []
    again = shop_charge(name, 2, payer=APPROVES)
    assert isinstance((await begin(client, again))[1], Pending | Succeeded)


@pytest.mark.parametrize("do", ["timeout_after", "error_5xx_after", "timeout_before"])
@each
async def test_silence_is_unknown_and_asking_clears_it(town: Town, name: str, do: str) -> None:
    client = await town.connect(name)
    rule = {"on": "charge", "do": do, "seconds": 30}
    charge = shop_charge(name)
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
    if do.endswith("after") and has(name, "query") and has(name, "lost_charge"):
        assert isinstance(await client.find(lookup(charge), timeout_s=2), Pending)


@pytest.mark.parametrize("name", [name for name in REMOTES if has(name, "query")])
async def test_a_hanging_answer_ends_by_closing_the_connection(town: Town, name: str) -> None:
    client = await town.connect(name)
    charge, _ = await begin(client, shop_charge(name))
    rule = {"on": "query", "do": "timeout_before", "seconds": 0.1}
    await town.json("PUT", f"/_control/{name}/faults", {"rules": [rule]})
    said = await client.find(lookup(charge), timeout_s=2)
    assert isinstance(said, Unknown)
    assert not said.timed_out


@calls_us
async def test_a_callback_is_tried_again_until_it_is_taken_or_the_company_gives_up(
    town: Town, name: str
) -> None:
    town.answers = [500, 302]
    client = await town.connect(name)
    charge, _ = await begin(client, shop_charge(name, payer=APPROVES))
    approved(town, name, charge)
    tries = min(3, 1 + len(town.site.remotes[name].simulator.callback_retries_s))
    for times in range(1, tries + 1):
        await town.until(partial(at_least, town, name, times))
        town.later(hours=2)
    mine = [one for one in deliveries(town, name) if one.about == charge.attempt_id]
    assert [one.status for one in mine] == [500, 302, 200][:tries]
    assert [one.tries for one in mine] == [1, 2, 3][:tries]
    assert len({callback.body for callback in town.called}) == 1


def approved(town: Town, name: str, charge: Charge) -> None:
    """Where the company learns no phone that would act by itself, its payer acts on the page."""
    if not MANIFESTS[name].sample.tells_phone:
        town.site.remotes[name].simulator.act(charge.attempt_id, Action.APPROVE)
        town.site.courier.ring()


def deliveries(town: Town, name: str) -> list[Delivery]:
    return list(reversed(town.site.courier.delivered[name]))


def at_least(town: Town, name: str, times: int) -> bool:
    return len(deliveries(town, name)) >= times


@calls_us
async def test_nothing_but_this_machine_is_called(town: Town, name: str) -> None:
    town.callback_url = "http://203.0.113.9/hook"
    client = await town.connect(name)
    charge, _ = await begin(client, shop_charge(name, payer=APPROVES))
    approved(town, name, charge)
    await town.until(lambda: deliveries(town, name))
    sent = deliveries(town, name)
    assert sent[0].status is None
    assert "this machine only" in sent[0].problem
    assert "this machine only" in (await town.ask("GET", "/")).body.decode()


@each
async def test_an_operator_sees_and_switches_on_the_index(town: Town, name: str) -> None:
    client = await town.connect(name)
    charge = shop_charge(name)
    _, task = await prompted(town, client, charge, name)
    index = (await town.ask("GET", "/")).body.decode()
    assert charge.attempt_id in index
    await town.press(f"/_form/{name}/payers", reference=charge.attempt_id, action="approve")
    await task
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
async def test_who_has_charges_stands_first_on_the_index(town: Town, name: str) -> None:
    client = await town.connect(name)
    _, task = await prompted(town, client, shop_charge(name), name)
    index = (await town.ask("GET", "/")).body.decode()
    places = {one: index.index(f'id="{one}"') for one in REMOTES}
    assert min(places, key=places.__getitem__) == name
    task.cancel()


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
    assert len(html) < 4_000 * len(REMOTES)
    assert len(style.body) < 15_000


async def test_a_path_of_nobody_is_not_found(town: Town) -> None:
    for path in ("/nobody/x", "/x", "/_control/x", "/_form/x"):
        assert (await town.ask("GET", path)).status == 404

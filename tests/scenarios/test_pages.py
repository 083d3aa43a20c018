"""Pages as people see them: at phone and desktop width, light and dark, and for all senses."""

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from adapters.providers import discover
from domain.currencies import currency
from domain.money import Money
from tests.scenarios.conftest import Running

pytestmark = pytest.mark.browser

WIDTHS = {"phone": 390, "desktop": 1280}
HOSTED: Final = {name: one for name, one in discover().items() if one.simulator is not None}
WAITS: Final = "3333"  # how the phone of a payer ends who decides on the page
ORDERS: Final = itertools.count(1)  # short: thirteen digits could look like a card's number
KEPT = os.environ.get("CAURI_TEST_PICTURES")  # a folder, to look at them or to renew the README's


@pytest.fixture(params=["phone", "desktop"])
def width(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, width: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 844}, color_scheme=request.param
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def looked_at(page: Page, name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A picture is taken, nothing overflows the screen, nothing came from elsewhere, and axe
    finds nothing."""
    folder = Path(KEPT) if KEPT else tmp_path
    look = request.node.callspec.id.replace("[", "-")
    picture = page.screenshot(path=folder / f"{name}-{look}.png", full_page=False)
    assert len(picture) > 2000
    overflow = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not overflow, f"{name} is wider than the screen"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def opened(page: Page, url: str) -> list[str]:
    """Open it; what it asked of other hosts."""
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: None if "127.0.0.1" in request.url else foreign.append(request.url),
    )
    answer = page.goto(url)
    assert answer is not None
    assert answer.ok
    page.wait_for_load_state("load")
    return foreign


def test_the_payers_page(
    demo: Running, page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    key = f"page-{request.node.callspec.id}"
    payment = demo.pay(key=key, description="2 tickets", method="maya").json()
    assert opened(page, payment["nextAction"]["url"]) == []
    looked_at(page, "payer", tmp_path, request)
    page.click("#approve")
    page.wait_for_load_state("load")
    looked_at(page, "payer-done", tmp_path, request)


def test_the_simulators_index(
    demo: Running, page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    demo.pay(key=f"index-{request.node.callspec.id}")
    assert opened(page, demo.simulator_url) == []
    looked_at(page, "simulators", tmp_path, request)


def test_the_reference_works_without_the_internet(
    demo: Running, page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    assert opened(page, f"{demo.url}/schema") == []
    page.get_by_text("/api/payments/initiate").first.wait_for()
    folder = Path(KEPT) if KEPT else tmp_path
    page.screenshot(path=folder / f"reference-{request.node.callspec.id}.png")


@dataclass
class Customer:
    """Somebody who buys at the demo's shop, and takes their time to pay."""

    demo: Running
    name: str  # the provider's

    def buys(self, at: ThreadPoolExecutor, *, waits: bool = True) -> tuple[str, Future[Any]]:
        """The charge in the company's books, and the shop's answer, which may wait for the payer.
        `waits` False: it is not looked for in the books."""
        before = {one["reference"] for one in self.demo.books(self.name)}
        asked = at.submit(self._asks, f"{self.name}-{next(ORDERS)}")
        while waits:  # until it is in the books, or it is certain that it never will be
            over = asked.done()
            for one in self.demo.books(self.name):
                if one["reference"] not in before:
                    return str(one["reference"]), asked
            assert not over, asked.result()
        return "", asked

    def status(self, reference: str) -> str:
        """As the company has it."""
        books = self.demo.books(self.name)
        return str(next(one["status"] for one in books if one["reference"] == reference))

    def _asks(self, key: str) -> Any:
        sample = HOSTED[self.name].sample
        body = {
            "amount": Money(sample.minors[0], currency(sample.currency)).major,
            "currency": sample.currency,
            "reference": key[:40],
            "method": self.name,
            "description": "Three mangoes",
            "customer": {"phone": f"{sample.phone}{WAITS}", "email": "ana@example.com"},
            "returnUrl": f"{self.demo.simulator_url}/",
            **({"country": sample.country} if sample.country else {}),
        }
        headers = {"Authorization": f"Bearer {self.demo.api_key}", "Idempotency-Key": key}
        url = f"{self.demo.url}/api/payments/initiate"
        return httpx.post(url, json=body, headers=headers, timeout=60).json()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def screen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": WIDTHS["phone"], "height": 844},
        reduced_motion="reduce",  # a colour half way to the next is neither
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def at_the_counter(page: Page, demo: Running, reference: str) -> None:
    """From the index to the payer's page of that charge."""
    page.goto(demo.simulator_url)
    page.get_by_role("link", name=f"Payer's page of {reference}").click()
    page.wait_for_load_state("load")


def clean(page: Page, name: str, tmp_path: Path) -> None:
    """On a phone in daylight, and on a desk at night."""
    folder = Path(KEPT) if KEPT else tmp_path
    for width, scheme in (("phone", "light"), ("desktop", "dark")):
        page.set_viewport_size({"width": WIDTHS[width], "height": 844})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 844})
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("name", sorted(HOSTED))
def test_every_companys_page_can_be_read_and_pressed(
    demo: Running, screen: Page, threads: ThreadPoolExecutor, name: str, tmp_path: Path
) -> None:
    customer = Customer(demo, name)
    reference, asked = customer.buys(threads)
    at_the_counter(screen, demo, reference)
    assert screen.locator("#approve").bounding_box()["height"] >= 44  # type: ignore[index]
    clean(screen, f"payer-{name}", tmp_path)
    screen.click("#approve")
    screen.wait_for_load_state("load")
    assert customer.status(reference) == "succeeded"
    demo.until(asked.result()["id"], "succeeded")
    at_the_counter(screen, demo, reference)
    assert screen.locator("#approve").count() == 0
    clean(screen, f"payer-{name}-done", tmp_path)

    reference, asked = customer.buys(threads)
    at_the_counter(screen, demo, reference)
    screen.click("#decline")
    screen.wait_for_load_state("load")
    assert customer.status(reference) in declined(name)
    asked.result()


def declined(name: str) -> set[str]:
    """How a company calls what its payer said no to; some let another card be tried."""
    if "final_decline" in HOSTED[name].deviations:
        return {"pending"}
    return {"failed", "canceled"}


def told(page: Page, demo: Running, name: str, reference: str) -> None:
    """Until the index says that the callback about it was taken; it is as new as it was loaded."""
    row = page.locator(f"#{name} tr", has=page.locator(f'td[title="{reference}"]'))
    for _ in range(200):
        page.goto(demo.simulator_url)
        if any("taken, 200" in str(one) for one in row.all_text_contents()):
            return
    pytest.fail(f"no callback about {reference} was taken")


@pytest.mark.parametrize("name", ["mtn_momo", "maya", "stripe"])
def test_an_operator_pays_declines_sees_it_and_switches_a_fault(
    demo: Running, screen: Page, threads: ThreadPoolExecutor, name: str, tmp_path: Path
) -> None:
    """A push to a phone, a page that one is sent to, a card: all on the index, by hand."""
    customer = Customer(demo, name)
    reference, _ = customer.buys(threads)
    screen.goto(demo.simulator_url)
    sent = len(demo.books(name))
    screen.get_by_role("button", name=f"Approve {reference}").click()
    screen.wait_for_load_state("load")
    assert customer.status(reference) == "succeeded"
    told(screen, demo, name, reference)
    section = screen.locator(f"#{name}")
    section.locator("summary", has_text="Callbacks").click()
    assert "taken, 200" in section.inner_text()

    reference, _ = customer.buys(threads)
    assert len(demo.books(name)) == sent + 1
    screen.goto(demo.simulator_url)
    screen.get_by_role("button", name=f"Decline {reference}").click()
    screen.wait_for_load_state("load")
    assert customer.status(reference) in declined(name)

    overview = screen.get_by_role("navigation", name="Providers")
    section.locator("summary", has_text="Faults").click()
    section.get_by_role("button", name="Take it down").click()
    screen.wait_for_load_state("load")
    tile = overview.get_by_role("link", name=HOSTED[name].profile.title, exact=False).first
    assert "Down" in tile.inner_text()
    clean(screen, f"simulators-{name}-down", tmp_path)
    customer.buys(threads, waits=False)[1].result()  # wherever it went
    assert len(demo.books(name)) == sent + 1
    screen.locator(f"#{name}").get_by_role("button", name="End all faults").click()
    screen.wait_for_load_state("load")
    assert "Works" in tile.inner_text()

    section.locator("summary", has_text="Faults").click()
    section.get_by_label("It happens").select_option("callback/drop")
    section.get_by_role("button", name="Let it happen").click()
    screen.wait_for_load_state("load")
    assert "Misbehaves" in tile.inner_text()
    assert "each callback, 100 % of them: lost" in section.inner_text()
    section.get_by_role("button", name="End all faults").click()

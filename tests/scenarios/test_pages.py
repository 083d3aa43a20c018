"""Pages as people see them: at phone and desktop width, light and dark, and for all senses."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.scenarios.conftest import Running

pytestmark = pytest.mark.browser

WIDTHS = {"phone": 390, "desktop": 1280}
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

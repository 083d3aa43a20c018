"""`make run`, then what a newcomer does with it."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from entrypoints.demo import Ready
from entrypoints.tour import printed
from tests.scenarios.conftest import Running

pytestmark = pytest.mark.browser


def approve(browser: Browser, url: str, button: str = "#approve") -> None:
    """Open the payer's page and press the button."""
    page = browser.new_page()
    try:
        assert page.goto(url) is not None
        page.click(button)
        expect(page.locator("body")).not_to_contain_text("Internal")
    finally:
        page.close()


def tour(demo: Running) -> list[str]:
    """The steps that `cauri demo` prints, as shell text."""
    ready = Ready(demo.url, demo.api_key, demo.simulator_url, demo.tenant_id)
    text = printed(ready, as_json=False)
    body = text.partition("in another terminal:")[2].partition("Ctrl-C")[0]
    return [step.strip() for step in re.split(r"\n\s*\n", body) if step.strip()]


def test_the_printed_lines_work_as_printed(demo: Running, browser: Browser, tmp_path: Path) -> None:
    setup, pay, approval, status, outage, refund, explain = tour(demo)

    def shell(*steps: str) -> str:
        script = "\n\n".join(steps)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"]},
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    found = 'PAYMENT=$(grep -o "pay_[0-9A-Z]*" payment.json | head -1)'
    first = shell(setup, pay)
    assert '"status":"pending"' in first
    assert '"provider":"maya"' in first
    approve(browser, shell(approval).strip())
    assert '"status":"succeeded"' in shell(setup, found, status)
    second = shell(setup, outage)
    assert '"provider":"gcash"' in second
    assert '"status":"succeeded"' in shell(setup, found, refund)
    why = shell(setup, 'SECOND=$(grep -o "pay_[0-9A-Z]*" second.json | head -1)', explain)
    assert '"chosen"' in why


@pytest.mark.parametrize("method", ["maya", "gcash"])
def test_a_payer_approves_on_the_page_and_the_callback_confirms(
    demo: Running, browser: Browser, method: str
) -> None:
    payment = demo.pay(key=f"approve-{method}", method=method).json()
    assert payment["provider"] == method
    approve(browser, payment["nextAction"]["url"])
    paid = demo.until(payment["id"], "succeeded")
    assert paid["refundableAmount"] == "1500.00"
    [charge] = [
        one for one in demo.books(method) if one["reference"] == payment["attempts"][0]["id"]
    ]
    assert (charge["amountMinor"], charge["status"]) == (150_000, "succeeded")


@pytest.mark.parametrize("method", ["maya", "gcash"])
def test_a_payer_declines_on_the_page(demo: Running, browser: Browser, method: str) -> None:
    payment = demo.pay(key=f"decline-{method}", method=method).json()
    approve(browser, payment["nextAction"]["url"], "#decline")
    assert demo.until(payment["id"], "failed")["failure"] is not None


def test_fifty_parallel_requests_with_one_key_make_one_payment(demo: Running) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: demo.pay(key="same"), range(50)))
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}


def test_the_approval_page_fits_a_phone_and_needs_no_script(
    demo: Running, browser: Browser
) -> None:
    payment = demo.pay(key="phone").json()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(payment["nextAction"]["url"])
    box = page.locator("#approve").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] + box["width"] <= 320
    page.click("#approve")
    context.close()
    demo.until(payment["id"], "succeeded")


def test_the_doctor_finds_nothing_amiss_after_all_that(demo: Running) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from entrypoints.cli import main; main()", "doctor", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "CAURI_DATA_DIR": str(demo.data_dir)},
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr

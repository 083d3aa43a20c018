"""A demo that runs as `make run` starts it, and a browser."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.harness.fixtures import (
    lasting_cluster,
    lasting_template,
    premises,
    shop,
    shop_on_postgres,
    shop_on_sqlite,
)

__all__ = [
    "lasting_cluster",
    "lasting_template",
    "premises",
    "shop",
    "shop_on_postgres",
    "shop_on_sqlite",
]

START_S: Final = 30.0  # a loaded machine, first imports
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Running:
    """A started demo."""

    url: str
    api_key: str
    simulator_url: str
    tenant_id: str
    data_dir: Path
    http: httpx.Client

    def pay(self, amount: str = "1500.00", key: str = "k1", **more: Any) -> httpx.Response:
        body = {"amount": amount, "currency": "PHP", "reference": key, "country": "PH", **more}
        return self.http.post("/api/payments/initiate", json=body, headers={"Idempotency-Key": key})

    def payment(self, payment_id: str, *, refresh: bool = False) -> dict[str, Any]:
        query = "?refresh=true" if refresh else ""
        found: dict[str, Any] = self.http.get(f"/api/payments/status/{payment_id}{query}").json()
        return found

    def books(self, provider: str) -> list[dict[str, Any]]:
        found = self.http.get(f"{self.simulator_url}/_control/{provider}/books").json()
        charges: list[dict[str, Any]] = found["charges"]
        return charges

    def until(self, payment_id: str, status: str) -> dict[str, Any]:
        """The payment once it has that status; bounded by refreshing, not by sleeping."""
        seen = ""
        for _ in range(200):
            payment = self.payment(payment_id, refresh=True)
            seen = payment["status"]
            if seen == status:
                return payment
        raise AssertionError(f"{payment_id} is {seen}, not {status}")


class Process:
    """A `cauri` process whose lines can be waited for."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.lines: Queue[str] = Queue()
        self.child = subprocess.Popen(
            [sys.executable, "-c", "from entrypoints.cli import main; main()", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **environment},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.put(line)

    def line(self, start: str) -> str:
        """The next line that begins so."""
        seen: list[str] = []
        while True:
            try:
                seen.append(self.lines.get(timeout=START_S))
            except Empty:
                raise AssertionError(f"no line begins with {start!r}:\n{''.join(seen)}") from None
            if seen[-1].startswith(start):
                return seen[-1]

    def end(self) -> int:
        """Ask it to stop, as an operator does; its exit status."""
        self.child.terminate()
        try:
            return self.child.wait(timeout=START_S)
        finally:
            self.child.kill()
            self.child.wait()
            self._reader.join(timeout=START_S)
            if self.child.stdout is not None:
                self.child.stdout.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("demo")
    process = Process("demo", "--json", "--port", "0", "--data", str(data_dir))
    try:
        ready = msgspec.json.decode(process.line("{"), type=dict[str, str])
        headers = {"Authorization": f"Bearer {ready['apiKey']}"}
        with httpx.Client(base_url=ready["url"], headers=headers, timeout=30.0) as http:
            yield Running(
                url=ready["url"],
                api_key=ready["apiKey"],
                simulator_url=ready["simulatorUrl"],
                tenant_id=ready["tenantId"],
                data_dir=data_dir,
                http=http,
            )
    finally:
        status = process.end()
    assert status == 0, "it ends in order when asked to"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright holds the thread's event loop while it runs: no async test in such a module."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        missing = "Chromium is not installed: run `apt-get install chromium`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()

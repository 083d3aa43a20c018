"""`kill -9` under load: nothing lost, nothing doubled."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.scenarios.conftest import Process

CAURI = "from entrypoints.cli import main; main()"
PAYMENTS = 60
KILL_AFTER = (5, 25)  # answers; then the process dies in the middle of the others


@dataclass
class Shop:
    environment: dict[str, str]
    simulator_url: str
    key: str = ""

    def cauri(self, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-c", CAURI, *arguments],
            capture_output=True,
            text=True,
            input=typed,
            env={"PATH": "/usr/bin:/bin", **self.environment},
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def charges(self) -> list[str]:
        found: list[str] = []
        for provider in ("maya", "gcash"):
            books = httpx.get(f"{self.simulator_url}/_control/{provider}/books").json()
            found += [one["reference"] for one in books["charges"]]
        return found


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A tenant with accounts at simulators that outlive the server."""
    simulator = Process("simulator", "--port", "0")
    try:
        url = simulator.line("Simulators listen").split()[-1]
        shop = Shop({"CAURI_DATA_DIR": str(tmp_path / "data"), "CAURI_LOG_LEVEL": "error"}, url)
        shop.cauri("tenant", "create", "Acme")
        for provider in ("maya", "gcash"):
            config = httpx.get(f"{url}/_control/{provider}/credentials").text
            shop.cauri("account", "connect", "--provider", provider, "--config", "-", typed=config)
        made = json.loads(shop.cauri("key", "create", "--rate", "100000", "--json"))
        shop.key = made["key"]
        yield shop
    finally:
        assert simulator.end() == 0


def pay(http: httpx.Client, number: int) -> httpx.Response | None:
    """None when the server died over it."""
    amount = "1500.00" if number % 2 else "100.00"  # Maya takes the one, GCash the other
    body = {"amount": amount, "currency": "PHP", "reference": f"o-{number}", "country": "PH"}
    try:
        return http.post(
            "/api/payments/initiate", json=body, headers={"Idempotency-Key": f"k-{number}"}
        )
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("kill_after", KILL_AFTER)
def test_a_server_killed_under_load_has_each_payment_once(shop: Shop, kill_after: int) -> None:
    server = Process("serve", "--port", "0", **shop.environment)
    url = server.line("Cauri listens").split()[-1]
    answered: dict[int, str] = {}
    with httpx.Client(base_url=url, headers={"X-API-Key": shop.key}, timeout=30) as http:

        def one(number: int) -> None:
            answer = pay(http, number)
            if answer is not None and answer.status_code == 201:
                answered[number] = answer.json()["id"]
            if len(answered) >= kill_after:
                server.child.kill()

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(one, range(PAYMENTS)))
    server.end()
    assert kill_after <= len(answered) < PAYMENTS

    again = Process("serve", "--port", "0", **shop.environment)
    try:
        url = again.line("Cauri listens").split()[-1]
        with httpx.Client(base_url=url, headers={"X-API-Key": shop.key}, timeout=30) as http:
            for number in range(PAYMENTS):
                answer = pay(http, number)
                assert answer is not None
                assert answer.status_code in (201, 409), answer.text  # 409: its lease still runs
                if number in answered:
                    assert answer.json()["id"] == answered[number], "nothing answered is lost"
            page = http.get("/api/payments?limit=200").json()["data"]
    finally:
        again.end()
    references = [one["reference"] for one in page]
    assert len(references) == len(set(references)), "no request made two payments"
    assert {f"o-{number}" for number in answered} <= set(references)
    charges = shop.charges()
    assert len(charges) == len(set(charges)), "no attempt was sent twice"
    ours = {attempt["id"] for one in page for attempt in one["attempts"]}
    assert set(charges) <= ours, "no charge is a stranger"
    shop.cauri("doctor", "--json")


def test_an_address_in_use_is_told_in_words(shop: Shop) -> None:
    taken = shop.simulator_url.rpartition(":")[2]
    for process in ("serve", "demo", "simulator"):
        done = subprocess.run(
            [sys.executable, "-c", CAURI, process, "--port", taken],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", **shop.environment},
            timeout=60,
        )
        assert done.returncode == 2, done.stdout + done.stderr
        assert f"127.0.0.1:{taken}" in done.stderr
        assert "--port" in done.stderr

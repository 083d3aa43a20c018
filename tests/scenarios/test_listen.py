"""Events on their way out of a running demo: to a developer's terminal, and to an endpoint."""

import json
import signal
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import msgspec
import pytest
from standardwebhooks import Webhook

from tests.scenarios.conftest import START_S, Process, Running

pytestmark = pytest.mark.slow
Heard = tuple[dict[str, str], bytes]


class Shop(BaseHTTPRequestHandler):
    """A developer's server: remembers what came, and takes it."""

    heard: Queue[Heard]  # of one test

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Nobody reads it."""


@pytest.fixture
def shop() -> Iterator[str]:
    Shop.heard = Queue()
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hooks"
        server.shutdown()
        thread.join()


def test_a_payment_of_the_demo_reaches_the_developers_server(demo: Running, shop: str) -> None:
    process = Process("listen", "--forward-to", shop, CAURI_DATA_DIR=str(demo.data_dir))
    try:
        ready = process.line("Ready! Your signing secret is whsec_")
        verifier = Webhook(ready.split()[5])
        payment = demo.pay(key="listened").json()
        headers, body = Shop.heard.get(timeout=START_S)
        told = verifier.verify(body, headers)
        assert (told["type"], told["data"]["id"]) == ("payment.pending", payment["id"])
        assert f"[204] POST {shop}" in process.line("  [204]")
        listed = demo.http.get(f"/api/events?after={told['number'] - 1}&limit=1").json()
        assert listed["data"] == [json.loads(body)]
        process.child.send_signal(signal.SIGINT)
        assert process.child.wait(timeout=START_S) == 0
    finally:
        process.end()


def test_an_endpoint_hears_of_a_payment(shop: str, tmp_path: Path) -> None:
    """The operator allows the local server; without that it could not even be saved."""
    allowed = shop.removeprefix("http://").removesuffix("/hooks")
    environment = {"CAURI_WEBHOOK_ALLOW": allowed}
    process = Process("demo", "--json", "--port", "0", "--data", str(tmp_path), **environment)
    try:
        ready = msgspec.json.decode(process.line("{"), type=dict[str, str])
        headers = {"Authorization": f"Bearer {ready['apiKey']}", "Idempotency-Key": "e1"}
        with httpx.Client(base_url=ready["url"], headers=headers, timeout=30.0) as http:
            other = http.post("/api/webhook-endpoints", json={"url": "http://127.0.0.1:1/"})
            assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "url")
            made = http.post("/api/webhook-endpoints", json={"url": shop})
            assert http.post("/api/webhook-endpoints", json={"url": shop}).content == made.content
            endpoint = made.json()
            body = {"amount": "25.00", "currency": "PHP", "reference": "r1", "country": "PH"}
            payment = http.post("/api/payments/initiate", json=body).json()
            told, sent = Shop.heard.get(timeout=START_S)
            event = Webhook(endpoint["secret"]).verify(sent, told)
            assert event["data"]["id"] == payment["id"]
            path = f"/api/webhook-endpoints/{endpoint['id']}/deliveries/{event['id']}"
            log = until_delivered(http, path)
            assert [one["status"] for one in log["attempts"]] == [204]
    finally:
        assert process.end() == 0


def until_delivered(http: httpx.Client, path: str) -> dict[str, Any]:
    """It is recorded after the server has answered; bounded by asking, not by sleeping."""
    log: dict[str, Any] = {}
    for _ in range(400):
        log = http.get(path).json()
        if log["delivery"]["state"] == "delivered":
            return log
    raise AssertionError(log)

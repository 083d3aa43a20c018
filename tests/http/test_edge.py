"""What every request gets: a name, a line in the log, a place in the metrics, safe headers."""

import asyncio
from typing import Any

import msgspec
import pytest

from adapters.http.edge import redacted
from application.correlation import correlation_id
from domain.errors import CommitUnknown, Overloaded, Rejected, Unavailable
from domain.ports.providers import Charge
from tests.http.site import Site, a_site

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        ({"x-correlation-id": "order-7/a:b"}, "order-7/a:b"),
        ({"traceparent": PARENT}, TRACE),
        ({"x-correlation-id": "mine", "traceparent": PARENT}, "mine"),
    ],
)
async def test_a_clients_name_for_its_work_is_echoed(
    site: Site, given: dict[str, str], echoed: str
) -> None:
    for path in ("/api/payments", "/nowhere", "/api/health/live"):
        answer = await site.client.get(path, headers=given)
        assert answer.headers["x-correlation-id"] == echoed
    assert (await site.client.get("/nowhere", headers=given)).json()["correlationId"] == echoed


@pytest.mark.parametrize(
    "given",
    [
        {"x-correlation-id": "a b"},
        {"x-correlation-id": "x" * 129},
        {"x-correlation-id": 'x"}{'},
        {"x-correlation-id": ""},
        {"traceparent": "00-" + "0" * 32 + "-b7ad6b7169203331-01"},
        {"traceparent": "nonsense"},
        {},
    ],
)
async def test_a_name_is_made_when_none_or_a_strange_one_is_given(
    site: Site, given: dict[str, str]
) -> None:
    first = await site.client.get("/api/health/live", headers=given)
    second = await site.client.get("/api/health/live", headers=given)
    names = {one.headers["x-correlation-id"] for one in (first, second)}
    assert len(names) == 2
    assert all(name.startswith("req_") for name in names)


async def test_the_name_reaches_the_call_to_the_provider(site: Site) -> None:
    heard: list[str] = []

    async def hear(charge: Charge) -> None:
        heard.append(correlation_id())

    site.world.companies.maya.before_answer = hear
    await asyncio.gather(
        site.post("/api/payments/initiate", body(), "k1", **{"x-correlation-id": "one"}),
        site.post("/api/payments/initiate", body(), "k2", **{"x-correlation-id": "two"}),
    )
    assert sorted(heard) == ["one", "two"]


def body() -> dict[str, Any]:
    return {"amount": "10.00", "currency": "PHP", "reference": "r", "method": "maya"}


async def test_a_line_is_logged_of_each_request_and_no_secret_in_it(site: Site) -> None:
    await site.initiate()
    await site.get("/api/payments?q=maria@example.com")
    await site.client.get("/pay/abcdefghijklmnopqrstuvwxyz0123456789/process")
    lines = [msgspec.json.decode(one) for one in site.logged().splitlines()]
    assert [(one["method"], one["route"], one["status"]) for one in lines] == [
        ("POST", "/api/payments/initiate", 201),
        ("GET", "/api/payments", 200),
        ("GET", "(none)", 404),
    ]
    assert set(lines[0]) == {
        "at",
        "level",
        "event",
        "method",
        "path",
        "route",
        "status",
        "ms",
        "correlationId",
        "tenant",
        "key",
    }
    assert lines[2]["path"] == "/pay/(token)/process"
    text = site.logged()
    for secret in (site.key, site.key[28:71], "maria", "+63917", "abcdefghij"):
        assert secret not in text


def test_a_links_token_is_never_logged() -> None:
    assert redacted("/pay/token") == "/pay/(token)"
    assert redacted("/pay/token/success") == "/pay/(token)/success"
    assert redacted("/api/payments/pay_1") == "/api/payments/pay_1"


async def test_requests_payments_and_callbacks_are_counted_by_fixed_labels(site: Site) -> None:
    payment = (await site.initiate()).json()
    await site.initiate()  # a replay makes no second payment
    await site.get(f"/api/payments/{payment['id']}")
    await site.client.request("PROPFIND", "/x")
    await site.client.get("/made/up/by/a/client")
    page = (await site.client.get("/metrics")).text
    assert 'cauri_payments_total{provider="maya",status="pending"} 1.0' in page
    assert 'route="/api/payments/{id}",status="200"} 1.0' in page
    assert 'cauri_request_seconds_bucket{le="0.005"' in page
    assert "made" not in page
    assert "PROPFIND" not in page


async def test_answers_are_not_kept_sniffed_or_signed_by_the_server(site: Site) -> None:
    for path in ("/api/payments", "/nowhere", "/schema/openapi.json"):
        headers = (await site.client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
    page = (await site.client.get("/schema")).headers
    assert "default-src 'none'" in page["content-security-policy"]
    assert "unsafe" not in page["content-security-policy"]
    assert page["referrer-policy"] == "no-referrer"
    script = await site.client.get("/static/schema.js")
    assert "public" in script.headers["cache-control"]


async def test_head_is_get_without_the_body(site: Site) -> None:
    full = await site.client.get("/api/health/live")
    head = await site.client.head("/api/health/live")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == full.headers["content-length"]


async def test_a_get_with_a_body_is_refused(site: Site) -> None:
    answer = await site.client.request(
        "GET", "/api/payments", content=b"{}", headers=site.headers()
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "body_not_allowed")


async def test_a_wrong_method_is_told_the_right_ones(site: Site) -> None:
    answer = await site.client.delete("/api/payments/initiate")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]
    overridden = await site.client.post(
        "/api/payments", headers=site.headers(**{"x-http-method-override": "GET"})
    )
    assert overridden.status_code == 405


async def test_fixed_addresses_are_not_taken_for_ids(site: Site) -> None:
    for path in ("/api/payments/refund", "/api/payments/initiate"):
        assert (await site.get(path)).status_code in (404, 405)
    assert (await site.get("/api/payments/methods/default?customerId=c")).status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unavailable("10.0.0.5:5432 refused"), 503, "unavailable"),
        (Overloaded("tenant ten_x waits"), 503, "overloaded"),
        (CommitUnknown("10.0.0.5:5432"), 503, "commit_unknown"),
        (Rejected("constraint secret_name"), 500, "internal_error"),
        (ZeroDivisionError("10.0.0.5"), 500, "internal_error"),
        (RecursionError("deep"), 500, "internal_error"),
    ],
)
async def test_trouble_inside_is_told_without_its_insides(
    site: Site, error: Exception, status: int, code: str
) -> None:
    async def fail(charge: Charge) -> None:
        raise error

    site.world.companies.maya.before_answer = fail
    answer = await site.initiate()
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert str(error) not in answer.text
    assert answer.json()["correlationId"] == answer.headers["x-correlation-id"]
    assert site.alarms == ([error] if status == 500 else [])
    if status == 503:
        assert int(answer.headers["retry-after"]) >= 1
        assert "same Idempotency-Key" in answer.json()["detail"]


async def test_when_too_much_is_under_way_the_rest_is_shed_but_liveness_answers() -> None:
    async with a_site(most_at_once=1) as site:
        asked, answered = asyncio.Event(), asyncio.Event()

        async def wait(charge: Charge) -> None:
            asked.set()
            await answered.wait()

        site.world.companies.maya.before_answer = wait
        first = asyncio.ensure_future(site.initiate())
        await asked.wait()
        shed = await site.get("/api/payments")
        assert (shed.status_code, shed.json()["code"]) == (503, "overloaded")
        assert shed.headers["retry-after"] == "1"
        assert (await site.client.get("/api/health/live")).status_code == 200
        answered.set()
        assert (await first).status_code == 201
        assert (await site.get("/api/payments")).status_code == 200


async def test_a_site_without_watchers_works_as_well() -> None:
    async with a_site(watched=False, limited=False) as site:
        assert (await site.initiate()).status_code == 201
        assert (await site.client.get("/metrics")).content == b""
        assert site.logged() == ""

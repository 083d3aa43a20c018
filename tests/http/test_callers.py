"""Who may do what: keys, scopes, tenants, rates."""

from typing import Any, Final

import pytest
from litestar.handlers import HTTPRouteHandler

from adapters.http.operation import OPERATION, Operation
from domain.ids import KeyId
from domain.tenants.api_key import EVERY_SCOPE, Scope
from tests.builders import ACME, OTHER
from tests.http.site import BODY, Site

pytestmark = pytest.mark.anyio
PREFIXES = {
    "/api/payments/": "pay_",
    "/api/refunds/": "rfd_",
    "/api/webhook-endpoints/": "whk_",
    "/api/events/": "evt_",
}
BODIES = {
    "/api/payments/{id:str}/verify": {"outcome": "received", "reason": "x"},
    "/api/payments/{id:str}/proof": {"transactionNumber": "FT24061"},
    "/api/refunds/{id:str}/verify": {"outcome": "returned", "reason": "x"},
    "/api/webhook-endpoints/{id:str}/replay": {"failed": True},
    "/api/wallets/{customerId:str}/spends/{id:str}/reverse": {"reason": "x"},
}
MARK: Final = "marker-of-the-other-tenant"


def operations(site: Site) -> list[Operation[Any]]:
    handlers = [handler for route in site.app.routes for handler in route_handlers(route)]
    return [one.opt[OPERATION] for one in handlers if OPERATION in one.opt]


def route_handlers(route: Any) -> list[HTTPRouteHandler]:
    return list(getattr(route, "route_handlers", []))


PUBLIC: Final = {
    "/api/health",
    "/api/health/live",
    "/api/health/ready",
    "/api/health/{id:str}",
    "/api/payments/webhook",
    "/api/payments/webhook/{id:str}",
    "/health",
    "/metrics",
    "/problems/{id:str}",
    "/schema",
    "/schema/openapi.json",
}


async def test_every_address_but_the_public_ones_asks_for_a_key(site: Site) -> None:
    asked = operations(site)
    assert {one.path for one in asked if one.scope is None} == PUBLIC
    for one in asked:
        if one.scope is not None:
            path = one.path.replace("{id:str}", "pay_1")
            answer = await site.client.request(one.method, path)
            assert answer.status_code == 401, one.path
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    [
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Basic Y2F1cmk6eA=="},
        {"authorization": "Bearer cauri_test_x"},
        {"authorization": b"Bearer \xff\xfe"},
        {"x-api-key": "nonsense"},
        {"x-api-key": "c" * 10_000},
        {},
    ],
)
async def test_a_wrong_key_is_refused_without_a_hint(site: Site, header: Any) -> None:
    answer = await site.client.get("/api/payments", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_a_key_is_taken_from_either_header(site: Site) -> None:
    bare = await site.client.get("/api/payments", headers={"x-api-key": site.key})
    lower = await site.client.get("/api/payments", headers={"authorization": f"bearer {site.key}"})
    assert (bare.status_code, lower.status_code) == (200, 200)


async def test_a_secret_that_is_off_by_one_letter_opens_nothing(site: Site) -> None:
    other = await site.make_key()
    mixed = site.key[:28] + other[28:]  # this key's id, that key's secret and checksum
    answer = await site.client.get("/api/payments", headers={"x-api-key": mixed})
    assert answer.status_code == 401


async def test_a_revoked_key_opens_nothing_any_more(site: Site) -> None:
    text = await site.make_key()
    assert (await site.client.get("/api/payments", headers={"x-api-key": text})).status_code == 200
    await site.revoke_key(ACME, KeyId(f"key_{text[11:27]}"))
    assert (await site.client.get("/api/payments", headers={"x-api-key": text})).status_code == 401


async def test_every_scope_is_asked_for_where_it_is_needed(site: Site) -> None:
    for one in operations(site):
        if one.scope is None:
            continue
        key = await site.make_key(scopes=EVERY_SCOPE - {one.scope})
        path = one.path.replace("{id:str}", "pay_1")
        answer = await site.client.request(one.method, path, headers={"x-api-key": key})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), one.path
        assert one.scope in answer.json()["detail"]
    assert {one.scope for one in operations(site)} - {None} == set(Scope)


async def test_a_foreign_id_is_answered_exactly_like_an_unknown_one(site: Site) -> None:
    theirs = {"x-api-key": await site.make_key(OTHER)}
    made = await site.client.post(
        "/api/payments/initiate",
        json=BODY | {"reference": MARK, "description": MARK, "metadata": {"m": MARK}},
        headers=theirs | {"idempotency-key": "k1"},
    )
    foreign, unknown = made.json()["id"], "pay_" + "9" * 26
    for one in operations(site):
        if one.scope is None or "{id:str}" not in one.path:
            continue
        answers = []
        for payment_id in (foreign, unknown):
            starts = (word for start, word in PREFIXES.items() if one.path.startswith(start))
            prefix = next(starts, "pay_")
            path = one.path.replace("{id:str}", f"{prefix}{payment_id[4:]}")
            path = path.replace("{customerId:str}", "cus_1")
            path = path.replace("{eventId:str}", f"evt_{payment_id[4:]}")
            body = BODIES.get(one.path, {} if one.method == "PATCH" else None)
            answer = await site.client.request(
                one.method,
                path,
                json=body,
                headers=site.headers(**{"x-correlation-id": "same", "idempotency-key": "k"}),
            )
            assert answer.status_code == 404, one.path
            answers.append(answer.text.replace(payment_id[4:], "-"))
        assert answers[0] == answers[1]
    for payment_id in (foreign, unknown):
        refund = await site.post("/api/payments/refund", {"paymentId": payment_id}, "r1")
        assert (refund.status_code, refund.json()["code"]) == (404, "not_found")
    for path in ("/api/payments", f"/api/payments?reference={MARK}", f"/api/payments?q={MARK}"):
        assert (await site.get(path)).json() == {"data": [], "nextCursor": None}


async def test_one_request_more_than_the_rate_is_refused_until_time_passes(site: Site) -> None:
    key = {"x-api-key": await site.make_key(rate=3)}
    left = []
    for _ in range(3):
        answer = await site.client.get("/api/payments", headers=key)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"key";q=3;w=60'
        left.append(answer.headers["ratelimit"])
    assert left == ['"key";r=2;t=20', '"key";r=1;t=40', '"key";r=0;t=60']
    refused = await site.client.get("/api/payments", headers=key)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit"] == '"key";r=0;t=60'
    assert (await site.get("/api/payments")).status_code == 200, "another key has its own rate"
    site.world.clock.advance(20)
    assert (await site.client.get("/api/payments", headers=key)).status_code == 200
    assert (await site.client.get("/api/payments", headers=key)).status_code == 429


async def test_a_hundred_a_minute_is_the_rate_nobody_changed(site: Site) -> None:
    made = await site.create_key(ACME, "default")
    key = {"x-api-key": made.text}
    answers = [await site.client.get("/api/payments?limit=1", headers=key) for _ in range(101)]
    assert [one.status_code for one in answers] == [200] * 100 + [429]

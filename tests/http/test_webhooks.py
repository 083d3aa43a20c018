"""Webhook endpoints, deliveries and the feed, over HTTP."""

import json
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.http import webhook_examples
from domain.ports.post import NotPosted, Posted
from tests.builders import OTHER
from tests.http.site import Site

pytestmark = pytest.mark.anyio

URL = "https://shop.example/hooks"
ENDPOINTS = "/api/webhook-endpoints"


async def made(site: Site, **changes: Any) -> dict[str, Any]:
    answer = await site.post(ENDPOINTS, {"url": URL, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def sent(site: Site, method: str, path: str, body: Any = None) -> httpx.Response:
    return await site.client.request(method, path, json=body, headers=site.headers())


async def data(site: Site, path: str) -> list[dict[str, Any]]:
    answer = await site.get(path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_an_endpoint_is_made_and_its_secret_shown_once(site: Site) -> None:
    first = await made(site, events=["payment.succeeded"], description="orders", ordered=True)
    assert list(first) == [*webhook_examples.ENDPOINT, "secret"]
    assert first["secret"].startswith("whsec_")
    assert (first["status"], first["sinceNumber"]) == ("active", 0)
    secret = first.pop("secret")
    assert await data(site, ENDPOINTS) == [first]
    shown = await site.get(f"{ENDPOINTS}/{first['id']}")
    assert shown.json() == first
    assert secret not in shown.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://shop.example/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": URL, "events": ["payment.invented"]}, "events"),
        ({"url": URL, "events": ["webhook.test"]}, "events"),
        ({"url": URL, "description": "a\x00b"}, "description"),
        ({"url": URL, "description": "x" * 501}, "description"),
        ({"url": URL, "state": "active"}, "state"),
    ],
)
async def test_what_can_not_be_an_endpoint_names_the_field(
    site: Site, body: Any, field: str
) -> None:
    answer = await site.post(ENDPOINTS, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["errors"][0]["field"] == field
    assert await data(site, ENDPOINTS) == []


async def test_the_same_key_makes_one_endpoint_and_shows_its_secret_again(site: Site) -> None:
    first = await site.post(ENDPOINTS, {"url": URL}, "k1")
    again = await site.post(ENDPOINTS, {"url": URL, "events": []}, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(await data(site, ENDPOINTS)) == 1
    other = await site.post(ENDPOINTS, {"url": URL, "ordered": True}, "k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    bad = await site.post(ENDPOINTS, {"url": URL}, "k 1")
    assert (bad.status_code, bad.json()["code"]) == (400, "idempotency_key_missing")


async def test_the_secret_of_a_stored_answer_is_sealed(site: Site) -> None:
    first = await site.post(ENDPOINTS, {"url": URL}, "k1")
    (record,) = (
        one for shelf in site.world.database.shelves.values() for one in shelf.keys.values()
    )
    assert record.answer is not None
    assert record.answer == b"answer:" + first.json()["id"].encode() + b"\0" + first.content


async def test_what_is_left_out_of_a_change_stays(site: Site) -> None:
    before = await made(site, events=["payment.failed"], description="orders")
    del before["secret"]
    path = f"{ENDPOINTS}/{before['id']}"
    assert (await sent(site, "PATCH", path, {})).json() == before
    changed = await sent(site, "PATCH", path, {"description": "", "ordered": True, "events": []})
    assert changed.json() == before | {"description": "", "ordered": True, "events": []}
    off = await sent(site, "PATCH", path, {"status": "disabled"})
    assert (off.json()["status"], off.json()["disabledReason"]) == ("disabled", "by request")
    refused = await site.post(f"{path}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible_now")
    on = await site.post(f"{path}/enable")
    assert (on.json()["status"], on.json()["disabledReason"]) == ("active", None)
    wrong = await sent(site, "PATCH", path, {"url": "http://10.0.0.1/"})
    assert wrong.json()["errors"][0]["field"] == "url"


async def test_a_deleted_endpoint_is_gone(site: Site) -> None:
    path = f"{ENDPOINTS}/{(await made(site))['id']}"
    gone = await sent(site, "DELETE", path)
    assert (gone.status_code, gone.json()["deleted"]) == (200, True)
    assert await data(site, ENDPOINTS) == []
    for method, more in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/enable"),
        ("POST", "/rotate-secret"),
        ("GET", "/deliveries"),
    ):
        assert (await sent(site, method, path + more)).status_code == 404, more


async def test_a_merchant_verifies_what_arrives(site: Site) -> None:
    """Signed at the world's time, so the library checks everything but the age."""
    endpoint = await made(site)
    payment = await site.paid()
    await site.mailroom.work()
    heard = site.mailroom.merchants.heard
    assert [json.loads(body)["type"] for _, _, body in heard] == [
        "payment.pending",
        "payment.succeeded",
    ]
    url, headers, body = heard[-1]
    verifier = Webhook(endpoint["secret"])
    at = site.world.clock.now()
    assert headers["webhook-signature"] == verifier.sign(headers["webhook-id"], at, body.decode())
    told = json.loads(body)
    assert (url, told["id"], told["number"]) == (URL, headers["webhook-id"], 2)
    assert told["data"] == payment
    with pytest.raises(WebhookVerificationError, match="too old"):
        verifier.verify(body, dict(headers))


async def test_a_rotated_secret_signs_beside_the_old_one(site: Site) -> None:
    endpoint = await made(site)
    rotated = (await site.post(f"{ENDPOINTS}/{endpoint['id']}/rotate-secret")).json()
    assert rotated["secret"] != endpoint["secret"]
    assert rotated["previousSecretUntil"] == "2026-02-08T09:58:00Z"
    assert (await site.post(f"{ENDPOINTS}/{endpoint['id']}/test")).status_code == 202
    await site.mailroom.work()
    _, headers, body = site.mailroom.merchants.heard[0]
    at = site.world.clock.now()
    expected = [
        Webhook(secret).sign(headers["webhook-id"], at, body.decode())
        for secret in (rotated["secret"], endpoint["secret"])
    ]
    assert headers["webhook-signature"].split(" ") == expected


async def test_deliveries_tell_what_arrived_and_every_attempt(site: Site) -> None:
    endpoint = await made(site)
    path = f"{ENDPOINTS}/{endpoint['id']}/deliveries"
    site.mailroom.merchants.answers[URL] = Posted(500, 12, b"try later")
    await site.initiate()
    await site.mailroom.work()
    (waiting,) = await data(site, path)
    assert list(waiting) == list(webhook_examples.DELIVERY)
    assert (waiting["state"], waiting["lastStatus"], waiting["attempts"]) == ("waiting", 500, 1)
    assert waiting["nextAt"] is not None
    site.mailroom.merchants.answers[URL] = NotPosted("no answer in time", 15_000)
    await site.mailroom.work(10)
    del site.mailroom.merchants.answers[URL]
    await site.mailroom.work(600)
    log = (await site.get(f"{path}/{waiting['event']}")).json()
    assert (log["delivery"]["state"], log["delivery"]["nextAt"]) == ("delivered", None)
    assert [(one["number"], one["status"], one["ms"]) for one in log["attempts"]] == [
        (1, 500, 12),
        (2, None, 15_000),
        (3, 200, 7),
    ]
    assert [one["answer"] for one in log["attempts"]] == ["try later", "", "thanks"]
    assert list(log["attempts"][0]) == list(webhook_examples.TRY)
    assert await data(site, f"{path}?state=failed") == []
    unknown = await site.get(f"{path}/evt_{'0' * 32}")
    assert unknown.status_code == 404


async def test_deliveries_come_in_pages_the_newest_first(site: Site) -> None:
    endpoint = await made(site)
    for number in range(5):
        await site.initiate(f"k{number}", reference=f"r{number}")
    await site.mailroom.work()
    path, seen, cursor = f"{ENDPOINTS}/{endpoint['id']}/deliveries", [], ""
    while True:
        page = (await site.get(f"{path}?limit=2&cursor={cursor}")).json()
        seen += [one["number"] for one in page["data"]]
        if (cursor := page["nextCursor"]) is None:
            break
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"fromNumber": 2, "toNumber": 3}, 2),
        ({"from": "2026-02-07", "to": "2026-02-08T00:00:00Z"}, 3),
        ({"from": "2026-02-08", "to": "2026-02-09"}, 0),
        ({"failed": True}, 0),
    ],
)
async def test_a_range_is_replayed(site: Site, body: Any, count: int) -> None:
    endpoint = await made(site)
    for number in range(3):
        await site.initiate(f"k{number}", reference=f"r{number}")
    await site.mailroom.work()
    before = list(site.mailroom.merchants.heard)
    answer = await site.post(f"{ENDPOINTS}/{endpoint['id']}/replay", body)
    assert (answer.status_code, answer.json()) == (202, {"replayed": count, "next": None})
    await site.mailroom.work()
    again = site.mailroom.merchants.heard[3:]
    assert len(again) == count
    sent_before = {(one["webhook-id"], sent) for _, one, sent in before}
    assert {(one["webhook-id"], sent) for _, one, sent in again} <= sent_before


async def test_one_event_is_replayed_and_an_unknown_one_is_not(site: Site) -> None:
    endpoint = await made(site)
    await site.initiate()
    await site.mailroom.work()
    (event,) = await data(site, "/api/events")
    path = f"{ENDPOINTS}/{endpoint['id']}/replay"
    answer = await site.post(path, {"event": event["id"]})
    assert answer.json() == {"replayed": 1, "next": None}
    assert (await site.post(path, {"event": "evt_0"})).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"failed": False},
        {"fromNumber": 1},
        {"toNumber": 1},
        {"from": "2026-02-07"},
        {"failed": True, "fromNumber": 1, "toNumber": 2},
        {"event": "evt_1", "failed": True},
        {"fromNumber": 0, "toNumber": 2},
        {"event": "pay_1"},
        {"from": "soon", "to": "later"},
    ],
)
async def test_a_replay_names_just_one_kind_of_range(site: Site, body: Any) -> None:
    endpoint = await made(site)
    answer = await site.post(f"{ENDPOINTS}/{endpoint['id']}/replay", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fromNumber": 9, "toNumber": 3}, "toNumber"),
        ({"from": "2026-02-08", "to": "2026-02-07"}, "to"),
    ],
)
async def test_a_range_that_ends_before_it_begins_is_refused(
    site: Site, body: Any, field: str
) -> None:
    endpoint = await made(site)
    answer = await site.post(f"{ENDPOINTS}/{endpoint['id']}/replay", body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_the_feed_has_every_event_once_in_order_and_without_a_gap(site: Site) -> None:
    for number in range(4):
        await site.paid(f"k{number}", reference=f"r{number}")
    await site.mailroom.work()
    numbers, after, more = list[int](), 0, True
    while more:
        page = (await site.get(f"/api/events?after={after}&limit=3")).json()
        numbers += [one["number"] for one in page["data"]]
        after, more = page["nextAfter"], page["hasMore"]
    assert numbers == list(range(1, 9))
    end = (await site.get(f"/api/events?after={after}")).json()
    assert end == {"data": [], "nextAfter": 8, "hasMore": False}
    beyond = await site.get("/api/events?after=9")
    assert (beyond.status_code, beyond.json()["errors"][0]["field"]) == (422, "after")
    assert "8" in beyond.json()["errors"][0]["message"]


async def test_types_are_chosen_and_the_others_passed_over(site: Site) -> None:
    for number in range(2):
        await site.paid(f"k{number}", reference=f"r{number}")
    await site.mailroom.work()
    page = (await site.get("/api/events?types=payment.succeeded")).json()
    assert [one["type"] for one in page["data"]] == ["payment.succeeded"] * 2
    assert (page["nextAfter"], page["hasMore"]) == (4, False)
    none = (await site.get("/api/events?types=refund.failed&limit=3")).json()
    assert none == {"data": [], "nextAfter": 3, "hasMore": True}
    wrong = await site.get("/api/events?types=payment.invented")
    assert wrong.json()["errors"][0]["field"] == "types"


async def test_an_event_in_the_feed_is_what_was_sent(site: Site) -> None:
    await made(site)
    await site.initiate()
    await site.mailroom.work()
    (_, _, body), (listed,) = site.mailroom.merchants.heard[0], await data(site, "/api/events")
    shown = await site.get(f"/api/events/{listed['id']}")
    assert shown.content == body
    assert shown.json() == listed
    assert list(listed) == list(webhook_examples.EVENT)


async def test_a_test_event_stands_in_the_feed_and_goes_to_its_endpoint_alone(
    site: Site,
) -> None:
    endpoint = await made(site, events=["payment.failed"])
    await made(site, url="https://other.example/")
    event = (await site.post(f"{ENDPOINTS}/{endpoint['id']}/test")).json()["event"]
    await site.mailroom.work()
    assert [url for url, _, _ in site.mailroom.merchants.heard] == [URL]
    (listed,) = await data(site, "/api/events?types=webhook.test")
    assert (listed["id"], listed["data"]["endpoint"]) == (event, endpoint["id"])


async def test_whoever_waits_is_answered_when_something_happens(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []

    async def look(seconds: float) -> None:
        """Time that passes is a payment that is made."""
        looks.append(seconds)
        if len(looks) == 3:
            await site.initiate()
            await site.mailroom.work()

    monkeypatch.setattr("adapters.http.controllers.events.asyncio.sleep", look)
    page = (await site.get("/api/events?wait=25")).json()
    assert [one["number"] for one in page["data"]] == [1]
    assert len(looks) == 3
    nothing = (await site.get("/api/events?after=1&wait=2")).json()
    assert nothing == {"data": [], "nextAfter": 1, "hasMore": False}
    assert sum(looks[3:]) == 2
    assert (await site.get("/api/events?wait=26")).status_code == 422


async def test_only_so_many_wait_at_a_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.http.controllers.events.MOST_WAITING", 0)
    assert (await site.get("/api/events?wait=25")).json()["data"] == []


async def test_another_tenants_things_are_not_found(site: Site) -> None:
    endpoint = await made(site)
    await site.initiate()
    await site.mailroom.work()
    (event,) = await data(site, "/api/events")
    site.key = await site.make_key(OTHER)
    assert await data(site, ENDPOINTS) == []
    assert await data(site, "/api/events") == []
    path = f"{ENDPOINTS}/{endpoint['id']}"
    for method, more, body in (
        ("GET", "", None),
        ("PATCH", "", {"ordered": True}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", None),
        ("POST", "/replay", {"failed": True}),
        ("GET", f"/deliveries/{event['id']}", None),
    ):
        assert (await sent(site, method, path + more, body)).status_code == 404, more
    assert (await site.get(f"/api/events/{event['id']}")).status_code == 404

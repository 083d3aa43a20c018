"""The same request twice."""

import asyncio
from typing import Any

import pytest

from domain.ports.providers import Charge
from tests.builders import OTHER
from tests.http.site import BODY, Site

pytestmark = pytest.mark.anyio
SAME: list[dict[str, Any]] = [
    {"amount": 1500},
    {"amount": "1500"},
    {"feeBearer": "merchant"},
    {"method": None, "expiresIn": 1800},
    {"metadata": {"cart": "c-9"}, "description": "2 tickets"},
]


@pytest.mark.parametrize("written", SAME)
async def test_the_same_request_however_written_gets_the_first_answer_byte_for_byte(
    site: Site, written: dict[str, Any]
) -> None:
    first = await site.initiate()
    again = await site.initiate(**written)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(site.world.companies.maya.books) == 1


async def test_the_answer_stays_the_first_one_although_the_payment_went_on(site: Site) -> None:
    first = await site.initiate()
    site.world.companies.maya.pay(first.json()["attempts"][0]["id"])
    await site.get(f"/api/payments/status/{first.json()['id']}?refresh=true")
    assert (await site.initiate()).content == first.content


@pytest.mark.parametrize(
    "changes", [{"amount": "1500.01"}, {"reference": "other"}, {"metadata": {}}]
)
async def test_a_key_used_with_another_request_is_refused(
    site: Site, changes: dict[str, Any]
) -> None:
    await site.initiate()
    answer = await site.initiate(**changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", [None, "", " ", "a b", "k" * 256, '""', "clé"])
async def test_money_moves_only_with_a_proper_key(site: Site, key: str | None) -> None:
    headers: Any = site.headers()
    if key is not None:
        headers = {**headers, "idempotency-key": key.encode("latin-1")}
    answer = await site.client.post("/api/payments/initiate", json=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not site.world.companies.maya.books


async def test_a_key_may_be_quoted_as_a_structured_field(site: Site) -> None:
    first = await site.initiate("8e03978e-40d5")
    again = await site.initiate('"8e03978e-40d5"')
    assert again.content == first.content


async def test_keys_are_of_their_tenant_and_operation(site: Site) -> None:
    payment = await site.paid("same")
    other = {**site.headers(), "authorization": f"Bearer {await site.make_key(OTHER)}"}
    theirs = await site.client.post(
        "/api/payments/initiate", json=BODY, headers=other | {"idempotency-key": "same"}
    )
    assert theirs.status_code == 201
    assert theirs.json()["id"] != payment["id"]
    refund = await site.post("/api/payments/refund", {"paymentId": payment["id"]}, "same")
    assert refund.status_code == 201


async def test_while_the_first_still_runs_a_repeat_is_told_to_wait(site: Site) -> None:
    answered = asyncio.Event()
    asked = asyncio.Event()

    async def wait(charge: Charge) -> None:
        asked.set()
        await answered.wait()

    site.world.companies.maya.before_answer = wait
    first = asyncio.ensure_future(site.initiate())
    await asked.wait()
    early = await site.initiate()
    assert (early.status_code, early.json()["code"]) == (409, "idempotency_in_progress")
    assert early.headers["retry-after"] == "1"
    answered.set()
    assert (await site.initiate("k2")).status_code == 201
    done = await first
    assert done.status_code == 201
    assert (await site.initiate()).content == done.content


async def test_what_was_refused_before_it_was_stored_may_be_corrected_with_the_same_key(
    site: Site,
) -> None:
    assert (await site.initiate(amount="0")).status_code == 422
    assert (await site.initiate()).status_code == 201


async def test_every_default_may_be_written_out(site: Site) -> None:
    least = {"amount": "10.00", "currency": "PHP", "reference": "r"}
    written: dict[str, Any] = least | {
        "customer": None,
        "method": None,
        "country": None,
        "feeBearer": "merchant",
        "description": "",
        "returnUrl": None,
        "expiresIn": 1800,
        "metadata": {},
    }
    first = await site.post("/api/payments/initiate", least, "k1")
    again = await site.post("/api/payments/initiate", written, "k1")
    assert (first.status_code, again.content) == (201, first.content)

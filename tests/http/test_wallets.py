"""Wallets over HTTP: read, spent and reversed, never credited."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from adapters.http.controllers import wallets
from adapters.http.operation import Operation
from domain.tenants.api_key import EVERY_SCOPE, Scope
from domain.tenants.reward_rule import RewardRule
from tests.builders import ACME, OTHER
from tests.http.site import Site

pytestmark = pytest.mark.anyio

AT = "/api/wallets/cus_42"
SPEND: dict[str, Any] = {
    "amount": "100",
    "unit": "PTS",
    "reference": "order-2",
    "reason": "coffee",
}
READING = EVERY_SCOPE - {Scope.WALLETS_SPEND}


@pytest.fixture
async def shop(site: Site) -> Site:
    """cus_42 has paid PHP 1 500.00 under 1 point per 10 PHP."""
    tenants = site.world.tenants
    tenant = (await tenants.setup(ACME)).tenant
    await tenants.save(replace(tenant, rewards=(RewardRule.parse("1 point per 10 PHP"),)))
    await site.paid("k1", method="maya")
    await site.world.work(5)
    return site


async def spend(shop: Site, key: str = "s1", **changes: Any) -> httpx.Response:
    return await shop.post(f"{AT}/spend", SPEND | changes, key)


async def balance(shop: Site) -> str:
    found: str = (await shop.get(AT)).json()["wallets"][0]["balance"]
    return found


async def test_a_wallet_is_shown(shop: Site) -> None:
    answer = await shop.get(AT)
    assert answer.status_code == 200
    told = answer.json()
    assert told["customerId"] == "cus_42"
    (wallet,) = told["wallets"]
    assert (wallet["unit"], wallet["balance"]) == ("PTS", "150")
    assert wallet["id"].startswith("wal_")


async def test_who_was_never_credited_has_no_wallet(shop: Site) -> None:
    answer = await shop.get("/api/wallets/cus_nobody")
    assert answer.json() == {"customerId": "cus_nobody", "wallets": []}
    assert (await shop.get("/api/wallets/cus_nobody/history")).json() == {
        "data": [],
        "nextCursor": None,
    }


async def test_a_spend_and_its_reversal_stand_in_the_history(shop: Site) -> None:
    spent = await spend(shop)
    assert spent.status_code == 201
    told = spent.json()
    assert (told["status"], told["amount"], told["balance"]) == ("spent", "100", "50")
    shop.world.clock.advance(1)
    back = await shop.post(f"{AT}/spends/{told['id']}/reverse", {"amount": 30}, "b1")
    assert back.status_code == 201
    assert back.json() == told | {
        "status": "reversed",
        "reversedAmount": "30",
        "balance": "80",
        "reversedAt": back.json()["reversedAt"],
    }
    moves = (await shop.get(f"{AT}/history")).json()["data"]
    assert [(one["type"], one["amount"]) for one in moves[:1]] == [("spend_reversed", "30")]
    assert {(one["type"], one["amount"]) for one in moves} == {
        ("credited", "150"),
        ("spent", "-100"),
        ("spend_reversed", "30"),
    }
    assert {one["spendId"] for one in moves} == {None, told["id"]}
    assert sum(int(one["amount"]) for one in moves) == int(await balance(shop)) == 80


async def test_a_history_is_read_in_pages(shop: Site) -> None:
    for number in range(5):
        shop.world.clock.advance(1)
        await spend(shop, f"s{number}", amount=number + 1)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await shop.get(f"{AT}/history?limit=2{cursor}")).json()
        seen += [one["amount"] for one in page["data"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == ["-5", "-4", "-3", "-2", "-1", "150"]


async def test_a_history_may_be_of_one_unit(shop: Site) -> None:
    assert len((await shop.get(f"{AT}/history?unit=PTS")).json()["data"]) == 1
    assert (await shop.get(f"{AT}/history?unit=PHP")).json()["data"] == []
    wrong = await shop.get(f"{AT}/history?unit=QQQ")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "unit")


@pytest.mark.parametrize("cursor", ["x", "1-jrn_1", "999999999999999999-jrn_1-1"])
async def test_a_cursor_that_nobody_gave_is_refused(shop: Site, cursor: str) -> None:
    answer = await shop.get(f"{AT}/history?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


async def test_no_more_is_spent_than_there_is(shop: Site) -> None:
    answer = await spend(shop, amount="151")
    assert (answer.status_code, answer.json()["code"]) == (422, "wallet_balance_too_low")
    assert "150 PTS can be spent" in answer.json()["detail"]
    never = await shop.post("/api/wallets/cus_nobody/spend", SPEND, "s9")
    assert never.json()["code"] == "wallet_balance_too_low"
    assert await balance(shop) == "150"


async def test_a_request_that_was_refused_may_succeed_later_with_its_key(shop: Site) -> None:
    assert (await spend(shop, amount="200")).status_code == 422
    await shop.paid("k2", method="maya")
    await shop.world.work(5)
    assert (await spend(shop, amount="200")).status_code == 201


async def test_the_same_request_spends_once(shop: Site) -> None:
    answers = await asyncio.gather(*(spend(shop, amount=one) for one in ("7", 7, "7")))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert sum("idempotency-replayed" in one.headers for one in answers) == 2
    assert await balance(shop) == "143"
    other = await spend(shop, amount="8")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_spend_needs_a_key(shop: Site) -> None:
    answer = await shop.post(f"{AT}/spend", SPEND)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.5"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": 10**17}, "amount"),
        ({"unit": "QQQ"}, "unit"),
        ({"unit": "points"}, "unit"),
        ({"reference": "x" * 65}, "reference"),
        ({"reason": "\x00"}, "reason"),
        ({"credit": "100"}, "credit"),
    ],
)
async def test_what_cannot_be_spent_is_refused_by_field(
    shop: Site, changes: dict[str, Any], field: str
) -> None:
    answer = await spend(shop, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert await balance(shop) == "150"


async def test_a_spend_is_reversed_once_and_at_most_its_amount(shop: Site) -> None:
    at = f"{AT}/spends/{(await spend(shop)).json()['id']}/reverse"
    too_much = await shop.post(at, {"amount": "101"}, "b1")
    assert (too_much.status_code, too_much.json()["errors"][0]["field"]) == (422, "amount")
    assert (await shop.post(at, {}, "b2")).json()["reversedAmount"] == "100"
    assert (await shop.post(at, {}, "b2")).headers["idempotency-replayed"] == "true"
    again = await shop.post(at, {}, "b3")
    assert (again.status_code, again.json()["code"]) == (409, "spend_already_reversed")
    assert await balance(shop) == "150"


async def test_another_customers_spend_is_not_found(shop: Site) -> None:
    spent = (await spend(shop)).json()["id"]
    for path in (
        f"/api/wallets/cus_43/spends/{spent}/reverse",
        f"{AT}/spends/spd_0000/reverse",
        f"{AT}/spends/wal_0000/reverse",
    ):
        answer = await shop.post(path, {}, "b1")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_another_tenant_sees_and_spends_nothing(shop: Site) -> None:
    spent = (await spend(shop)).json()["id"]
    theirs = {"authorization": f"Bearer {await shop.make_key(OTHER)}"}
    assert (await shop.get(AT, **theirs)).json()["wallets"] == []
    assert (await shop.get(f"{AT}/history", **theirs)).json()["data"] == []
    answer = await shop.post(f"{AT}/spend", SPEND, "s2", **theirs)
    assert answer.json()["code"] == "wallet_balance_too_low"
    back = await shop.post(f"{AT}/spends/{spent}/reverse", {}, "b1", **theirs)
    assert back.status_code == 404
    assert await balance(shop) == "50"


async def test_spending_has_a_scope_of_its_own(shop: Site) -> None:
    reader = {"authorization": f"Bearer {await shop.make_key(scopes=READING)}"}
    assert (await shop.get(AT, **reader)).status_code == 200
    assert (await shop.post(f"{AT}/spend", SPEND, "s1", **reader)).status_code == 403
    back = await shop.post(f"{AT}/spends/spd_1/reverse", {}, "b1", **reader)
    assert back.status_code == 403
    spender = {
        "authorization": f"Bearer {await shop.make_key(scopes=frozenset({Scope.WALLETS_SPEND}))}"
    }
    assert (await shop.get(AT, **spender)).status_code == 403


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["", "/credit", "/credits", "/topup", "/history", "/balance"])
async def test_no_request_credits_a_wallet(shop: Site, verb: str, path: str) -> None:
    body = {"amount": "100", "unit": "PTS", "balance": "9999"}
    headers = shop.headers(**{"idempotency-key": "c1"})
    answer = await shop.client.request(verb, AT + path, json=body, headers=headers)
    assert answer.status_code in (404, 405)
    assert await balance(shop) == "150"


def test_the_operations_of_wallets_only_read_spend_and_reverse() -> None:
    """Whoever adds one has to look here, and at the wallet contract."""
    known = [one for one in vars(wallets).values() if isinstance(one, Operation)]
    assert {(one.method, one.path) for one in known} == {
        ("GET", "/api/wallets/{customerId:str}"),
        ("GET", "/api/wallets/{customerId:str}/history"),
        ("POST", "/api/wallets/{customerId:str}/spend"),
        ("POST", "/api/wallets/{customerId:str}/spends/{id:str}/reverse"),
    }


@pytest.mark.parametrize("customer", ["c%C3%BCs%20%F0%9F%92%B8", "a.b@example.com", "x" * 128])
async def test_a_customers_id_may_be_any_text(shop: Site, customer: str) -> None:
    assert (await shop.get(f"/api/wallets/{customer}")).status_code == 200


@pytest.mark.parametrize("customer", ["x" * 129, "a%00b", "4111111111111111"])
async def test_a_customers_id_that_cannot_be_is_refused(shop: Site, customer: str) -> None:
    answer = await shop.get(f"/api/wallets/{customer}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "customerId")

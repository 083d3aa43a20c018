"""Providers call us."""

from dataclasses import replace

import pytest

from adapters.http.problems import ROWS
from domain.ids import AccountId
from tests.builders import ACME
from tests.http.site import Site

pytestmark = pytest.mark.anyio


async def call(
    site: Site, body: str, signature: str | None = "maya", account: str | None = "acc_maya"
) -> tuple[int, str]:
    path = "/api/payments/webhook" + (f"/{account}" if account else "")
    headers = {"content-type": "application/octet-stream"}
    if signature is not None:
        headers["Signature"] = signature
    answer = await site.client.post(path, content=body.encode(), headers=headers)
    return answer.status_code, answer.text


@pytest.mark.parametrize("account", ["acc_maya", None])
async def test_a_callback_is_kept_answered_and_then_applied(
    site: Site, account: str | None
) -> None:
    payment = (await site.initiate()).json()
    body = f"evt_1|{payment['attempts'][0]['id']}|150000"
    assert await call(site, body, account=account) == (200, '{"received":true}')
    assert await call(site, body, account=account) == (200, '{"received":true}')
    await site.world.work()
    assert (await site.get(f"/api/payments/{payment['id']}")).json()["status"] == "succeeded"
    page = (await site.client.get("/metrics")).text
    assert 'cauri_callbacks_total{provider="maya",result="new"} 1.0' in page
    assert 'cauri_callbacks_total{provider="maya",result="repeat"} 1.0' in page


@pytest.mark.parametrize("account", ["acc_maya", None])
async def test_a_company_that_waits_for_words_of_its_own_hears_them(
    site: Site, account: str | None
) -> None:
    companies = site.world.companies
    companies.replace("maya", replace(companies.profiles["maya"], ack='{"result":"S"}'))
    payment = (await site.initiate()).json()
    body = f"evt_1|{payment['attempts'][0]['id']}|150000"
    for _ in range(2):  # a repeat too, or it would never end
        assert await call(site, body, account=account) == (200, '{"result":"S"}')
    assert await call(site, body, signature="nobody") != (200, '{"result":"S"}')


async def test_a_callback_may_come_as_a_put(site: Site) -> None:
    payment = (await site.initiate()).json()
    answer = await site.client.put(
        "/api/payments/webhook/acc_maya",
        content=f"evt_1|{payment['attempts'][0]['id']}|150000".encode(),
        headers={"Signature": "maya"},
    )
    assert (answer.status_code, answer.text) == (200, '{"received":true}')
    await site.world.work()
    assert (await site.get(f"/api/payments/{payment['id']}")).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("account", "signature"), [("acc_maya", "nobody"), ("acc_maya", None), (None, None)]
)
async def test_a_forged_callback_is_refused_without_a_hint_and_nothing_is_kept(
    site: Site, account: str | None, signature: str | None
) -> None:
    payment = (await site.initiate()).json()
    body = f"evt_1|{payment['attempts'][0]['id']}|150000"
    status, text = await call(site, body, signature=signature, account=account)
    assert status == 401
    assert "webhook_signature_invalid" in text
    assert ROWS["webhook_signature_invalid"].detail in text
    stored = [shelf.notices for shelf in site.world.database.shelves.values()]
    assert not any(stored)
    assert 'result="refused"} 1.0' in (await site.client.get("/metrics")).text


async def test_an_event_of_a_payment_not_known_here_is_taken(site: Site) -> None:
    body = f"evt_1|att_{'9' * 26}01|100"
    assert await call(site, body) == (200, '{"received":true}')
    assert await call(site, body, account=None) == (200, '{"received":true}')


@pytest.mark.parametrize("reference", [f"att_{'9' * 26}01", "someone's own order"])
async def test_an_event_of_a_payment_not_known_here_is_kept_for_reconciliation(
    site: Site, reference: str
) -> None:
    assert (await call(site, f"evt_1|{reference}|100", account=None))[0] == 200
    async with site.world.units(ACME) as unit:
        stored = await unit.inbox.get(AccountId("acc_maya"), "evt_1")
    assert stored.state == "stored"
    page = (await site.client.get("/metrics")).text
    assert 'cauri_callbacks_total{provider="maya",result="new"} 1.0' in page


@pytest.mark.parametrize("account", ["acc_unknown", "x", "pay_1", "acc_%00"])
async def test_an_account_that_is_not_has_no_address(site: Site, account: str) -> None:
    assert (await call(site, "evt_1|x|1", account=account))[0] == 404


async def test_too_large_a_callback_is_refused(site: Site) -> None:
    assert (await call(site, "x" * 262_145))[0] == 413
    assert (await call(site, "x" * 262_145, account=None))[0] == 413

"""The wire between us and a company fails: what became of the money is asked, never guessed."""

from typing import Any, Final

import pytest

from tests.harness.load import APPROVES, Load
from tests.harness.processes import becomes
from tests.harness.proxy import Fault, Leg
from tests.harness.shop import Shop
from tests.harness.verdict import judge

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("premises", ["sqlite"], indirect=True),
]

CHECKOUT: Final = b"POST /maya/checkout/v1/checkouts"
ATTACH: Final = b"/attach HTTP/1.1"
REFUND: Final = b"POST /maya/payments/v1/payments"
CUTS: Final = {"nothing": 0, "part-of-the-headers": 40, "part-of-the-body": 200}
SETTLES_S: Final = 15.0  # the first query comes after five seconds


async def events(shop: Shop, payment_id: str) -> list[str]:
    """The words of its timeline."""
    found = await shop.api("GET", f"/api/payments/{payment_id}/timeline")
    return [event["type"] for event in found.body["data"]]


async def until_status(shop: Shop, payment_id: str, status: str) -> dict[str, Any]:
    """Looks without asking for a query: the worker makes it."""

    async def has() -> bool:
        return bool((await shop.payment(payment_id))["attempts"][-1]["status"] == status)

    await becomes(has, SETTLES_S, f"{payment_id} is {status}", 0.1)
    return await shop.payment(payment_id)


async def test_an_answer_that_is_cut_off_is_asked_for_and_charges_once(shop: Shop) -> None:
    load = Load(shop, seed=20)
    await shop.serve(worker=True)
    ids = []
    for method, word in (("maya", CHECKOUT), ("gcash", ATTACH)):
        for what, most in CUTS.items():
            shop.companies.fault = Fault(on=word, down=Leg(most=most), times=1)
            order = load.order(f"{method}-{what}", method=method)
            await load.ask(order)
            assert (order.told, shop.companies.strikes) == (["201"], 1)
            [attempt] = (await shop.payment(order.resource or ""))["attempts"]
            assert attempt["status"] == "indeterminate", what
            ids.append(order.resource or "")
    for payment_id in ids:
        payment = await until_status(shop, payment_id, "pending")
        assert len(payment["attempts"]) == 1, "no other provider was asked"
        assert "attempt.indeterminate" in await events(shop, payment_id)
    ours = [(await shop.payment(payment_id))["attempts"][0]["id"] for payment_id in ids]
    charges = [one["reference"] for one in await shop.books() if one["reference"] in ours]
    assert len(charges) == len(set(charges)) == len(ids)
    await load.act_once(set())
    await judge(shop, load)
    await shop.end()


async def test_a_refund_whose_answer_is_cut_off_is_given_once(shop: Shop) -> None:
    load = Load(shop, seed=21)
    await shop.serve(worker=True)
    order = load.order("refunded", method="maya", acts=APPROVES, amount="1500.00")
    await load.ask(order)
    await until_status(shop, order.resource or "", "succeeded")
    shop.companies.fault = Fault(on=REFUND, down=Leg(most=0), times=1)
    most = load.refund("most", paymentId=order.resource, amount="1000.00")
    rest = load.refund("too-much", paymentId=order.resource, amount="500.01")
    await load.ask(most)
    await load.ask(rest)
    assert (most.told, shop.companies.strikes) == (["201"], 1)
    assert rest.told == ["422 refund_exceeds_payment"], "what may have been given stays reserved"
    await judge(shop, load)
    attempt = (await shop.payment(order.resource or ""))["attempts"][0]
    [line] = [one for one in await shop.books() if one["reference"] == attempt["id"]]
    assert line["refundedMinor"] == 100_000
    await shop.end()


async def test_what_never_left_is_free_for_another_try(shop: Shop) -> None:
    load = Load(shop, seed=22)
    await shop.serve(worker=True)
    await shop.companies.refuse()
    shop.companies.cut()
    refused = load.order("nobody-listens")
    await load.ask(refused)
    assert refused.told == ["503 no_provider_available"]
    await shop.companies.accept()
    again = load.order("somebody-listens")
    await load.insist(within_s=10)
    assert again.told == ["201"]
    [failed] = await shop.payments(reference=refused.key)
    [taken] = await shop.payments(reference=again.key)
    assert {one["status"] for one in failed["attempts"]} == {"failed"}
    assert len(taken["attempts"]) == 1
    await load.act_once(set())
    await judge(shop, load)
    await shop.end()

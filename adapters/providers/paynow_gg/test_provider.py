"""What is peculiar to PayNow.gg: customers, checkouts, orders, and refunds without a reference."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.scenery import answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Response
from adapters.providers.paynow_gg import refunds, wire
from adapters.providers.paynow_gg.config import PayNowGgConfig
from adapters.providers.paynow_gg.resources import Order, Payment, Refund
from adapters.providers.paynow_gg.scene import (
    Scene,
    T,
    a_charge,
    a_config,
    a_lookup,
    an_order,
    refused,
)
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import (
    Declined,
    FailureCode,
    FailureKind,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Prepared
from domain.tenants.market import Market

pytestmark = pytest.mark.anyio


@pytest.fixture
def scene() -> Scene:
    return Scene()


def order(status: str = "completed", total: int = 2500, number: int = 1) -> Order:
    return Order(id=str(number), status=status, currency="usd", total_amount=total, tax_amount=0)


# Money in


async def test_a_customer_is_made_for_the_attempt_and_a_checkout_for_the_customer(
    scene: Scene,
) -> None:
    charge = await scene.begin(a_charge())
    (customer,) = scene.wire.bodies("/customers")
    assert customer == {"name": "Ana", "metadata": {"attempt_id": charge.attempt_id}}
    (checkout,) = scene.wire.bodies("/checkouts")
    assert f"customer:{checkout['customer_id']}" == charge.provider_reference
    assert checkout["metadata"] == {"attempt_id": charge.attempt_id, "reference": "INV-1"}
    assert checkout["return_url"] == checkout["cancel_url"] == "https://shop.example/thanks"
    (line,) = checkout["lines"]
    assert line["quantity"] == 1
    assert line["inline_product"]["disable_promo_codes"] is True, "a coupon changes the amount"


async def test_of_the_payer_only_the_name_is_told(scene: Scene) -> None:
    await scene.begin(a_charge())
    sent = b"".join(one.body for one in scene.wire.asked)
    assert b"example.com" not in sent.replace(b"shop.example/", b"")
    assert b"+1202" not in sent


async def test_the_key_goes_in_paynows_own_form(scene: Scene) -> None:
    await scene.begin(a_charge())
    assert {one.headers["authorization"] for one in scene.wire.asked} == {"APIKey pnapi-sim-demo"}


async def test_without_a_customer_no_checkout_is_opened(scene: Scene) -> None:
    for reference in (None, "411486491630370816", "customer:", "customer:x"):
        said = await scene.client.charge(
            replace(a_charge(), provider_reference=reference), timeout_s=T
        )
        assert isinstance(said, NotSent)
    assert scene.wire.asked == []


async def test_a_store_of_another_currency_is_sent_nothing(scene: Scene) -> None:
    for step in (scene.client.prepare, scene.client.charge):
        said = await step(a_charge(code="EUR"), timeout_s=T)
        assert isinstance(said, Declined)
        assert (said.elsewhere, said.failure.code) == (True, FailureCode.INVALID_REQUEST)
    assert scene.wire.asked == []
    assert scene.client.market() == Market(None, "USD")


async def test_a_product_of_the_store_is_sold_as_often_as_needed() -> None:
    scene = Scene(productId="77", productPrice=50)
    scene.paynow.company.products["77"] = 50
    charge = await scene.pay(a_charge(minor=2500))
    assert scene.sale().quantity == 50
    said = await scene.client.find(a_lookup(charge), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount == charge.amount
    off = await scene.client.prepare(a_charge(2, minor=2501), timeout_s=T)
    assert isinstance(off, Declined)


async def test_a_product_that_costs_something_else_by_now_does_not_pay(scene: Scene) -> None:
    scene = Scene(productId="77", productPrice=50)
    scene.paynow.company.products["77"] = 60
    charge = await scene.pay(a_charge(minor=2500))
    said = await scene.client.find(a_lookup(charge), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount != charge.amount, "a person looks at it"


async def test_tax_that_comes_on_top_is_paid_and_not_counted() -> None:
    scene = Scene(taxOnTop=True)
    scene.paynow.company.tax_bps = 2000
    charge = await scene.pay(a_charge(minor=2500))
    assert scene.sale().total == 3000
    said = await scene.client.find(a_lookup(charge), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount == charge.amount
    given = await scene.client.refund(an_order(charge), timeout_s=T)
    assert isinstance(given, Succeeded)
    assert given.amount == charge.amount
    assert [one.refunded_minor for one in scene.paynow.books()] == [3000]


async def test_while_nobody_has_paid_there_may_be_no_order_and_that_closes_nothing(
    scene: Scene,
) -> None:
    scene.paynow.company.late_orders = True
    charge = await scene.begin(a_charge())
    assert isinstance(await scene.client.find(a_lookup(charge), timeout_s=T), NotFound)
    scene.paynow.act(charge.attempt_id, Action.APPROVE)
    assert isinstance(await scene.client.find(a_lookup(charge), timeout_s=T), Succeeded)


async def test_an_order_that_is_known_is_asked_about_by_itself(scene: Scene) -> None:
    charge = await scene.pay(a_charge())
    known = replace(charge, provider_reference=scene.sale().order_id)
    said = await scene.client.find(a_lookup(known), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.provider_reference == scene.sale().order_id
    assert scene.wire.asked[-1].url.endswith(f"/orders/{scene.sale().order_id}")
    stranger = replace(charge, provider_reference="1")
    assert isinstance(await scene.client.find(a_lookup(stranger), timeout_s=T), NotFound)


async def test_an_order_that_nobody_paid_in_a_day_is_canceled(scene: Scene) -> None:
    charge = await scene.begin(a_charge())
    scene.clock.pass_(days=1)
    said = await scene.client.find(a_lookup(charge), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.kind, said.elsewhere) == (FailureKind.CANCELED, False)


async def test_of_an_order_that_went_back_or_was_charged_back_nothing_is_kept(
    scene: Scene,
) -> None:
    """Asked about while we have not heard yet that it was paid."""
    given, taken = await scene.pay(a_charge(1)), await scene.pay(a_charge(2))
    scene.paynow.give_back(given.attempt_id, given.amount.minor)
    scene.paynow.charge_back(taken.attempt_id)
    back = await scene.client.find(a_lookup(given), timeout_s=T)
    gone = await scene.client.find(a_lookup(taken), timeout_s=T)
    assert isinstance(back, Declined)
    assert isinstance(gone, Declined)
    assert gone.failure.code is FailureCode.BOUNCED


@pytest.mark.parametrize("status", ["", "paid", "Completed", "x" * 500])
def test_a_status_that_is_not_documented_says_nothing(status: str) -> None:
    said = wire.outcome(order(status), a_config())
    assert isinstance(said, Unknown)
    assert len(said.reason) < 60


def test_paid_twice_the_sum_is_told() -> None:
    said = wire.together([order(number=1), order(number=2), order("canceled")], a_config())
    assert isinstance(said, Succeeded)
    assert said.amount == Money(5000, currency("USD"))
    euros = msgspec.structs.replace(order(number=2), currency="eur")
    assert isinstance(wire.together([order(), euros], a_config()), Unknown)


def test_one_order_that_is_paid_outweighs_others_that_are_not() -> None:
    rows = [order("canceled"), order("completed", number=2), order("created", number=3)]
    assert isinstance(wire.together(rows, a_config()), Succeeded)
    assert isinstance(wire.together(rows[::2], a_config()), Pending)


async def test_orders_of_another_customer_are_not_believed(scene: Scene) -> None:
    charge = await scene.begin(a_charge())
    foreign = {**scene.sale().order(), "customer_id": "1", "status": "completed"}
    scene.wire.instead["/orders"] = answered(200, [foreign])
    assert isinstance(await scene.client.find(a_lookup(charge), timeout_s=T), Unknown)
    scene.wire.instead["/orders"] = answered(200, [scene.sale().order()] * 25)
    said = await scene.client.find(a_lookup(charge), timeout_s=T)
    assert isinstance(said, Unknown), "the list may not be whole"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "validation_error", FailureCode.INVALID_REQUEST),
        (401, "unauthorized", FailureCode.PROVIDER_UNAVAILABLE),
        (403, "forbidden", FailureCode.PROVIDER_UNAVAILABLE),
        (404, "not-found", FailureCode.INVALID_REQUEST),
        (422, "validation_error", FailureCode.INVALID_REQUEST),
        (429, "rate-limited", FailureCode.PROVIDER_UNAVAILABLE),
    ],
)
def test_a_refused_checkout_is_a_no_and_others_may_try(
    status: int, code: str, expected: FailureCode
) -> None:
    charge = replace(a_charge(), provider_reference="customer:1")
    said = wire.created(refused(status, code), charge)
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.code) == (True, expected)
    assert said.failure.provider_code == code


@pytest.mark.parametrize(
    "answer",
    [
        refused(409, "conflict"),
        refused(500, "internal"),
        answered(400, {"status": 500, "code": "internal", "message": "words"}),
        answered(400, {"error": "no"}),
        answered(202, {"id": "1", "token": "t", "url": "https://checkout.paynow.gg/?t=t"}),
        answered(200, {"id": "1", "token": "t", "url": "javascript:alert(1)"}),
        answered(200, {"id": 1, "token": "t", "url": "https://checkout.paynow.gg/?t=t"}),
        Response(200),
    ],
)
def test_what_is_no_answer_of_paynows_leaves_it_open(answer: Response) -> None:
    charge = replace(a_charge(), provider_reference="customer:1")
    assert isinstance(wire.created(answer, charge), Unknown)


def test_an_error_shows_its_code_and_never_its_message() -> None:
    answer = answered(400, {"status": 400, "code": "a b<script>", "message": "pnapi-secret"})
    said = wire.created(answer, a_charge())
    assert isinstance(said, Declined)
    assert said.failure.provider_code == "no code of PayNow's"
    assert "pnapi-secret" not in repr(said)


async def test_a_customer_whose_answer_was_lost_leaves_nothing_to_pay(scene: Scene) -> None:
    scene.wire.instead["/customers"] = Response(502, {}, b"<html>")
    said = await scene.client.prepare(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.kind) == (True, FailureKind.UNAVAILABLE)
    assert list(scene.paynow.books()) == []


# Money back


async def test_a_refund_is_noted_at_the_customer_before_it_is_asked_for(scene: Scene) -> None:
    charge = await scene.pay(a_charge())
    scene.wire.asked.clear()
    refund = an_order(charge)
    assert isinstance(await scene.client.refund(refund, timeout_s=T), Succeeded)
    assert [one.method for one in scene.wire.asked] == ["GET", "GET", "PATCH", "POST"]
    noted = {"attempt_id": charge.attempt_id, "refund_id": refund.refund_id}
    assert scene.sale().player.metadata == noted


async def test_what_can_not_be_noted_is_not_refunded(scene: Scene) -> None:
    charge = await scene.pay(a_charge())
    customer = (charge.provider_reference or "").removeprefix("customer:")
    scene.wire.instead[f"/customers/{customer}"] = refused(403, "forbidden")
    assert isinstance(await scene.client.refund(an_order(charge), timeout_s=T), NotSent)
    assert [one.refunded_minor for one in scene.paynow.books()] == [0]


async def test_a_part_of_an_order_does_not_go_back(scene: Scene) -> None:
    charge = await scene.pay(a_charge())
    asked = len(scene.wire.asked)
    part = an_order(charge, amount=Money(1000, currency("USD")))
    said = await scene.client.refund(part, timeout_s=T)
    assert isinstance(said, Declined)
    assert not said.elsewhere
    assert len(scene.wire.asked) == asked


async def test_what_somebody_gave_back_in_the_dashboard_is_not_given_back_again(
    scene: Scene,
) -> None:
    charge = await scene.pay(a_charge())
    scene.paynow.give_back(charge.attempt_id, charge.amount.minor)
    said = await scene.client.refund(an_order(charge), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount == charge.amount
    assert [one.refunded_minor for one in scene.paynow.books()] == [charge.amount.minor]
    assert not any(one.url.endswith("/refund") for one in scene.wire.asked)


async def test_a_refund_may_take_its_time_and_is_found_by_its_id(scene: Scene) -> None:
    charge = await scene.pay(a_charge(minor=2532))
    refund = an_order(charge)
    said = await scene.client.refund(refund, timeout_s=T)
    assert isinstance(said, Pending)
    assert isinstance(await scene.client.find_refund(refund, timeout_s=T), Pending)
    assert isinstance(await scene.client.refund(refund, timeout_s=T), Pending), "not a second one"
    scene.clock.pass_(minutes=1)
    known = replace(refund, refund_reference=said.provider_reference)
    for one in (refund, known):
        assert isinstance(await scene.client.find_refund(one, timeout_s=T), Succeeded)
    assert len(scene.sale().returned) == 1


async def test_a_refund_that_failed_says_nothing_of_the_next(scene: Scene) -> None:
    charge = await scene.pay(a_charge(minor=2534))
    first, second = an_order(charge, 1), an_order(charge, 2)
    said = await scene.client.refund(first, timeout_s=T)
    assert isinstance(said, Pending)
    scene.clock.pass_(minutes=1)
    known = replace(first, refund_reference=said.provider_reference)
    assert isinstance(await scene.client.find_refund(known, timeout_s=T), Declined)
    assert isinstance(await scene.client.find_refund(second, timeout_s=T), NotFound)


async def test_what_the_payers_bank_took_is_not_given_back_too(scene: Scene) -> None:
    charge = await scene.pay(a_charge())
    scene.paynow.charge_back(charge.attempt_id)
    said = await scene.client.refund(an_order(charge), timeout_s=T)
    assert isinstance(said, Declined)
    assert not said.elsewhere
    assert scene.sale().returned == []


async def test_what_is_not_paid_yet_may_be_asked_back_later(scene: Scene) -> None:
    charge = await scene.begin(a_charge())
    said = await scene.client.refund(an_order(charge), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere


async def test_an_order_that_is_known_goes_back_too(scene: Scene) -> None:
    charge = await scene.pay(a_charge())
    refund = an_order(charge, provider_reference=scene.sale().order_id)
    assert isinstance(await scene.client.refund(refund, timeout_s=T), Succeeded)
    assert isinstance(await scene.client.find_refund(refund, timeout_s=T), Succeeded)


def test_a_part_that_went_back_in_the_dashboard_is_told_as_it_is() -> None:
    row = Refund(id="5", status="completed", amount=700, currency="usd")
    payment = Payment(id="3", order_id="1", refunds=(row,))
    said = refunds.among([payment], order(), an_order(a_charge()), a_config())
    assert isinstance(said, Succeeded)
    assert said.amount.minor == 700, "another sum than ours: a person looks"


# Connecting a store


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"apiKey": "a b"}, "apiKey"),
        ({"apiKey": ""}, "apiKey"),
        ({"storeId": "best-store"}, "storeId"),
        ({"storeId": "１２"}, "storeId"),
        ({"currency": "JPY"}, "currency"),
        ({"productId": "gems", "productPrice": 1}, "productId"),
        ({"productId": "77"}, "productPrice"),
        ({"productPrice": 5}, "productPrice"),
        ({"webhookSecrets": ["s"] * 33}, "webhookSecrets"),
    ],
)
def test_a_configuration_that_can_not_be_right_names_its_field(
    wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        a_config(**wrong)
    assert str(error.value).startswith(field)


async def test_a_probe_names_the_key_and_the_store(scene: Scene) -> None:
    await scene.client.probe(timeout_s=T)
    for wrong, field in (({"apiKey": "pnapi-x"}, "apiKey"), ({"storeId": "5"}, "storeId")):
        with pytest.raises(Invalid) as told:
            await scene.account({**scene.config, **wrong}).probe(timeout_s=T)
        assert told.value.field == field


@pytest.mark.parametrize(("bps", "on_top"), [(2000, False), (0, True)])
async def test_a_store_whose_tax_is_not_as_said_is_not_connected(bps: int, on_top: bool) -> None:
    scene = Scene(taxOnTop=on_top)
    scene.paynow.company.tax_bps = bps
    with pytest.raises(Invalid) as told:
        await scene.client.probe(timeout_s=T)
    assert told.value.field == "taxOnTop"


async def test_a_product_is_looked_up_when_the_store_is_connected() -> None:
    scene = Scene(productId="77", productPrice=50)
    with pytest.raises(Invalid) as told:
        await scene.client.probe(timeout_s=T)
    assert told.value.field == "productId"
    scene.paynow.company.products["77"] = 60
    with pytest.raises(Invalid) as told:
        await scene.client.probe(timeout_s=T)
    assert told.value.field == "productPrice"
    scene.paynow.company.products["77"] = 50
    await scene.client.probe(timeout_s=T)


def test_a_config_shows_no_secret() -> None:
    assert "whsec" not in repr(a_config())
    assert isinstance(a_config(), PayNowGgConfig)


async def test_a_customer_needs_a_name_and_has_one(scene: Scene) -> None:
    nameless = replace(a_charge(), customer=replace(a_charge().customer, name=None), reference=" ")
    assert isinstance(await scene.client.prepare(nameless, timeout_s=T), Prepared)
    (body,) = scene.wire.bodies("/customers")
    assert body["name"] == "Customer"

"""What is peculiar to OCTO's words: secrets in bodies, two envelopes, one path for two things."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit.registry import converted
from adapters.provider_kit.transport import Response
from adapters.providers.octo import MANIFEST, refunds, setup, wire
from adapters.providers.octo.scene import (
    ATTEMPT,
    NOON,
    REFUND,
    Recorded,
    a_charge,
    a_client,
    a_config,
    a_lookup,
    an_order,
    answered,
    fixture,
    som,
)
from domain.errors import Invalid
from domain.payments.outcome import (
    Declined,
    FailureCode,
    NotFound,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
MESSAGES = fixture("messages")
UUID = "e3f40dc3-4955-412a-853a-2ddd28d3201f"


def told(status: str = "created", total: object = 150000.33, **more: Any) -> dict[str, Any]:
    known = {"shop_transaction_id": ATTEMPT, "octo_payment_UUID": UUID, "status": status}
    page = {"octo_pay_url": f"https://pay2.octo.uz/pay/{UUID}", "refunded_sum": 0}
    return {"error": 0, "data": {**known, **page, "total_sum": total, **more}}


def created(body: object) -> Outcome:
    return wire.created(answered(body), a_charge(), a_config(), NOON)


async def test_a_create_has_the_documented_fields_in_local_time() -> None:
    line = Recorded(told())
    await a_client(line, test=True).charge(a_charge(phone="+998901112233"), timeout_s=1)
    (body,) = line.bodies
    sample = MESSAGES["prepare_payment_request"]
    assert body.keys() <= sample.keys()
    assert sample.keys() - body.keys() == {"basket", "payment_methods"}
    assert {name: type(body[name]) for name in body} == {name: type(sample[name]) for name in body}
    assert body["init_time"] == "2026-03-01 12:00:00"
    assert body["total_sum"] == 150000.33
    assert (body["auto_capture"], body["test"], body["ttl"]) == (True, True, 30)
    assert body["user_data"]["phone"] == "998901112233"
    assert line.asked[0].url == "https://secure.octo.uz/prepare_payment"


async def test_a_status_query_has_the_three_ids_and_nothing_else() -> None:
    line = Recorded(told("succeeded"))
    assert isinstance(await a_client(line).find(a_lookup(), timeout_s=1), Succeeded)
    (body,) = line.bodies
    assert body.keys() == MESSAGES["status_request"].keys()


async def test_a_refund_has_one_id_however_often_it_is_sent() -> None:
    done = MESSAGES["refund_response"]
    done = {**done, "data": {**done["data"], "octo_payment_UUID": UUID}}
    line = Recorded(done, done)
    order = an_order(provider_reference=UUID)
    for _ in range(2):
        said = await a_client(line).refund(order, timeout_s=1)
        assert said == Succeeded(
            amount=som("150000.33"), provider_reference=done["data"]["refund_id"]
        )
    assert [body["shop_refund_id"] for body in line.bodies] == [REFUND, REFUND]
    assert line.bodies[0].keys() == MESSAGES["refund_request"].keys()


async def test_a_capture_takes_all_of_the_hold() -> None:
    line = Recorded(told("waiting_for_capture"), told("succeeded"))
    said = await a_client(line).find(a_lookup(), timeout_s=1)
    assert said == Succeeded(amount=som("150000.33"), provider_reference=UUID)
    assert line.bodies[1].keys() == MESSAGES["set_accept_request"].keys()
    assert (line.bodies[1]["accept_status"], line.bodies[1]["final_amount"]) == (
        "capture",
        150000.33,
    )


@pytest.mark.parametrize("capture", [{"error": 5}, {"error": 0}, "rubbish", told("canceled")])
async def test_an_unclear_capture_is_neither_yes_nor_no(capture: object) -> None:
    line = Recorded(told("waiting_for_capture"), capture)
    assert isinstance(await a_client(line).find(a_lookup(), timeout_s=1), Pending)


@pytest.mark.parametrize("total", [150000.34, 1, None])
async def test_a_hold_of_another_sum_is_for_a_person(total: object) -> None:
    line = Recorded(told("waiting_for_capture", total))
    assert isinstance(await a_client(line).find(a_lookup(), timeout_s=1), Unknown)
    assert len(line.asked) == 1


@pytest.mark.parametrize("name", ["prepare_payment_response_new_envelope", "response_old_envelope"])
def test_both_published_envelopes_are_read(name: str) -> None:
    sample = MESSAGES[name]
    charge = a_charge(
        som("103.33", "USD"), attempt_id=sample.get("data", sample)["shop_transaction_id"]
    )
    said = wire.created(answered(sample), charge, a_config(), NOON)
    assert isinstance(said, Pending)
    assert said.provider_reference == sample.get("data", sample)["octo_payment_UUID"]
    assert said.next_action is not None
    assert said.next_action.url == sample.get("data", sample)["octo_pay_url"]


def test_what_data_does_not_say_is_read_at_the_top() -> None:
    body = told()
    url = body["data"].pop("octo_pay_url")
    said = created({**body, "octo_pay_url": url})
    assert isinstance(said, Pending)


@pytest.mark.parametrize(
    "body",
    [
        told(total=150000.34),
        told(total=15000033),
        told(shop_transaction_id="att_other"),
        told(octo_pay_url="javascript:1"),
        told(octo_payment_UUID=None),
        told("succeeded", total=None),
        told("something_new"),
        {"error": 11, "errMessage": "Requests too often. Minimum delay is 1 second"},
        {"error": 99},
        {"data": {}},
    ],
)
def test_the_payer_is_not_sent_where_sum_or_id_are_not_ours(body: object) -> None:
    assert isinstance(created(body), Unknown)


@pytest.mark.parametrize(
    ("error", "code"),
    [(1, FailureCode.INVALID_REQUEST), (2, FailureCode.PROVIDER_UNAVAILABLE)],
)
def test_a_documented_no_lets_another_provider_try(error: int, code: FailureCode) -> None:
    said = created({"error": error, "errMessage": "words"})
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.provider_code) == (code, str(error))
    assert said.elsewhere


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("created", Pending),
        ("wait_user_action", Pending),
        ("waiting_for_capture", Pending),
        ("succeeded", Succeeded),
        ("canceled", Declined),
        ("failed", Unknown),  # no page knows it
        ("refunded", Unknown),
        ("", Unknown),
    ],
)
def test_every_status_has_its_outcome(status: str, kind: type) -> None:
    known = msgspec.convert(told(status)["data"], wire.Payment, strict=False)
    said = wire.outcome(known, som("1.00"))
    assert isinstance(said, kind)
    assert not isinstance(said, Declined) or not said.elsewhere


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": 1, "errMessage": "Wrong params"}, NotFound),
        ({"error": 2, "errMessage": "Wrong secret"}, Unknown),
        ({"error": 11}, Unknown),
        ({"error": 7}, Unknown),
        (told(shop_transaction_id="att_other"), Unknown),
    ],
)
def test_a_query_that_fails_says_nothing_about_the_money(body: object, kind: type) -> None:
    assert isinstance(wire.found(answered(body), ATTEMPT), kind)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": 0, "data": {"status": "pending", "refund_id": "r"}}, Pending),
        ({"error": 0, "status": "succeeded", "refund_id": "r"}, Succeeded),
        ({"error": 0, "data": {"status": "ok"}}, Unknown),
        ({"error": 0, "data": {"status": "failed"}}, Declined),
        ({"error": 0, "data": {"status": "succeeded", "octo_payment_UUID": "x"}}, Unknown),
        ({"error": 3}, Declined),
        ({"error": 22}, Declined),
        ({"error": 8}, Unknown),
    ],
)
def test_a_refund_is_what_its_status_says(body: object, kind: type) -> None:
    said = refunds.given_back(answered(body), an_order(), UUID)
    assert isinstance(said, kind)
    assert not isinstance(said, Declined) or not said.elsewhere


def test_more_than_ten_million_som_at_once_is_not_even_sent() -> None:
    assert refunds.too_much(an_order("10000000.00")) is None
    assert isinstance(refunds.too_much(an_order("10000000.01")), Declined)


@pytest.mark.parametrize(
    ("back", "kind"), [(0, NotFound), (150000.33, Succeeded), (75000, Unknown), (0.001, Unknown)]
)
def test_a_refund_is_seen_in_the_sum_of_all(back: object, kind: type) -> None:
    raw = msgspec.json.encode(told("succeeded", refunded_sum=back))
    known = wire.found(Response(200, {}, raw), ATTEMPT)
    assert isinstance(known, wire.Payment)
    assert isinstance(refunds.in_sum(known, an_order()), kind)
    assert isinstance(refunds.in_sum(known, an_order("75000.00")), kind)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"shopId": "ten", "secret": "s"}, "shopId"),
        ({"shopId": "1", "secret": ""}, "secret"),
        ({"shopId": "1", "secret": "s", "signature": "unique_key"}, "uniqueKey"),
        ({"shopId": "1", "secret": "s", "signature": "md5"}, "signature"),
        ({"shopId": "1", "secret": "s", "ttlMinutes": 0}, "ttlMinutes"),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(config: Any, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted(config, MANIFEST.config)
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"error": 2, "errMessage": "no_shop_found"}, "shopId"),
        ({"error": 2, "errMessage": "Wrong secret"}, "secret"),
        ({"error": 11}, "baseUrl"),
        ("hello", "baseUrl"),
    ],
)
def test_a_refusal_at_the_desk_names_its_field(body: object, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        setup.accepted(answered(body))
    assert wrong.value.field == field
    setup.accepted(answered({"error": 1}))

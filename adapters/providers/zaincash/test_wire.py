"""What is peculiar to ZainCash's words: dinars as text, a UUID of our own making, two secrets."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.registry import converted
from adapters.provider_kit.transport import Response
from adapters.providers.zaincash import MANIFEST, access, refunds, wire
from adapters.providers.zaincash.scene import (
    ATTEMPT,
    REFUND,
    Recorded,
    a_charge,
    a_client,
    a_config,
    a_lookup,
    an_order,
    answered,
    fixture,
    iqd,
)
from adapters.providers.zaincash.simulated_company import _dinars
from domain.currencies import CURRENCIES, currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import (
    Declined,
    FailureCode,
    FailureKind,
    NotFound,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
GUIDE = fixture("guide")
ID = GUIDE["init_response"]["transactionDetails"]["transactionId"]
IDS = st.from_regex(r"att_[0-9A-HJKMNP-TV-Z]{26}[0-9]{2}", fullmatch=True)


def details(value: object = "5000", order: str = ATTEMPT) -> dict[str, Any]:
    amount = {"currency": "IQD", "value": value}
    return {"transactionId": ID, "orderId": order, "amount": amount}


def told(status: str, value: object = 5000, order: str = ATTEMPT) -> dict[str, Any]:
    return {
        **GUIDE["inquiry_response"],
        "status": status,
        "transactionDetails": details(value, order),
    }


def made(**more: Any) -> dict[str, Any]:
    return {**GUIDE["init_response"], "transactionDetails": details(), **more}


async def charged(answer: Response) -> Outcome:
    return await a_client(Recorded(answer)).charge(a_charge(), timeout_s=1)


async def test_an_init_has_the_published_shape_and_no_phone_unless_wanted() -> None:
    line = Recorded(answered(made()), answered(made()))
    charge = a_charge(phone="+9647802999569")
    assert isinstance(await a_client(line).charge(charge, timeout_s=1), Pending)
    await a_client(line, send_phone=True).charge(charge, timeout_s=1)
    bodies = [msgspec.json.decode(one.body) for one in line.asked]
    assert bodies[0].keys() == fixture("init_request").keys()
    assert bodies[1].keys() == GUIDE["init_request"].keys()
    assert bodies[1]["customer"] == {"phone": "9647802999569"}
    assert bodies[0]["amount"] == {"value": "5000", "currency": "IQD"}
    assert (bodies[0]["orderId"], bodies[0]["language"]) == (ATTEMPT, "En")
    assert line.asked[0].headers["authorization"] == "Bearer t1"
    assert line.asked[0].url.startswith("https://pg-api-uat.zaincash.iq/api/v2/payment-gateway/")


async def test_a_token_is_asked_for_once_with_its_scope() -> None:
    line = Recorded(*[answered(made()) for _ in range(3)])
    client = a_client(line)
    for _ in range(3):
        await client.charge(a_charge(), timeout_s=1)
    assert line.tokens == 1
    asked = access.request(a_config(client_secret="a&b c"[:3]))
    assert b"client_secret=a%26b&scope=payment%3Aread+payment%3Awrite+reverse%3Awrite" in asked.body


@pytest.mark.parametrize("name", ["init_response"])
def test_the_published_answers_are_read(name: str) -> None:
    for sample in (fixture(name), GUIDE[name]):
        known = sample["transactionDetails"]
        charge = a_charge(iqd(str(known["amount"]["value"])), attempt_id=known["orderId"])
        said = wire.created(answered(sample), charge)
        assert isinstance(said, Pending)
        assert said.provider_reference == known["transactionId"]
        assert said.next_action is not None
        assert said.next_action.url == sample["redirectUrl"]
    found = wire.inquiry(answered(GUIDE["inquiry_response"]), ID, "moi-21323123vc")
    assert isinstance(found, wire.Inquiry)
    assert isinstance(wire.outcome(found.status, iqd("500"), ID), Pending)


async def test_the_page_ends_when_zaincash_says_so() -> None:
    said = await charged(answered(made(expiryTime="2026-03-01T09:15:00.402+00:00")))
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.expires_at == datetime(2026, 3, 1, 9, 15, 0, 402_000, UTC)
    vague = await charged(answered(made(expiryTime="soon")))
    assert isinstance(vague, Pending)
    assert vague.next_action is not None
    assert vague.next_action.expires_at == a_charge().expires_at


@pytest.mark.parametrize(
    "body",
    [
        made(transactionDetails=details("5001")),
        made(transactionDetails=details("5000000")),
        made(transactionDetails=details(order="att_other")),
        made(status="FAILED"),
        made(redirectUrl="javascript:1"),
        {"status": "SUCCESS"},
    ],
)
async def test_the_payer_is_not_sent_where_order_or_amount_are_not_ours(body: object) -> None:
    assert isinstance(await charged(answered(body)), Unknown)


async def test_a_duplicate_reference_is_not_a_no_and_names_what_to_ask_about() -> None:
    for word in ("PAYMENT_GATEWAY_DUPLICATE_REFERENCE", "EXTERNAL_REFERENCE_ALREADY_EXISTS"):
        said = await charged(answered({"error": {"code": word, "transactionId": ID}}, 400))
        assert isinstance(said, Unknown)
        assert said.provider_reference == ID


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {}, FailureCode.PROVIDER_UNAVAILABLE),
        (403, {"code": "PAYMENT_GATEWAY_UNAUTHORIZED"}, FailureCode.PROVIDER_UNAVAILABLE),
        (400, {"error": {"code": "PAYMENT_GATEWAY_BAD_REQUEST"}}, FailureCode.INVALID_REQUEST),
    ],
)
async def test_a_documented_no_lets_another_provider_try(
    status: int, body: object, code: FailureCode
) -> None:
    said = await charged(answered(body, status))
    assert isinstance(said, Declined)
    assert said.failure.code is code
    assert said.elsewhere


@pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500, 503])
async def test_a_refusal_without_a_word_of_theirs_is_unknown(status: int) -> None:
    assert isinstance(await charged(answered({"message": "no"}, status)), Unknown)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("PENDING", Pending),
        ("OTP_SENT", Pending),
        ("CUSTOMER_AUTHENTICATION_REQUIRED", Pending),
        ("SUCCESS", Succeeded),
        ("REFUNDED", Succeeded),
        ("FAILED", Declined),
        ("EXPIRED", Declined),
        ("COMPLETED", Unknown),
    ],
)
async def test_every_status_has_its_outcome(status: str, kind: type) -> None:
    said = await a_client(Recorded(answered(told(status)))).find(a_lookup(ID), timeout_s=1)
    assert isinstance(said, kind)
    if isinstance(said, Declined):
        expected = FailureKind.EXPIRED if status == "EXPIRED" else FailureKind.DECLINED
        assert (said.failure.kind, said.elsewhere) == (expected, False)


async def test_only_the_documented_word_is_not_found() -> None:
    absent = answered({"code": "PAYMENT_GATEWAY_TRANSACTION_NOT_FOUND"}, 404)
    assert isinstance(await a_client(Recorded(absent)).find(a_lookup(ID), timeout_s=1), NotFound)
    other = answered({"message": "no such path"}, 404)
    assert isinstance(await a_client(Recorded(other)).find(a_lookup(ID), timeout_s=1), Unknown)


async def test_without_an_id_a_person_is_told_which_order_to_look_for() -> None:
    line = Recorded()
    said = await a_client(line).find(a_lookup(None), timeout_s=1)
    assert isinstance(said, Unknown)
    assert ATTEMPT in said.reason
    assert not line.asked


async def test_a_query_that_is_refused_for_its_token_is_asked_with_a_new_one() -> None:
    line = Recorded(Response(401), answered(told("SUCCESS")))
    assert isinstance(await a_client(line).find(a_lookup(ID), timeout_s=1), Succeeded)
    assert [one.headers["authorization"] for one in line.asked] == ["Bearer t1", "Bearer t2"]


async def test_an_init_that_is_refused_for_its_token_is_not_sent_again() -> None:
    line = Recorded(Response(401), answered(made()))
    client = a_client(line)
    assert isinstance(await client.charge(a_charge(), timeout_s=1), Declined)
    assert len(line.asked) == 1
    assert isinstance(await client.charge(a_charge(), timeout_s=1), Pending)
    assert line.tokens == 2


async def test_a_reversal_has_the_published_shape_and_our_id_in_its_reason() -> None:
    done = {**GUIDE["reverse_response"], "amount": 5000}
    line = Recorded(answered(told("SUCCESS")), answered(done))
    said = await a_client(line).refund(an_order(ID), timeout_s=1)
    assert said == Succeeded(
        amount=iqd("5000"), provider_reference=GUIDE["reverse_response"]["reversalReferenceId"]
    )
    body = msgspec.json.decode(line.asked[1].body)
    assert body.keys() == GUIDE["reverse_request"].keys()
    assert body["reason"].startswith(REFUND)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("REFUNDED", Succeeded), ("PENDING", Declined), ("FAILED", Declined), ("NEW", Declined)],
)
async def test_only_what_shows_success_is_reversed(status: str, kind: type) -> None:
    line = Recorded(answered(told(status)))
    assert isinstance(await a_client(line).refund(an_order(ID), timeout_s=1), kind)
    assert len(line.asked) == 1


async def test_parts_and_other_amounts_are_not_reversed() -> None:
    line = Recorded(answered(told("SUCCESS", 6000)))
    assert isinstance(await a_client(line).refund(an_order(ID, "4000"), timeout_s=1), Declined)
    assert isinstance(await a_client(line).refund(an_order(ID), timeout_s=1), Declined)
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "again"),
    [
        (answered({"status": "COMPLETED", "amount": 5000}), Succeeded, False),
        (answered({"status": "PENDING", "amount": 5000}), Unknown, False),
        (answered({"status": "COMPLETED"}), Unknown, False),
        (Response(401), Declined, True),
        (answered({"code": "PAYMENT_GATEWAY_UNAUTHORIZED"}, 403), Declined, True),
        (answered({"code": "PAYMENT_GATEWAY_BAD_REQUEST"}, 400), Declined, False),
        (Response(500), Unknown, False),
    ],
)
def test_a_reversal_is_what_its_answer_says(answer: Response, kind: type, again: bool) -> None:
    said = refunds.reversed_(answer, an_order(ID))
    assert isinstance(said, kind)
    assert not isinstance(said, Declined) or said.elsewhere is again


@given(st.integers(1, 10**9))
def test_whole_dinars_are_text_and_come_back_exactly(whole: int) -> None:
    amount = Money(whole * wire.FILS, currency("IQD"))
    text = wire.dinars(amount)
    assert text is not None
    assert _dinars(text) == whole  # as the other side reads it
    for value in (text, whole):
        read = msgspec.convert({"value": value, "currency": "IQD"}, wire.Amount, strict=False)
        assert read.money() == amount


@given(st.integers(-10, 10**9), st.sampled_from(sorted(CURRENCIES)))
def test_anything_but_whole_dinars_is_not_sent(minor: int, code: str) -> None:
    whole = code == "IQD" and minor > 0 and minor % 1000 == 0
    assert (wire.dinars(Money(minor, currency(code))) is not None) is whole


@given(st.lists(IDS, min_size=2, max_size=50, unique=True))
def test_references_are_uuids_and_never_the_same(ids: list[str]) -> None:
    references = [wire.external(one) for one in ids]
    assert len(set(references)) == len(ids)
    assert references == [wire.external(one) for one in ids]
    assert all(len(one) == 36 for one in references)


async def test_without_a_page_to_come_back_to_nothing_is_sent() -> None:
    line = Recorded(answered(made()))
    charge = a_charge(return_url=None)
    said = await a_client(line).charge(charge, timeout_s=1)
    assert isinstance(said, Declined)
    assert not line.asked
    own = a_client(line, return_url="https://shop.example/thanks")
    assert isinstance(await own.charge(charge, timeout_s=1), Pending)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"clientId": "", "clientSecret": "s"}, "clientId"),
        ({"clientId": "c", "clientSecret": "s p"}, "clientSecret"),
        ({"clientId": "c", "clientSecret": "same", "apiKey": "same"}, "apiKey"),
        ({"clientId": "c", "clientSecret": "s", "language": "en"}, "language"),
        ({"clientId": "c", "clientSecret": "s", "serviceType": ""}, "serviceType"),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(config: Any, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted(config, MANIFEST.config)
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (answered({"error": "invalid_client"}, 401), "clientSecret"),
        (answered({"error": "invalid_scope"}, 400), "scope"),
        (answered({"error": "server_error"}, 500), "baseUrl"),
        (answered({"access_token": ""}), "baseUrl"),
        (Response(200, {}, b"hello"), "baseUrl"),
    ],
)
def test_a_refusal_at_the_desk_names_its_field(answer: Response, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        access.accepted(answer)
    assert wrong.value.field == field

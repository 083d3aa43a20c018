"""What is peculiar to YallaPay: codes as text, days, duplicate references, signed callbacks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded, StillClock, answered
from adapters.provider_kit.simulator import Action, Outgoing
from adapters.provider_kit.transport import Response
from adapters.providers.yallapay import notices, wire
from adapters.providers.yallapay.config import YallaPayConfig
from adapters.providers.yallapay.scene import (
    ATTEMPT,
    NOON,
    Scene,
    T,
    a_charge,
    a_client,
    a_lookup,
    fixture,
    sdg,
)
from domain.errors import Forged, Invalid
from domain.payments.outcome import (
    Declined,
    FailureCode,
    NotFound,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio
LINK = fixture("link_response")
STATUS = {**fixture("status_response"), "clientReferenceId": ATTEMPT}
VECTOR = fixture("webhook_vector")
SENT_AT = datetime.fromtimestamp(1719057920, UTC)
MISSING = {"responseCode": "1", "responseMessage": "Payment not found"}


def genuine(**headers: str) -> Callback:
    given = {name.lower(): value for name, value in VECTOR["headers"].items()}
    return Callback(VECTOR["raw_body"].encode(), {**given, **headers})


def arrived(one: Outgoing) -> Callback:
    return Callback(one.body, {name.lower(): value for name, value in one.headers.items()})


# A link


@pytest.mark.parametrize("code", ["0", 0])
def test_success_is_the_text_0_also_when_it_comes_as_a_number(code: object) -> None:
    said = wire.created(answered(200, {**LINK, "responseCode": code}), a_charge())
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.url == LINK["paymentUrl"]


def test_a_refusal_makes_no_link_and_keeps_the_code() -> None:
    body = {**LINK, "responseCode": "1", "responseMessage": "Invalid amount", "paymentUrl": ""}
    said = wire.created(answered(200, body), a_charge())
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert (said.failure.code, said.failure.provider_code) == (FailureCode.INVALID_REQUEST, "1")


def test_a_token_that_is_not_taken_is_our_set_up_and_not_the_payers_fault() -> None:
    body = {"responseCode": "401", "responseMessage": "Unauthorized"}
    said = wire.created(answered(401, body), a_charge())
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.PROVIDER_UNAVAILABLE


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"responseCode": "1", "responseMessage": "Invalid amount"}),  # it may have acted
        (302, {"responseCode": "1", "responseMessage": "Moved"}),
        (200, {**LINK, "paymentUrl": ""}),
        (200, {**LINK, "paymentUrl": "javascript:alert(1)"}),
        (401, {"message": "Unauthorized"}),  # somebody on the way, for all we know
    ],
)
def test_what_is_no_clear_no_is_unknown(status: int, body: object) -> None:
    assert isinstance(wire.created(answered(status, body), a_charge()), Unknown)


async def test_a_reference_that_is_known_already_is_asked_about_and_never_a_no() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    again = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(again, Unknown)
    assert [one.status for one in scene.simulator.books()] == ["pending"]


async def test_below_a_thousand_pounds_nothing_is_sent() -> None:
    transport = Recorded()
    said = await a_client(transport).charge(a_charge("999.99"), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert transport.asked == []


async def test_the_commission_is_never_put_on_top_of_what_we_ask_for() -> None:
    transport = Recorded((200, LINK))
    await a_client(transport).charge(a_charge(), timeout_s=T)
    body = msgspec.json.decode(transport.asked[0].body)
    assert body["commissionPaidByCustomer"] is False
    assert body["paymentFailedRedirectUrl"] == "https://shop.example/back"


# A status


def test_the_published_status_is_a_success_of_its_own_amount() -> None:
    said = wire.found(answered(200, STATUS), a_lookup())
    assert said == Succeeded(amount=sdg("1500.00"), provider_reference="yp-ref-456")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("FAILED", FailureCode.PAYER_REJECTED),
        ("CANCELLED", FailureCode.PAYER_REJECTED),
        ("EXPIRED", FailureCode.EXPIRED),
        ("expired", FailureCode.EXPIRED),
    ],
)
def test_a_final_word_is_a_no_with_its_code(word: str, code: FailureCode) -> None:
    said = wire.found(answered(200, {**STATUS, "status": word, "amount": 3000}), a_lookup())
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (code, False)


@pytest.mark.parametrize("word", ["REVOKED", "REFUNDED", "IN_REVIEW", ""])
def test_a_word_whose_meaning_nobody_tells_is_for_a_person(word: str) -> None:
    assert isinstance(wire.found(answered(200, {**STATUS, "status": word}), a_lookup()), Unknown)


@pytest.mark.parametrize("amount", [None, -1, "x", 1500.001])
def test_a_success_without_a_clear_amount_is_not_one(amount: object) -> None:
    said = wire.found(answered(200, {**STATUS, "amount": amount}), a_lookup())
    assert not isinstance(said, Succeeded | Declined)


def test_anothers_payment_is_not_ours() -> None:
    body = {**STATUS, "clientReferenceId": "order-123"}
    assert isinstance(wire.found(answered(200, body), a_lookup()), Unknown)


async def test_a_link_made_after_midnight_in_khartoum_is_found_under_its_day_there() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # the second of March in Khartoum
    scene = Scene(late)
    await scene.client.charge(a_charge(opened_at=late), timeout_s=T)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    said = await scene.client.find(a_lookup(opened_at=late), timeout_s=T)
    assert isinstance(said, Succeeded)


async def test_a_payment_filed_under_a_later_day_is_found_too() -> None:
    transport = Recorded((200, MISSING), (200, STATUS))
    client = a_client(transport, clock_after(days=1))
    assert isinstance(await client.find(a_lookup(), timeout_s=T), Succeeded)
    days = [msgspec.json.decode(one.body)["transactionDate"] for one in transport.asked]
    assert days == ["2026-03-01", "2026-03-02"]


async def test_not_found_is_said_only_when_no_day_knows_it_and_the_days_are_few() -> None:
    transport = Recorded(*[(200, MISSING)] * 4)
    client = a_client(transport, clock_after(days=400))
    assert isinstance(await client.find(a_lookup(), timeout_s=T), NotFound)
    assert len(transport.asked) == 4


async def test_a_day_that_can_not_be_asked_leaves_it_open() -> None:
    transport = Recorded((200, MISSING), (500, {}))
    client = a_client(transport, clock_after(days=1))
    assert isinstance(await client.find(a_lookup(), timeout_s=T), Unknown)


def clock_after(**time: float) -> StillClock:
    clock = StillClock(NOON)
    clock.pass_(**time)
    return clock


# Callbacks


def test_the_vector_is_genuine_and_only_a_hint() -> None:
    told = a_client(Recorded()).receive(genuine(), SENT_AT)
    assert (told.attempt_id, told.provider_reference) == ("order-123", "yp-ref-456")
    assert (told.trusted, told.answer) == (False, None)


def test_an_upper_case_signature_is_taken() -> None:
    upper = VECTOR["headers"]["YallaPay-Signature"].upper()
    told = a_client(Recorded()).receive(genuine(**{notices.SIGNATURE: upper}), SENT_AT)
    assert told.attempt_id == "order-123"


@pytest.mark.parametrize("late", [timedelta(minutes=5, seconds=1), -timedelta(minutes=6)])
def test_five_minutes_are_the_window_on_both_sides(late: timedelta) -> None:
    with pytest.raises(Forged):
        a_client(Recorded()).receive(genuine(), SENT_AT + late)


@pytest.mark.parametrize(
    "callback",
    [
        replace(genuine(), body=VECTOR["raw_body"].replace("order-123", "order-124").encode()),
        genuine(**{notices.TIMESTAMP: "1719057920001"}),
        genuine(**{notices.TIMESTAMP: ""}),
        genuine(**{notices.SIGNATURE: ""}),
        Callback(VECTOR["raw_body"].encode()),
    ],
)
def test_a_changed_body_time_or_signature_is_forged(callback: Callback) -> None:
    with pytest.raises(Forged):
        a_client(Recorded()).receive(callback, SENT_AT)


def test_without_a_webhook_secret_nobody_can_sign() -> None:
    with pytest.raises(Forged):
        a_client(Recorded(), webhook_secret="").receive(genuine(), SENT_AT)


async def test_the_other_recipe_signs_the_body_alone_and_is_a_setting() -> None:
    scene = Scene(signature="body")
    scene.simulator.recipe = "body"
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    (one,) = scene.simulator.take_due(NOON)
    assert scene.client.receive(arrived(one), NOON).attempt_id == ATTEMPT
    with pytest.raises(Forged):
        Scene().client.receive(arrived(one), NOON)


# An account


@pytest.mark.parametrize(
    ("field", "config"),
    [
        ("apiKey", {"api_key": ""}),
        ("apiKey", {"api_key": "Bearer sk_1"}),
        ("webhookSecret", {"api_key": "sk_1", "webhook_secret": " x"}),
    ],
)
def test_a_configuration_that_can_not_be_right_is_refused(
    field: str, config: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=field):
        YallaPayConfig(**config)  # type: ignore[arg-type]


async def test_a_page_that_is_not_yallapays_is_the_wrong_address() -> None:
    for answer in (Response(200, {}, b"<html>"), Response(503)):
        transport = Recorded()
        transport._answers = [answer]
        with pytest.raises(Invalid) as told:
            await a_client(transport).probe(timeout_s=T)
        assert told.value.field == "baseUrl"

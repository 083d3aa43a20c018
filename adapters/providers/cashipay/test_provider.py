"""What is peculiar to CashiPay: QR codes, four words for paid, unsigned hints, a needed e-mail."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.simulator import Action, Outgoing
from adapters.provider_kit.transport import Response
from adapters.providers.cashipay import wire
from adapters.providers.cashipay.config import CashiPayConfig
from adapters.providers.cashipay.scene import (
    ATTEMPT,
    HOOK,
    NOON,
    Scene,
    T,
    a_charge,
    a_client,
    a_config,
    a_lookup,
    fixture,
    sdg,
)
from domain.errors import Forged, Invalid
from domain.payments.intent import Customer
from domain.payments.outcome import (
    ActionType,
    Declined,
    FailureCode,
    FailureKind,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Callback, Lookup

pytestmark = pytest.mark.anyio
CREATED = {**fixture("create_response"), "expiresAt": "2026-03-01T12:00:00Z"}
HOOKED = fixture("webhook")


def status(word: str, **more: Any) -> dict[str, Any]:
    return {"referenceNumber": "CP-0001", "status": word, **more}


def arrived(one: Outgoing) -> Callback:
    return Callback(one.body, {name.lower(): value for name, value in one.headers.items()})


# A payment request


def test_a_request_is_pending_with_a_code_to_scan_until_it_ends() -> None:
    said = wire.created(answered(201, CREATED), a_charge())
    assert isinstance(said, Pending)
    assert said.provider_reference == "CP-0001"
    assert said.next_action is not None
    assert said.next_action.type is ActionType.SHOW_QR
    assert said.next_action.image_url == CREATED["qrCode"]["dataUrl"]
    assert said.next_action.expires_at == NOON.replace(hour=12)


async def test_no_wallet_is_named_so_no_one_time_password_is_sent() -> None:
    transport = Recorded((201, CREATED))
    await a_client(transport).charge(a_charge(), timeout_s=T)
    body = msgspec.json.decode(transport.asked[0].body)
    assert "walletAccountNumber" not in body
    assert body["customerPhone"] == "0912000000"
    assert (body["merchantOrderId"], body["callbackUrl"]) == (ATTEMPT, HOOK)
    assert body["amount"] == {"value": 1500.0, "currency": "SDG"}


@pytest.mark.parametrize(
    "lacking", [{"customer": Customer(phone="+249912000000")}, {"return_url": None}]
)
async def test_without_an_email_or_a_way_back_nothing_is_sent(lacking: dict[str, Any]) -> None:
    transport = Recorded()
    said = await a_client(transport).charge(a_charge(**lacking), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.code) == (True, FailureCode.INVALID_REQUEST)
    assert transport.asked == []


async def test_the_accounts_own_email_and_address_stand_in() -> None:
    scene = Scene(customerEmail="shop@example.com", returnUrl="https://shop.example/")
    charge = a_charge(customer=Customer(), return_url=None)
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)


@pytest.mark.parametrize("code", [400, 401, 403, 422])
def test_a_refusal_with_words_made_no_request(code: int) -> None:
    said = wire.created(answered(code, {"message": "no"}), a_charge())
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.provider_code) == (True, str(code))


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (400, {}),
        (409, {"message": "Duplicate order"}),
        (429, {"message": "Slow down"}),
        (500, {"message": "no"}),
        (201, {**CREATED, "qrCode": None}),
        (201, {**CREATED, "qrCode": {"dataUrl": "https://elsewhere.example/x.png"}}),
        (201, {**CREATED, "referenceNumber": ""}),
        (201, {**CREATED, "merchantOrderId": "another"}),
        (201, {**CREATED, "amount": {"value": 1499, "currency": "SDG"}}),
        (201, {**CREATED, "status": "REVIEW"}),
    ],
)
def test_what_is_no_clear_no_is_unknown(code: int, body: object) -> None:
    assert isinstance(wire.created(answered(code, body), a_charge()), Unknown)


# A status


@pytest.mark.parametrize("word", ["COMPLETED", "PAID", "SUCCESS", "APPROVED", "completed"])
def test_four_words_are_paid(word: str) -> None:
    said = wire.found(answered(200, status(word)), a_lookup())
    assert said == Succeeded(amount=sdg("1500.00"), provider_reference="CP-0001")


def test_an_amount_that_is_told_is_taken_as_told() -> None:
    body = status("PAID", amount={"value": 1499.5, "currency": "SDG"})
    said = wire.found(answered(200, body), a_lookup())
    assert isinstance(said, Succeeded)
    assert said.amount == sdg("1499.50")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("FAILED", FailureKind.DECLINED),
        ("EXPIRED", FailureKind.EXPIRED),
        ("CANCELLED", FailureKind.CANCELED),
    ],
)
def test_three_words_are_final(word: str, kind: FailureKind) -> None:
    said = wire.found(answered(200, status(word)), a_lookup())
    assert isinstance(said, Declined)
    assert (said.failure.kind, said.elsewhere) == (kind, False)


@pytest.mark.parametrize(
    "body",
    [
        status("REFUNDED"),
        status(""),
        status("PAID", merchantOrderId="another"),
        status("PAID", amount={"value": -1}),
        status("PAID", amount={"value": 1500, "currency": "QQQ"}),
        {**status("PAID"), "referenceNumber": "CP-0002"},
    ],
)
def test_what_nobody_explains_or_is_anothers_is_open(body: object) -> None:
    assert isinstance(wire.found(answered(200, body), a_lookup()), Unknown)


@pytest.mark.parametrize("code", [400, 401, 404, 500])
def test_a_query_that_is_refused_says_nothing_of_the_money(code: int) -> None:
    said = wire.found(answered(code, {"message": "Payment request not found"}), a_lookup())
    assert isinstance(said, Unknown)


async def test_without_its_reference_nothing_can_be_asked_or_canceled() -> None:
    transport = Recorded()
    client = a_client(transport)
    assert isinstance(await client.find(a_lookup(None), timeout_s=T), Unknown)
    assert isinstance(await client.cancel(a_lookup(None), timeout_s=T), Unknown)
    assert transport.asked == []


async def test_a_reference_is_one_part_of_an_address_whatever_it_holds() -> None:
    transport = Recorded((404, {"message": "no"}))
    await a_client(transport).find(a_lookup("../x?y"), timeout_s=T)
    assert transport.asked[0].url.endswith("/payment-requests/..%2Fx%3Fy")


# Callbacks


def test_the_published_callback_is_a_hint() -> None:
    told = a_client(Recorded()).receive(Callback(msgspec.json.encode(HOOKED)), NOON)
    assert (told.provider_reference, told.attempt_id) == ("CP-0001", "order-0001")
    assert (told.trusted, told.answer) == (False, None)


async def test_a_callback_finds_a_request_whose_answer_was_lost() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    (one,) = scene.simulator.take_due(NOON)
    told = scene.client.receive(arrived(one), NOON)
    assert told.attempt_id == ATTEMPT
    asked: Lookup = replace(a_lookup(None), provider_reference=told.provider_reference)
    assert isinstance(await scene.client.find(asked, timeout_s=T), Succeeded)


async def test_an_account_with_a_secret_takes_signed_callbacks_only() -> None:
    scene = Scene(webhookSecret="whsec-sim-demo")
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    scene.simulator.signs = True
    scene.simulator.tell_again(ATTEMPT)
    plain, signed = map(arrived, scene.simulator.take_due(NOON))
    assert scene.client.receive(signed, NOON).attempt_id == ATTEMPT
    changed = replace(signed, body=signed.body.replace(b"COMPLETED", b"FAILEDXXX"))
    for callback in (plain, changed):
        with pytest.raises(Forged):
            scene.client.receive(callback, NOON)


@pytest.mark.parametrize("field", ["referenceNumber", "status", "merchantOrderId"])
@pytest.mark.parametrize("value", ["", "x" * 81, 5, None])
def test_a_callback_of_another_shape_is_refused(field: str, value: object) -> None:
    body = msgspec.json.encode({**HOOKED, field: value})
    with pytest.raises(Invalid):
        a_client(Recorded()).receive(Callback(body), NOON)


# An account


async def test_each_request_says_where_to_call() -> None:
    added = await a_client(Recorded()).register(HOOK, timeout_s=T)
    assert added == {"callbackUrl": HOOK}


@pytest.mark.parametrize(
    ("field", "config"),
    [
        ("apiKey", {"api_key": ""}),
        ("apiKey", {"api_key": "Bearer x"}),
        ("customerEmail", {"customer_email": "nobody"}),
        ("returnUrl", {"return_url": "shop.example"}),
    ],
)
def test_a_configuration_that_can_not_be_right_is_refused(
    field: str, config: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=field):
        CashiPayConfig(**{"api_key": "k", **config})


@pytest.mark.parametrize("answer", [Response(404, {}, b"<html>"), Response(503)])
async def test_a_page_that_is_not_cashipays_is_the_wrong_address(answer: Response) -> None:
    transport = Recorded()
    transport._answers = [answer]
    with pytest.raises(Invalid) as told:
        await a_client(transport).probe(timeout_s=T)
    assert told.value.field == "baseUrl"
    assert a_config().api_key not in str(told.value)

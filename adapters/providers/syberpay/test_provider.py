"""What is peculiar to SyberPay: hashes of exact texts, two places of a status, silent notices."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.simulator import Action
from adapters.providers.syberpay import hashes, notices, wire
from adapters.providers.syberpay.config import SyberPayConfig
from adapters.providers.syberpay.scene import (
    ATTEMPT,
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
from domain.ids import AttemptId
from domain.payments.intent import Customer
from domain.payments.outcome import Declined, FailureCode, Pending, Succeeded, Unknown
from domain.ports.providers import Callback, Lookup

pytestmark = pytest.mark.anyio
VECTORS = fixture("hash_vectors")
PAGE = {
    "responseCode": 1,
    "responseMessage": "Approved",
    "paymentUrl": "https://syberpay.example/payment/TXN-1",
    "transactionId": "TXN-1",
    "hash": "00",
}


def status(
    top: str = "Successful", inner: str = "Successful", code: int = 0, **more: object
) -> object:
    payment = {"status": inner, "responseCode": code, "customerRef": ATTEMPT, **more}
    return {"status": top, "responseCode": 1, "transactionId": "TXN-1", "payment": payment}


def form(**changed: str) -> bytes:
    told = {"transactionId": "TXN-1", "token": "TOKEN-1", "hash": VECTORS["notify"]["sha256_hex"]}
    return urlencode({**told, **changed}).encode()


# Hashes


def test_the_vectors_of_both_hashes_hold() -> None:
    said = hashes.request_hash(a_config(), "100.00", "SDG", "ORD-1")
    assert said == VECTORS["getUrl"]["sha256_hex"]
    said = hashes.notice_hash(a_config(), "TXN-1", "TOKEN-1")
    assert said == VECTORS["notify"]["sha256_hex"]


@pytest.mark.parametrize(
    ("setting", "amount", "sent"),
    [
        ("text", "100.00", b'"amount":"100.00"'),
        ("number", "100.00", b'"amount":100,'),
        ("number", "100.50", b'"amount":100.50,'),
    ],
)
def test_the_amount_is_hashed_in_the_very_text_that_is_sent(
    setting: str, amount: str, sent: bytes
) -> None:
    config = a_config(amount_format=setting)
    body = wire.request(a_charge(amount), config)
    assert sent in msgspec.json.encode(body)
    text = sent.partition(b":")[2].strip(b'",').decode()
    assert body["hash"] == hashes.request_hash(config, text, "SDG", ATTEMPT)


async def test_either_way_of_writing_an_amount_is_the_same_money() -> None:
    for setting in ("text", "number"):
        scene = Scene(amountFormat=setting)
        assert isinstance(await scene.client.charge(a_charge("1500.00"), timeout_s=T), Pending)
        assert [one.amount_minor for one in scene.simulator.books()] == [150_000]


async def test_a_wrong_salt_makes_no_page() -> None:
    scene = Scene(salt="another")
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.code) == (True, FailureCode.INVALID_REQUEST)
    assert list(scene.simulator.books()) == []


# A page


def test_a_page_is_pending_under_syberpays_number() -> None:
    said = wire.created(answered(200, PAGE), a_charge())
    assert isinstance(said, Pending)
    assert said.provider_reference == "TXN-1"


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (500, {"responseCode": 5}),
        (200, {**PAGE, "transactionId": None}),
        (200, {**PAGE, "paymentUrl": "ftp://x"}),
        (200, {**PAGE, "responseCode": 5}),  # a page and a no: it contradicts itself
        (200, {**PAGE, "customerRef": "another"}),
        (200, {"responseCode": 1}),
        (200, {"responseCode": 10**30}),
    ],
)
def test_what_is_no_clear_no_is_unknown(code: int, body: object) -> None:
    assert isinstance(wire.created(answered(code, body), a_charge()), Unknown)


async def test_without_syberpays_number_nothing_can_be_asked() -> None:
    transport = Recorded()
    said = await a_client(transport).find(a_lookup(None), timeout_s=T)
    assert isinstance(said, Unknown)
    assert transport.asked == []


# A status


@pytest.mark.parametrize("more", [{}, {"amount": 1500}, {"amount": "1500.00", "currency": "SDG"}])
def test_paid_is_1_above_and_0_inside_and_the_amount_may_be_missing(
    more: dict[str, Any],
) -> None:
    said = wire.found(answered(200, status(**more)), a_lookup())
    assert said == Succeeded(amount=sdg("1500.00"), provider_reference="TXN-1")


def test_another_amount_is_told_as_it_is() -> None:
    said = wire.found(answered(200, status(amount=1499)), a_lookup())
    assert isinstance(said, Succeeded)
    assert said.amount == sdg("1499.00")


@pytest.mark.parametrize(
    "body",
    [
        status(code=2),
        status(top="Failed"),
        status(amount=-1),
        status(amount=1.001),
        status(currency="USD"),
        status(top="Failed", inner="Successful", code=0),
        status(top="Successful", inner="Failure", code=2),
        status(top="Reversed", inner="Reversed", code=2),
        {**status(), "transactionId": "TXN-2"},  # type: ignore[dict-item]
        status(customerRef="another"),
    ],
)
def test_a_status_that_contradicts_itself_is_neither_yes_nor_no(body: object) -> None:
    assert isinstance(wire.found(answered(200, body), a_lookup()), Unknown)


def test_failure_inside_pending_is_a_payer_who_takes_their_time() -> None:
    said = wire.found(answered(200, status("Pending", "Failure", 2)), a_lookup())
    assert isinstance(said, Pending)


def test_a_no_in_both_places_is_one() -> None:
    said = wire.found(answered(200, status("Failed", "Failure", 2)), a_lookup())
    assert isinstance(said, Declined)
    assert not said.elsewhere


# Notifications


def test_a_notification_is_a_hint_about_syberpays_number() -> None:
    told = a_client(Recorded()).receive(Callback(form()), NOON)
    assert (told.provider_reference, told.trusted, told.answer) == ("TXN-1", False, None)


@pytest.mark.parametrize("name", ["transactionId", "token", "hash"])
def test_a_changed_field_is_forged(name: str) -> None:
    with pytest.raises(Forged):
        a_client(Recorded()).receive(Callback(form(**{name: "a" * 64})), NOON)


@pytest.mark.parametrize(
    "body",
    [form(token=""), form(hash="zz"), form() + b"&token=TOKEN-2", form(token="a|b"), b"x" * 5000],
)
def test_a_form_of_other_fields_is_not_syberpays(body: bytes) -> None:
    assert not notices.recognises(Callback(body))
    with pytest.raises(Invalid):
        a_client(Recorded()).receive(Callback(body), NOON)


async def test_a_notification_leads_to_the_payment_that_it_is_about() -> None:
    scene = Scene()
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    (one,) = scene.simulator.take_due(NOON)
    told = scene.client.receive(Callback(one.body, one.headers), NOON)
    assert told.provider_reference == said.provider_reference
    asked: Lookup = replace(a_lookup(), provider_reference=told.provider_reference)
    assert isinstance(await scene.client.find(asked, timeout_s=T), Succeeded)


async def test_a_reference_used_twice_is_two_payments_and_each_is_asked_about_by_its_number() -> (
    None
):
    scene = Scene()
    first = await scene.client.charge(a_charge(), timeout_s=T)
    second = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(first, Pending)
    assert isinstance(second, Pending)
    scene.simulator.act(str(second.provider_reference), Action.APPROVE)
    lookups = [a_lookup(one.provider_reference) for one in (first, second)]
    said = [await scene.client.find(one, timeout_s=T) for one in lookups]
    assert [type(one) for one in said] == [Pending, Succeeded]


async def test_a_payer_without_a_phone_has_a_page_all_the_same() -> None:
    scene = Scene()
    charge = a_charge(customer=Customer(), attempt_id=AttemptId(ATTEMPT))
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)


@pytest.mark.parametrize("name", ["application_id", "service_id", "key", "salt"])
@pytest.mark.parametrize("value", ["", "a|b", " a"])
def test_a_bar_or_nothing_in_a_credential_is_refused(name: str, value: str) -> None:
    given = {"application_id": "A", "service_id": "S", "key": "K", "salt": "L", name: value}
    with pytest.raises(ValueError, match="field"):
        SyberPayConfig(**given)  # type: ignore[arg-type]

"""Notifications: signed over our own path, and sent again until they hear the right words."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.courier import Courier
from adapters.provider_kit.simulator import Action, Outgoing
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.gcash_alipayplus import MANIFEST
from adapters.providers.gcash_alipayplus import simulated_gate as gate
from adapters.providers.gcash_alipayplus.notices import ACK
from adapters.providers.gcash_alipayplus.scene import (
    ATTEMPT,
    HOOK,
    NOON,
    REFUND,
    Scene,
    a_charge,
    an_order,
    fixture,
    php,
)
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, FailureKind, Pending, Succeeded
from domain.ports.providers import Callback, Notice

pytestmark = pytest.mark.anyio
T = 5.0
CLIENT = "SANDBOX_sim_demo"


async def paid(action: Action = Action.APPROVE) -> Scene:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.alipay.act(ATTEMPT, action)
    return scene


def received(scene: Scene, body: Any, url: str = HOOK, client: str = CLIENT) -> Notice:
    headers = gate.told(url, client, body, scene.clock.now())
    return scene.client.receive(Callback(msgspec.json.encode(body), headers), scene.clock.now())


async def test_a_payment_and_its_end_are_told() -> None:
    (notice,) = (await paid()).notices()
    assert (notice.trusted, notice.attempt_id) == (True, ATTEMPT)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == php("1500.00")
    (no,) = (await paid(Action.DECLINE)).notices()
    assert isinstance(no.answer, Declined)


async def test_the_published_notification_is_read() -> None:
    notice = received(Scene(), fixture("messages")["notifyPayment_request_success"])
    assert notice.attempt_id == "pay-req-0001"
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == php("100.00")


async def test_a_notification_is_for_one_address_only() -> None:
    scene = await paid()
    (one,) = scene.alipay.take_due(scene.clock.now())
    for other in (f"{HOOK}2", f"{HOOK}?x=1", "http://127.0.0.1:8000/api/payments/webhook"):
        with pytest.raises(Forged):
            scene.account(notify_url=other).receive(Callback(one.body, one.headers), NOON)
    with pytest.raises(Forged, match="notifyUrl"):
        scene.account(notify_url="").receive(Callback(one.body, one.headers), NOON)
    with pytest.raises(Forged, match="client"):
        scene.account(client_id="SANDBOX_sim_other").receive(Callback(one.body, one.headers), NOON)


async def test_one_of_another_key_or_time_is_forged() -> None:
    scene = await paid()
    (one,) = scene.alipay.take_due(scene.clock.now())
    callback = Callback(one.body, one.headers)
    pem = gate.public_pem(gate.merchant_key())
    with pytest.raises(Forged):
        scene.account(alipay_public_key=pem).receive(callback, NOON)
    scene.client.receive(callback, NOON + timedelta(hours=23))
    for away in (timedelta(hours=24), timedelta(minutes=-6)):
        with pytest.raises(Forged):
            scene.client.receive(callback, NOON + away)
    naive = {**one.headers, "request-time": "2026-03-01T04:00:00"}
    with pytest.raises(Forged):
        scene.client.receive(Callback(one.body, naive), NOON)


async def test_who_has_paid_and_waits_for_the_result_is_pending() -> None:
    body = {**fixture("messages")["notifyPayment_request_success"]}
    notice = received(Scene(), {**body, "notifyType": "PAYMENT_PENDING"})
    assert isinstance(notice.answer, Pending)


@pytest.mark.parametrize(
    "more",
    [
        {"notifyType": "SOMETHING_NEW"},
        {"result": {"resultStatus": "U", "resultCode": "PAYMENT_IN_PROCESS"}},
        {"paymentAmount": {"currency": "PHP", "value": "1.00"}},
    ],
)
async def test_what_says_nothing_certain_makes_us_ask(more: Any) -> None:
    body = {**fixture("messages")["notifyPayment_request_success"], **more}
    notice = received(Scene(), body)
    assert (notice.trusted, notice.answer) == (False, None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"notifyType": "PAYMENT_RESULT"},
        {"notifyType": 1, "result": {}},
        {"notifyType": "PAYMENT_RESULT", "result": {"resultStatus": "S"}},
        {"notifyType": "REFUND_RESULT", "result": {"resultStatus": "S"}},
    ],
)
async def test_signed_nonsense_is_invalid(body: Any) -> None:
    with pytest.raises(Invalid):
        received(Scene(), body)


async def test_a_refund_that_took_its_time_is_told() -> None:
    scene = await paid()
    scene.notices()
    reference = scene.alipay.books()[0].provider_reference
    order = an_order("20.02", reference=reference)
    assert isinstance(await scene.client.refund(order, timeout_s=T), Pending)
    assert not scene.notices()
    scene.clock.pass_(minutes=1)
    (notice,) = scene.notices()
    assert (notice.trusted, notice.refund_id) == (True, REFUND)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == php("20.02")
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), Succeeded)


async def test_nobody_who_pays_in_time_is_told_as_expired() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(minutes=30)
    (notice,) = scene.notices()
    assert isinstance(notice.answer, Declined)
    assert notice.answer.failure.kind is FailureKind.EXPIRED


class Merchant(Transport):
    """Answers every callback the same."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.heard: list[Request] = []
        self._answer = Response(status, {}, body)

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.heard.append(request)
        return self._answer


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (Response(200, {}, ACK.encode()), 1),
        (Response(200, {}, b'{"received":true}'), 8),
        (Response(200), 8),
        (Response(500, {}, ACK.encode()), 8),
    ],
)
async def test_it_is_sent_eight_times_until_it_hears_the_documented_words(
    answer: Response, tries: int
) -> None:
    scene = await paid()
    merchant = Merchant(answer.body, answer.status)
    courier = Courier([scene.remote], merchant, scene.clock, Random(1))
    for _ in range(60):
        await courier.deliver_due()
        scene.clock.pass_(hours=1)
    assert len(merchant.heard) == tries


def test_what_we_answer_is_what_is_documented() -> None:
    assert msgspec.json.decode(MANIFEST.profile.ack) == fixture("messages")["notify_ack_body"]


async def test_a_wrong_amount_is_correctly_signed_and_seen() -> None:
    scene = await paid()
    (one,) = scene.alipay.take_due(scene.clock.now())
    lie: Outgoing = scene.alipay.wrong_amount(one)
    notice = scene.client.receive(Callback(lie.body, lie.headers), NOON)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == php("1500.01")
    with pytest.raises(Forged):
        scene.client.receive(Callback(lie.body, replace(one).headers), NOON)

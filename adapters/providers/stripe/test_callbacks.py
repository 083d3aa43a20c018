"""Stripe's callbacks: several signatures, both ends of time, environments, overtaking events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.signing import hmac_sha256_hex
from adapters.provider_kit.simulator import Action
from adapters.providers.stripe import notices
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.scene import (
    KEY,
    NOON,
    OWN_PAGE,
    SHOWN,
    Scene,
    T,
    a_charge,
    an_order,
    fixture,
    received,
)
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, FailureKind, Succeeded
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio

SECRET = "whsec_of_the_tests"
CONFIG = StripeConfig(secret_key=KEY, webhook_secret=SECRET)


@pytest.fixture
async def scene() -> Scene:
    made = Scene()
    await made.connect()
    return made


def signed(event: Any, at: datetime = NOON, secret: str = SECRET) -> Callback:
    body = msgspec.json.encode(event)
    moment = int(at.timestamp())
    proof = hmac_sha256_hex(secret, f"{moment}.".encode() + body)
    return Callback(body, {"stripe-signature": f"t={moment},v1={proof}"})


def event(type_: str, told: object, **other: Any) -> dict[str, Any]:
    return {"id": "evt_1", "type": type_, "livemode": False, "data": {"object": told}, **other}


def test_the_published_vector_verifies() -> None:
    vector = fixture("webhook_signature_vector")
    config = StripeConfig(secret_key=KEY, webhook_secret=vector["secret"])
    callback = Callback(vector["raw_body"].encode(), {"stripe-signature": vector["header"]})
    now = datetime.fromtimestamp(vector["timestamp"], UTC)
    notices.verify(callback, now, config)
    with pytest.raises(Forged):
        notices.verify(replace(callback, body=callback.body + b" "), now, config)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_what_is_old_or_from_the_future_is_refused(seconds: int) -> None:
    callback = signed(event("ping", {}), NOON + timedelta(seconds=seconds))
    with pytest.raises(Forged):
        notices.receive(callback, NOON, CONFIG)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_what_is_nearly_of_now_is_taken(seconds: int) -> None:
    callback = signed(event("ping", {}), NOON + timedelta(seconds=seconds))
    assert notices.receive(callback, NOON, CONFIG).answer is None


async def test_while_a_secret_is_rolled_the_old_and_the_new_are_believed(scene: Scene) -> None:
    (hook,) = scene.stripe.company.hooks.of(("demo", False))
    new = scene.stripe.company.hooks.roll(hook)
    charge = a_charge()
    await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    (outgoing,) = scene.due()
    assert outgoing.headers["Stripe-Signature"].count("v1=") == 2
    after = {**scene.config, "webhookSecret": new}
    for client in (scene.client, scene.account(after)):
        notice = client.receive(received(outgoing), scene.clock.now())
        assert isinstance(notice.answer, Succeeded)


def test_the_previous_secret_is_believed_until_it_is_taken_out() -> None:
    both = StripeConfig(
        secret_key=KEY,
        webhook_secret="whsec_new",
        previous_webhook_secret=SECRET,
    )
    callback = signed(event("ping", {}))
    assert notices.receive(callback, NOON, both).id == "evt_1"
    rolled = StripeConfig(secret_key=KEY, webhook_secret=both.webhook_secret)
    with pytest.raises(Forged):
        notices.receive(callback, NOON, rolled)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=00",
        "t={t},v0={proof}",  # another scheme
        "t={t},t={t},v1={proof}",  # which of them was signed?
        "t={t}.0,v1={proof}",
        "t=-{t},v1={proof}",
        "t={t},v1=" + "00,v1=" * 50 + "{proof}",
    ],
)
def test_another_shape_of_signature_is_forged(header: str) -> None:
    honest = signed(event("ping", {}))
    moment, proof = (
        part.partition("=")[2] for part in honest.headers["stripe-signature"].split(",")
    )
    said = header.replace("{t}", moment).replace("{proof}", proof)
    with pytest.raises(Forged):
        notices.receive(Callback(honest.body, {"stripe-signature": said}), NOON, CONFIG)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(Forged):
        notices.receive(signed(event("ping", {}), secret=""), NOON, StripeConfig(secret_key=KEY))


def test_an_event_of_the_other_environment_is_forged() -> None:
    with pytest.raises(Forged):
        notices.receive(signed(event("ping", {}, livemode=True)), NOON, CONFIG)


@pytest.mark.parametrize(
    "type_", ["checkout.session.completed", "payment_intent.succeeded", "refund.failed"]
)
@pytest.mark.parametrize("told", [None, {}, [], {"object": "charge", "id": "ch_1"}])
def test_an_event_without_its_object_is_invalid(type_: str, told: object) -> None:
    with pytest.raises(Invalid):
        notices.receive(signed(event(type_, told)), NOON, CONFIG)


async def test_a_declined_card_is_not_told_and_an_expired_page_is_final(scene: Scene) -> None:
    charge = a_charge()
    await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.DECLINE)
    assert scene.due() == []
    scene.clock.pass_(minutes=35)
    (outgoing,) = scene.due()
    notice = scene.client.receive(received(outgoing), scene.clock.now())
    assert notice.trusted
    assert notice.attempt_id == charge.attempt_id
    assert isinstance(notice.answer, Declined)
    assert notice.answer.failure.kind is FailureKind.EXPIRED


async def test_complete_and_not_paid_only_makes_us_ask(scene: Scene) -> None:
    await scene.begin(a_charge())
    page = scene.page()
    told = {**page.shown(), "status": "complete", "payment_status": "unpaid"}
    for type_ in ("completed", "async_payment_failed"):
        said = signed(event(f"checkout.session.{type_}", told))
        notice = notices.receive(said, NOON, CONFIG)
        assert (notice.trusted, notice.answer) == (False, None)
        assert notice.attempt_id == a_charge().attempt_id


async def test_a_page_that_another_system_made_is_named_by_its_id_only(scene: Scene) -> None:
    await scene.begin(a_charge())
    page = scene.page()
    told = {**page.shown(), "client_reference_id": "order 7"}
    notice = notices.receive(signed(event("checkout.session.expired", told)), NOON, CONFIG)
    assert (notice.attempt_id, notice.provider_reference) == (None, page.id)


async def test_refunds_tell_how_they_end_and_when_they_come_back(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    scene.due()
    kinds = ((1032, Succeeded), (134, Declined), (136, Declined))
    for number, (minor, _) in enumerate(kinds, start=1):
        await scene.client.refund(an_order(charge, reference, minor, number), timeout_s=T)
    told: dict[str, Any] = {}
    for _ in range(2):
        for outgoing in scene.due():
            notice = scene.client.receive(received(outgoing), scene.clock.now())
            assert notice.refund_id is not None
            told[notice.refund_id] = notice.answer
        scene.clock.pass_(hours=25)
    for outgoing in scene.due():
        notice = scene.client.receive(received(outgoing), scene.clock.now())
        told[str(notice.refund_id)] = notice.answer
    ends = [
        told[an_order(charge, reference, minor, number).refund_id]
        for number, (minor, _) in enumerate(kinds, start=1)
    ]
    for said, (_, end) in zip(ends, kinds, strict=True):
        assert isinstance(said, end)


async def test_of_several_refunds_that_came_back_each_is_told_again(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    orders = [an_order(charge, reference, 136, number) for number in (1, 2)]
    for order in orders:
        await scene.client.refund(order, timeout_s=T)
    scene.clock.pass_(hours=25)
    scene.due()  # and all of it is lost on its way
    scene.stripe.tell_again(charge.attempt_id)
    told = [scene.client.receive(received(one), scene.clock.now()) for one in scene.due()]
    failed = {one.refund_id for one in told if isinstance(one.answer, Declined)}
    assert failed == {order.refund_id for order in orders}


async def test_a_refund_that_somebody_made_by_hand_says_nothing_of_ours(scene: Scene) -> None:
    charge = a_charge()
    await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    scene.due()
    scene.stripe.give_back(charge.attempt_id, 500)
    for outgoing in scene.due():
        notice = scene.client.receive(received(outgoing), scene.clock.now())
        assert (notice.refund_id, notice.answer) == (None, None)


async def test_sent_again_from_the_dashboard_it_is_the_same_fact(scene: Scene) -> None:
    charge = a_charge()
    await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    (first,) = scene.due()
    scene.clock.pass_(hours=2)
    scene.stripe.tell_again(charge.attempt_id)
    (again,) = scene.due()
    assert first.headers != again.headers
    ids = {scene.client.receive(received(one), one.due_at).id for one in (first, again)}
    assert len(ids) == 1


# Intents


@pytest.fixture
async def own() -> Scene:
    made = Scene(**OWN_PAGE)
    await made.connect()
    return made


async def test_a_paid_intent_on_its_own_is_told_and_its_declined_card_is_not(own: Scene) -> None:
    charge = a_charge()
    reference = await own.begin(charge)
    await own.fill_in(reference, "pm_card_chargeDeclined")
    assert own.due() == []
    await own.fill_in(reference, "pm_card_visa")
    (outgoing,) = own.due()
    notice = own.client.receive(received(outgoing), own.clock.now())
    assert notice.trusted
    assert (notice.attempt_id, notice.provider_reference) == (charge.attempt_id, reference)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == charge.amount


async def test_a_canceled_intent_on_its_own_is_final(own: Scene) -> None:
    await own.begin(a_charge())
    own.stripe.company.cancel(own.intent(), {})
    (outgoing,) = own.due()
    notice = own.client.receive(received(outgoing), own.clock.now())
    assert notice.trusted
    assert isinstance(notice.answer, Declined)
    assert notice.answer.failure.kind is FailureKind.CANCELED


@pytest.mark.parametrize("type_", ["payment_failed", "requires_action", "processing", "succeeded"])
async def test_an_event_that_may_be_overtaken_only_makes_us_ask(own: Scene, type_: str) -> None:
    """By what it shows, not by its name."""
    await own.begin(a_charge())
    told = own.intent().intent_shown()
    notice = notices.receive(signed(event(f"payment_intent.{type_}", told)), NOON, CONFIG)
    assert (notice.trusted, notice.answer) == (False, None)
    assert notice.attempt_id == a_charge().attempt_id


async def test_the_intent_of_a_page_says_nothing_beside_its_page() -> None:
    scene = Scene(publishableKey=SHOWN)  # which had forms before, and hears of all intents
    await scene.connect()
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    behind, page = (scene.client.receive(received(one), scene.clock.now()) for one in scene.due())
    assert (behind.attempt_id, behind.provider_reference, behind.answer) == (None, None, None)
    assert behind.trusted  # so nobody asks for it either
    assert (page.attempt_id, page.provider_reference) == (charge.attempt_id, reference)
    assert isinstance(page.answer, Succeeded)


@pytest.mark.parametrize("metadata", [None, {}, [], {"form": "own_page"}, {"attempt_id": "att_1"}])
def test_an_intent_of_another_system_is_nobodys(metadata: object) -> None:
    told = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "succeeded",
        "amount_received": 2500,
        "currency": "usd",
        "metadata": metadata,
    }
    notice = notices.receive(signed(event("payment_intent.succeeded", told)), NOON, CONFIG)
    assert (notice.attempt_id, notice.provider_reference, notice.answer) == (None, None, None)


async def test_an_intent_that_nobody_signed_is_forged(own: Scene) -> None:
    await own.begin(a_charge())
    own.stripe.act(a_charge().attempt_id, Action.APPROVE)
    (outgoing,) = own.due()
    lie = replace(outgoing, body=outgoing.body.replace(b"2500", b"9500"))
    with pytest.raises(Forged):
        own.client.receive(received(lie), own.clock.now())

"""PayNow's events: who is believed, once, and about what."""

import base64
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.simulator import Action
from adapters.providers.paynow_gg import MANIFEST
from adapters.providers.paynow_gg.notices import digest, receive
from adapters.providers.paynow_gg.scene import (
    HOOK,
    NOON,
    SECRET,
    Scene,
    T,
    a_charge,
    a_config,
    an_order,
    fixture,
    received,
    signed,
)
from domain.currencies import currency
from domain.errors import Forged, Invalid, Stale
from domain.money import Money
from domain.payments.outcome import Declined, FailureCode, Pending, Succeeded
from domain.ports.providers import Callback, Notice

pytestmark = pytest.mark.anyio

ATTEMPT = a_charge().attempt_id
CUSTOMER = {"id": "411486491630370814", "name": "Ana", "metadata": {"attempt_id": ATTEMPT}}
OTHERS = {"id": "411486491630370814", "name": "player1", "metadata": {}}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def completed(**more: Any) -> dict[str, Any]:
    """The documented event, about our attempt."""
    event: dict[str, Any] = fixture("on_order_completed")
    event["body"] |= {"checkout": {"id": "1", "metadata": {"attempt_id": ATTEMPT}}, **more}
    return event


def returned(customer: object = CUSTOMER, **more: Any) -> dict[str, Any]:
    event: dict[str, Any] = fixture("on_refund")
    event["body"] |= {"customer": customer, **more}
    return event


def chargeback(name: str = "ON_CHARGEBACK", **more: Any) -> dict[str, Any]:
    body = {"id": "3", "order_id": "4", "customer": CUSTOMER, "chargeback_status": "pending"}
    return {"event_type": name, "event_id": "9", "body": {**body, **more}}


def heard(event: object, **config: Any) -> Notice:
    return receive(signed(event), NOON, a_config(**config))


def test_the_published_vector_is_computed() -> None:
    vector = fixture("webhook.vector")
    stamp = vector["headers"]["PayNow-Timestamp"]
    proof = vector["headers"]["PayNow-Signature"]
    assert digest(vector["secret"], stamp, vector["raw_body"].encode()) == proof


def test_the_documented_order_is_read_and_paid_its_total() -> None:
    notice = heard(completed())
    assert (notice.id, notice.trusted, notice.attempt_id) == ("411486491630370817", True, ATTEMPT)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == Money(11_000, currency("USD"))
    assert notice.answer.provider_reference == "411486491630370816"


def test_where_tax_comes_on_top_the_price_is_what_was_paid() -> None:
    notice = heard(completed(), taxOnTop=True)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == Money(10_000, currency("USD"))


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_a_clock_may_differ_by_five_minutes_both_ways(minutes: int) -> None:
    now = NOON + timedelta(minutes=minutes)
    assert receive(signed(completed()), now, a_config()).trusted


@pytest.mark.parametrize("minutes", [-60, -5, 5, 60, 60 * 24 * 365])
def test_what_is_older_or_from_the_future_is_stale(minutes: int) -> None:
    now = NOON + timedelta(minutes=minutes, milliseconds=1 if minutes > 0 else -1)
    with pytest.raises(Stale):
        receive(signed(completed()), now, a_config())


def test_the_time_is_in_milliseconds_and_part_of_what_is_signed() -> None:
    genuine = signed(completed())
    seconds = str(int(NOON.timestamp()))
    for stamp in (seconds, "", "x", "1e12", "-1", "1" * 15, "１" * 13):
        proof = digest(SECRET, stamp, genuine.body)
        headers = {"paynow-signature": proof, "paynow-timestamp": stamp}
        with pytest.raises(Forged):
            receive(Callback(genuine.body, headers), NOON, a_config())
    later = str(int(NOON.timestamp() * 1000) + 1)
    with pytest.raises(Forged):
        receive(
            Callback(genuine.body, {**genuine.headers, "paynow-timestamp": later}),
            NOON,
            a_config(),
        )


def test_the_digest_is_base64_and_not_hexadecimal() -> None:
    genuine = signed(completed())
    raw = base64.b64decode(genuine.headers["paynow-signature"])
    headers = {**genuine.headers, "paynow-signature": raw.hex()}
    with pytest.raises(Forged):
        receive(Callback(genuine.body, headers), NOON, a_config())


def test_of_several_digests_one_that_fits_is_enough() -> None:
    for secrets in (("whsec_new", SECRET), (SECRET, "whsec_new"), ("a", "b", SECRET)):
        assert receive(signed(completed(), NOON, *secrets), NOON, a_config()).trusted
    with pytest.raises(Forged):
        receive(signed(completed(), NOON, "whsec_new", "whsec_other"), NOON, a_config())


def test_only_the_first_ten_digests_are_looked_at() -> None:
    many = signed(completed(), NOON, *(f"s{n}" for n in range(10)), SECRET)
    with pytest.raises(Forged):
        receive(many, NOON, a_config())


def test_without_a_secret_nothing_is_believed() -> None:
    for config in (a_config(webhookSecrets=[]), a_config(webhookSecrets=[""])):
        with pytest.raises(Forged):
            receive(signed(completed(), NOON, ""), NOON, config)


@pytest.mark.parametrize("missing", ["event_id", "event_type", "body"])
def test_an_event_without_its_name_id_or_body_is_refused(missing: str) -> None:
    """An id made up in its place would let the same event count again."""
    event = completed()
    del event[missing]
    with pytest.raises(Invalid):
        heard(event)


def test_an_id_that_is_a_number_is_refused() -> None:
    with pytest.raises(Invalid):
        heard({**completed(), "event_id": 411486491630370817})
    with pytest.raises(Invalid):
        heard(completed(id=411486491630370816))


@pytest.mark.parametrize("status", ["created", "canceled", "refunded", "chargeback", "new"])
def test_an_order_that_is_not_completed_only_makes_us_ask(status: str) -> None:
    notice = heard(completed(status=status))
    assert (notice.trusted, notice.answer, notice.attempt_id) == (False, None, ATTEMPT)


def test_what_the_store_sells_otherwise_is_nothing_to_us() -> None:
    for event in (
        fixture("on_order_completed"),
        returned(OTHERS),
        chargeback(customer=OTHERS),
        {"event_type": "ON_DELIVERY_ITEM_ADDED", "event_id": "9", "body": {"id": "1"}},
        {"event_type": "ON_SUBSCRIPTION_RENEWED", "event_id": "9", "body": None},
    ):
        notice = heard(event)
        assert notice.attempt_id is None
        assert notice.answer is None


def test_a_delivery_names_no_amount_and_only_makes_us_ask() -> None:
    body = {"id": "1", "order_id": "411486491630370816", "customer": CUSTOMER}
    event = {"event_type": "ON_DELIVERY_ITEM_ADDED", "event_id": "9", "body": body}
    notice = heard(event)
    assert (notice.trusted, notice.answer, notice.attempt_id) == (False, None, ATTEMPT)
    assert notice.id == "9"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("created", Pending),
        ("approved", Pending),
        ("processing", Pending),
        ("completed", Succeeded),
        ("canceled", Declined),
        ("failed", Declined),
        ("new", type(None)),
    ],
)
def test_a_refund_of_ours_is_known_by_what_we_noted_at_the_customer(
    status: str, kind: type
) -> None:
    ours = {**CUSTOMER, "metadata": {"attempt_id": ATTEMPT, "refund_id": "rfd_1"}}
    notice = heard(returned(ours, status=status))
    assert (notice.refund_id, notice.trusted) == ("rfd_1", True)
    assert isinstance(notice.answer, kind)
    if isinstance(notice.answer, Succeeded):
        assert notice.answer.amount == Money(11_000, currency("USD"))


def test_a_refund_that_somebody_made_in_the_dashboard_denies_what_was_paid() -> None:
    notice = heard(returned())
    assert (notice.trusted, notice.refund_id, notice.attempt_id) == (True, None, ATTEMPT)
    assert isinstance(notice.answer, Declined)
    assert heard(returned(status="processing")).answer is None


def test_a_refund_without_its_customer_is_nobodys_and_makes_us_ask() -> None:
    notice = heard(returned(None))
    assert (notice.trusted, notice.answer) == (False, None)
    assert notice.provider_reference == "411486491630370816"


def test_a_chargeback_denies_what_was_paid_until_the_store_has_won_it() -> None:
    for event in (chargeback(), chargeback("ON_CHARGEBACK_CLOSED", chargeback_status="lost")):
        notice = heard(event)
        assert (notice.trusted, notice.attempt_id) == (True, ATTEMPT)
        assert isinstance(notice.answer, Declined)
        assert notice.answer.failure.code is FailureCode.BOUNCED
    won = heard(chargeback("ON_CHARGEBACK_CLOSED", chargeback_status="won"))
    assert (won.trusted, won.answer) == (True, None)


def test_a_chargeback_without_its_customer_is_found_by_the_order() -> None:
    notice = heard(chargeback(customer=None))
    assert (notice.attempt_id, notice.provider_reference) == (None, "4")
    assert isinstance(notice.answer, Declined)


async def test_sent_again_days_later_it_is_the_same_fact_newly_signed(scene: Scene) -> None:
    await scene.connect()
    charge = await scene.pay(a_charge())
    (first,) = scene.due()
    scene.clock.pass_(days=3)
    scene.paynow.tell_again(charge.attempt_id)
    (again,) = scene.due()
    assert first.headers != again.headers
    notice = scene.client.receive(received(again), scene.clock.now())
    assert notice == scene.client.receive(received(first), NOON)
    with pytest.raises(Stale):
        scene.client.receive(received(first), scene.clock.now())


async def test_while_a_secret_is_replaced_both_are_believed(scene: Scene) -> None:
    await scene.connect()
    scene.paynow.company.hooks.rotate("OnOrderCompleted")
    await scene.pay(a_charge(1))
    (both,) = scene.due()
    assert both.headers["PayNow-Signature"].count(",") == 1
    assert scene.client.receive(received(both), scene.clock.now()).trusted, "by the old one"
    await scene.connect()
    assert len(scene.config["webhookSecrets"]) == 5
    new = both.headers["PayNow-Signature"].partition(",")[0]
    assert scene.client.receive(
        received(both, **{"paynow-signature": new}), scene.clock.now()
    ).trusted
    assert scene.client.receive(received(both), scene.clock.now()).trusted


async def test_each_event_has_a_subscription_and_a_secret_of_its_own(scene: Scene) -> None:
    await scene.connect("OnDeliveryItemAdded")
    hooks = scene.paynow.company.hooks.all()
    assert sorted(one.event for one in hooks) == [
        "OnChargeback",
        "OnChargebackClosed",
        "OnDeliveryItemAdded",
        "OnOrderCompleted",
        "OnRefund",
    ]
    assert {one.url for one in hooks} == {HOOK}
    assert set(scene.config["webhookSecrets"]) == {one.secrets[0] for one in hooks}
    await scene.connect()
    assert len(scene.paynow.company.hooks.all()) == 5, "registered again, nothing is told twice"


async def test_subscriptions_at_other_addresses_are_left_alone(scene: Scene) -> None:
    other = {"url": f"{HOOK}2", "subscribed_to": "OnOrderCompleted", "type": "json_v1"}
    foreign = scene.paynow.company.hooks.add(other)
    await scene.connect()
    assert foreign.secrets[0] not in scene.config["webhookSecrets"]
    assert len(scene.paynow.company.hooks.all()) == 5


async def test_an_order_is_told_twice_and_believed_from_one(scene: Scene) -> None:
    await scene.connect("OnDeliveryItemAdded")
    charge = await scene.pay(a_charge())
    delivered, order = scene.heard()
    assert delivered.id != order.id
    assert [one.attempt_id for one in (delivered, order)] == [charge.attempt_id] * 2
    assert (delivered.trusted, delivered.answer) == (False, None)
    assert (order.trusted, isinstance(order.answer, Succeeded)) == (True, True)


async def test_our_refund_is_told_as_ours_and_another_as_a_denial(scene: Scene) -> None:
    await scene.connect()
    mine, theirs = await scene.pay(a_charge(1)), await scene.pay(a_charge(2))
    scene.due()
    order = an_order(mine)
    await scene.client.refund(order, timeout_s=T)
    scene.paynow.give_back(theirs.attempt_id, theirs.amount.minor)
    ours, foreign = scene.heard()
    assert ours.refund_id == order.refund_id
    assert isinstance(ours.answer, Succeeded)
    assert (foreign.refund_id, foreign.attempt_id) == (None, theirs.attempt_id)
    assert isinstance(foreign.answer, Declined)


async def test_a_payers_bank_is_told_and_its_decision(scene: Scene) -> None:
    await scene.connect()
    charge = await scene.pay(a_charge())
    scene.due()
    scene.paynow.charge_back(charge.attempt_id)
    (opened,) = scene.heard()
    scene.paynow.close_chargeback(charge.attempt_id, won=False)
    (lost,) = scene.heard()
    assert opened.id != lost.id
    assert opened.answer == lost.answer
    assert isinstance(opened.answer, Declined)


async def test_a_declined_card_is_told_to_nobody(scene: Scene) -> None:
    await scene.connect("OnDeliveryItemAdded")
    charge = await scene.begin(a_charge())
    scene.paynow.act(charge.attempt_id, Action.DECLINE)
    assert scene.due() == []


async def test_its_events_are_recognised_by_both_headers(scene: Scene) -> None:
    await scene.connect()
    await scene.pay(a_charge())
    (one,) = scene.due()
    callback = received(one)
    assert MANIFEST.recognises(callback)
    for name in ("paynow-signature", "paynow-timestamp"):
        rest = {key: value for key, value in callback.headers.items() if key != name}
        assert not MANIFEST.recognises(Callback(callback.body, rest))


def test_a_key_said_twice_is_not_read() -> None:
    raw = msgspec.json.encode(completed())
    twice = raw[:-1] + b',"event_id":"1"}'
    stamp = str(int(NOON.timestamp() * 1000))
    headers = {"paynow-signature": digest(SECRET, stamp, twice), "paynow-timestamp": stamp}
    with pytest.raises(Invalid):
        receive(Callback(twice, headers), NOON, a_config())

"""What is peculiar to Stripe's words: pages that outlive a declined card, keys, errors."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit.registry import converted
from adapters.provider_kit.scenery import answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Response
from adapters.providers.stripe import calls, setup, wire
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.errors import charge_refused, refund_refused
from adapters.providers.stripe.scene import (
    BASE,
    HOOK,
    KEY,
    OWN_PAGE,
    Scene,
    T,
    a_charge,
    a_lookup,
    an_order,
    refused,
)
from domain.errors import Invalid
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

pytestmark = pytest.mark.anyio


@pytest.fixture
def scene() -> Scene:
    return Scene()


# A page


async def test_a_page_is_made_under_our_attempt_as_the_key_at_a_pinned_version(
    scene: Scene,
) -> None:
    charge = a_charge()
    await scene.begin(charge)
    (asked,) = scene.wire.asked
    assert asked.headers["idempotency-key"] == charge.attempt_id
    assert asked.headers["stripe-version"] == calls.VERSION
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert b"adaptive_pricing%5Benabled%5D=false" in asked.body
    assert b"payment_method_types%5B0%5D=card" in asked.body


async def test_the_same_charge_is_the_same_words_at_any_time_so_its_key_fits(scene: Scene) -> None:
    first = await scene.begin(a_charge())
    scene.clock.pass_(seconds=90)
    assert await scene.begin(a_charge()) == first
    assert scene.wire.asked[0].body == scene.wire.asked[1].body


async def test_other_words_under_a_key_say_nothing_of_the_first(scene: Scene) -> None:
    await scene.begin(a_charge())
    said = await scene.client.charge(a_charge(minor=2600), timeout_s=T)
    assert isinstance(said, Unknown)


async def test_a_charge_that_begins_too_late_to_be_found_is_not_sent(scene: Scene) -> None:
    scene.clock.pass_(seconds=121)
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), NotSent)
    assert scene.wire.asked == []


@pytest.mark.parametrize(("minor", "code"), [(5124, "KWD"), (5, "UGX")])
async def test_an_amount_that_can_not_be_said_exactly_is_not_sent(
    scene: Scene, minor: int, code: str
) -> None:
    said = await scene.client.charge(a_charge(minor=minor, code=code), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert scene.wire.asked == []


@pytest.mark.parametrize(("minor", "code"), [(5, "ISK"), (500_00, "MGA"), (5120, "KWD")])
async def test_odd_currencies_are_paid_to_the_minor_unit(
    scene: Scene, minor: int, code: str
) -> None:
    charge = a_charge(minor=minor, code=code)
    reference = await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    said = await scene.client.find(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount == charge.amount
    (booked,) = scene.stripe.books()
    assert (booked.amount_minor, booked.currency) == (minor, code)


@pytest.mark.parametrize(
    "lie", [{"amount_total": 2501}, {"client_reference_id": "att_x"}, {"currency": "eur"}]
)
async def test_a_page_that_is_not_what_was_asked_for_is_unknown(
    scene: Scene, lie: dict[str, Any]
) -> None:
    charge = a_charge()
    await scene.begin(charge)
    page = scene.page()
    assert isinstance(wire.created(answered(200, page.shown()), charge), Pending)
    assert isinstance(wire.created(answered(200, {**page.shown(), **lie}), charge), Unknown)


# Declined cards, and the end of a page


async def test_a_declined_card_is_no_end_and_another_may_pay(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.stripe.decline_card(charge.attempt_id, "insufficient_funds")
    said = await scene.client.find(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    paid = await scene.client.find(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(paid, Succeeded)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("insufficient_funds", FailureCode.INSUFFICIENT_FUNDS),
        ("card_velocity_exceeded", FailureCode.LIMIT_EXCEEDED),
        ("expired_card", FailureCode.PAYER_REJECTED),
        ("stolen_card", FailureCode.UNKNOWN),
        ("fraudulent", FailureCode.UNKNOWN),
        ("generic_decline", FailureCode.UNKNOWN),
    ],
)
async def test_when_the_page_has_closed_the_last_card_says_why(
    scene: Scene, code: str, failure: FailureCode
) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.stripe.decline_card(charge.attempt_id, code)
    scene.clock.pass_(minutes=35)
    said = await scene.client.find(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.kind) == (failure, FailureKind.DECLINED)
    assert said.failure.provider_code == code
    assert not said.elsewhere
    for word in ("stolen", "fraud", "lost"):
        assert word not in said.failure.message


async def test_a_page_that_nobody_used_has_expired(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.clock.pass_(minutes=35)
    said = await scene.client.find(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.kind is FailureKind.EXPIRED


async def test_a_payer_who_is_faster_than_our_cancel_has_paid(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.wire.before_closing = lambda: scene.stripe.act(charge.attempt_id, Action.APPROVE)
    said = await scene.client.cancel(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Succeeded)


@pytest.mark.parametrize(
    ("status", "payment_status", "intent"),
    [
        ("expired", "unpaid", "processing"),
        ("expired", "unpaid", "succeeded"),
        ("expired", "paid", "succeeded"),
        ("open", "paid", "succeeded"),
        ("complete", "no_payment_required", "succeeded"),
        ("new", "unpaid", "requires_payment_method"),
    ],
)
async def test_what_contradicts_itself_is_for_a_person(
    scene: Scene, status: str, payment_status: str, intent: str
) -> None:
    charge = a_charge()
    await scene.begin(charge)
    page = scene.page()
    lie = {
        **page.shown(),
        "status": status,
        "payment_status": payment_status,
        "payment_intent": {"id": "pi_1", "object": "payment_intent", "status": intent},
    }
    assert isinstance(wire.created(answered(200, lie), charge), Unknown)


# Pages whose answer was lost


async def test_a_lost_page_is_found_among_many_of_its_minutes(scene: Scene) -> None:
    charge = a_charge()
    scene.wire.losing = "/sessions"
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Unknown)
    scene.wire.losing = ""
    for number in range(2, 252):
        await scene.begin(a_charge(number))
    said = await scene.client.find(a_lookup(charge), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.next_action is not None


async def test_a_list_that_can_not_be_read_to_its_end_shows_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST_PAGES", 1)
    for number in range(2, 104):
        await scene.begin(a_charge(number))
    assert isinstance(await scene.client.find(a_lookup(a_charge()), timeout_s=T), Unknown)


async def test_a_page_of_another_attempt_is_not_believed(scene: Scene) -> None:
    reference = await scene.begin(a_charge(2))
    said = await scene.client.find(a_lookup(a_charge(1), reference), timeout_s=T)
    assert isinstance(said, Unknown)


# Errors


@pytest.mark.parametrize(
    ("status", "kind", "code", "permits"),
    [
        (400, "invalid_request_error", "parameter_unknown", "no"),
        (400, "invalid_request_error", "amount_too_small", "no"),
        (401, "invalid_request_error", "api_key_expired", "no"),
        (403, "invalid_request_error", "", "no"),
        (404, "invalid_request_error", "resource_missing", "no"),
        (429, "invalid_request_error", "lock_timeout", "no"),
        (400, "idempotency_error", "", "unknown"),
        (409, "invalid_request_error", "idempotency_key_in_use", "unknown"),
        (402, "card_error", "card_declined", "unknown"),
        (424, "api_error", "", "unknown"),
        (500, "api_error", "", "unknown"),
        (503, "invalid_request_error", "", "unknown"),
        (200, "invalid_request_error", "", "unknown"),
    ],
)
def test_what_an_error_permits(status: int, kind: str, code: str, permits: str) -> None:
    answer = refused(status, kind, **({"code": code} if code else {}))
    said = charge_refused(answer)
    assert isinstance(said, Declined if permits == "no" else Unknown)
    assert isinstance(refund_refused(answer), type(said))
    if isinstance(said, Declined):
        assert said.elsewhere


def test_a_refund_is_sent_again_only_where_stripe_kept_nothing_under_the_key() -> None:
    for status, again in ((429, True), (401, True), (400, False), (404, False)):
        said = refund_refused(refused(status, "invalid_request_error"))
        assert isinstance(said, Declined)
        assert said.elsewhere is again
    assert isinstance(refund_refused(Response(400, {}, b"<html>")), Unknown)


# Refunds


async def paid(scene: Scene, minor: int = 2500) -> tuple[Any, str]:
    charge = a_charge(minor=minor)
    reference = await scene.begin(charge)
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    return charge, reference


async def test_a_refund_that_is_pending_fails_later(scene: Scene) -> None:
    charge, reference = await paid(scene)
    order = an_order(charge, reference, 1034)
    assert isinstance(await scene.client.refund(order, timeout_s=T), Pending)
    scene.clock.pass_(minutes=2)
    said = await scene.client.find_refund(order, timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.provider_code == "expired_or_canceled_card"
    assert scene.stripe.books()[0].refunded_minor == 0


async def test_a_refund_that_succeeded_can_come_back(scene: Scene) -> None:
    charge, reference = await paid(scene)
    order = an_order(charge, reference, 1036)
    assert isinstance(await scene.client.refund(order, timeout_s=T), Succeeded)
    scene.clock.pass_(hours=25)
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), Declined)


async def test_after_stripe_forgot_the_key_nothing_goes_back_twice(scene: Scene) -> None:
    charge, reference = await paid(scene)
    order = an_order(charge, reference, 1000)
    await scene.client.refund(order, timeout_s=T)
    scene.clock.pass_(hours=30)
    assert isinstance(await scene.client.refund(order, timeout_s=T), Succeeded)
    assert scene.stripe.books()[0].refunded_minor == 1000


async def test_a_refund_made_in_the_dashboard_is_not_ours(scene: Scene) -> None:
    charge, reference = await paid(scene)
    scene.stripe.give_back(charge.attempt_id, 1000)
    order = an_order(charge, reference, 1000)
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), NotFound)


# Connecting


async def test_an_address_is_registered_once_while_its_secret_is_known(scene: Scene) -> None:
    await scene.connect()
    before = scene.config
    await scene.connect()
    assert scene.config == before
    assert len(scene.stripe.company.hooks.of(("demo", False))) == 1


async def test_an_address_whose_secret_is_lost_is_replaced(scene: Scene) -> None:
    await scene.connect()
    again = scene.account({"secretKey": KEY, "baseUrl": BASE})
    added = await again.register(HOOK, timeout_s=T)
    assert added["webhookSecret"] != scene.config["webhookSecret"]
    (hook,) = scene.stripe.company.hooks.of(("demo", False))
    assert hook.secrets == (added["webhookSecret"],)


async def test_another_address_keeps_the_old_secret_beside_the_new(scene: Scene) -> None:
    await scene.connect()
    old = scene.config["webhookSecret"]
    added = await scene.client.register(f"{HOOK}/moved", timeout_s=T)
    assert added["previousWebhookSecret"] == old
    assert added["webhookSecret"] != old


async def test_a_full_account_is_told_in_words(scene: Scene) -> None:
    for number in range(16):
        await scene.client.register(f"{HOOK}/{number}", timeout_s=T)
    with pytest.raises(Invalid, match="refuses"):
        await scene.client.register(f"{HOOK}/last", timeout_s=T)


async def test_a_key_that_is_not_known_is_named_and_not_repeated(scene: Scene) -> None:
    wrong = scene.account({"secretKey": "sk_test_unknown1", "baseUrl": BASE})
    with pytest.raises(Invalid) as told:
        await wrong.probe(timeout_s=T)
    assert told.value.field == "secretKey"
    assert "unknown1" not in str(told.value)


@pytest.mark.parametrize("key", ["pk_test_1", "whsec_1", "", "sk_test_a b", "sk_test_é"])
def test_a_key_of_another_class_is_refused_at_once(key: str) -> None:
    with pytest.raises(Invalid) as told:
        converted({"secretKey": key}, StripeConfig)
    assert told.value.field == "secretKey"


def test_the_environment_is_the_keys() -> None:
    kinds = {"sk_live_1": True, "rk_live_1": True, "sk_test_1": False, "rk_test_1": False}
    for key, live in kinds.items():
        assert StripeConfig(secret_key=key).live is live


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"cardForm": "own_page"}, "publishableKey"),
        ({"cardForm": "own_page", "publishableKey": "pk_live_1"}, "publishableKey"),
        ({"cardForm": "own_page", "publishableKey": "sk_test_1"}, "publishableKey"),
        ({"publishableKey": "pk_test_a b"}, "publishableKey"),
        ({"cardForm": "form"}, "cardForm"),
    ],
)
def test_a_form_in_the_merchants_page_needs_the_key_of_its_environment(
    given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as told:
        converted({"secretKey": KEY, **given}, StripeConfig)
    assert told.value.field == field
    converted({"secretKey": "rk_live_1", **OWN_PAGE, "publishableKey": "pk_live_1"}, StripeConfig)


async def test_registering_again_asks_for_the_events_of_the_setting_that_is_now(
    scene: Scene,
) -> None:
    await scene.connect()
    (hook,) = scene.stripe.company.hooks.of(("demo", False))
    assert hook.events == setup.EVENTS
    scene.client = scene.account({**scene.config, **OWN_PAGE})
    await scene.client.register(HOOK, timeout_s=T)
    assert set(hook.events) == {*setup.EVENTS, *setup.OF_INTENTS}


async def test_a_key_that_may_not_read_both_lists_is_told_when_it_is_tried(scene: Scene) -> None:
    for path in setup.TRIED:
        scene.wire.instead[path.partition("?")[0]] = refused(403, "invalid_request_error")
        with pytest.raises(Invalid) as told:
            await scene.client.probe(timeout_s=T)
        assert told.value.field == "secretKey"
        scene.wire.instead.clear()
    await scene.client.probe(timeout_s=T)


def test_a_configuration_shows_no_secret() -> None:
    config = msgspec.convert({"secretKey": KEY, "webhookSecret": "whsec_abc"}, StripeConfig)
    assert KEY not in repr(config)
    assert "whsec_abc" not in repr(config)

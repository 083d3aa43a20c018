"""What is peculiar to intents on their own, whose card form stands in the merchant's page: they
outlive declined cards and time, and a page's intent looks much like them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.scenery import answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Request
from adapters.providers.stripe import MANIFEST, amounts, calls, intents
from adapters.providers.stripe.forms import form
from adapters.providers.stripe.resources import Intent
from adapters.providers.stripe.scene import (
    BASE,
    OWN_PAGE,
    SHOWN,
    Scene,
    T,
    a_charge,
    a_lookup,
    an_order,
    refused,
)
from adapters.providers.stripe.simulated_forms import fields
from domain.currencies import currency
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Answer,
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
CODES = sorted(MANIFEST.profile.currencies)


@pytest.fixture
def scene() -> Scene:
    return Scene(**OWN_PAGE)


def on_pages(scene: Scene) -> None:
    """The merchant changes the setting while payments are under way."""
    scene.client = scene.account(scene.stripe.credentials())


async def found(scene: Scene, reference: str | None = None, number: int = 1) -> Answer:
    return await scene.client.find(a_lookup(a_charge(number), reference), timeout_s=T)


def shown(**told: Any) -> Intent:
    """An intent on its own, as Stripe shows it."""
    usual = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_payment_method",
        "amount": 2500,
        "amount_received": 0,
        "currency": "usd",
        "client_secret": "pi_1_secret_2",
        "metadata": {"attempt_id": a_charge().attempt_id, "form": "own_page"},
    }
    return msgspec.convert({**usual, **told}, Intent)


# An intent


async def test_an_intent_is_made_under_our_attempt_as_the_key_and_bears_a_mark(
    scene: Scene,
) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    (asked,) = scene.wire.asked
    assert asked.url == f"{BASE}/v1/payment_intents"
    assert asked.headers["idempotency-key"] == charge.attempt_id
    assert asked.headers["stripe-version"] == calls.VERSION
    said = fields(asked.body.decode())
    assert (said["amount"], said["currency"]) == ("2500", "usd")
    assert said["payment_method_types"] == {"0": "card"}
    assert said["metadata"] == {
        "attempt_id": charge.attempt_id,
        "reference": "INV-1",
        "form": "own_page",
    }
    assert reference.startswith("pi_")
    assert b"example.com" not in asked.body
    assert b"5551111" not in asked.body


async def test_the_payer_is_shown_the_form_of_the_merchants_page(scene: Scene) -> None:
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.type is ActionType.SHOW_FORM
    assert said.next_action.client_secret == scene.intent().secret
    assert said.next_action.publishable_key == SHOWN
    again = await found(scene, said.provider_reference)
    assert isinstance(again, Pending)
    assert again.next_action == said.next_action


async def test_no_repr_shows_what_lets_a_browser_pay(scene: Scene) -> None:
    said = await scene.client.charge(a_charge(), timeout_s=T)
    secret = scene.intent().secret.rpartition("_")[2]
    assert secret not in repr([said, shown(client_secret=f"pi_1_secret_{secret}")])
    assert secret not in repr([one.url for one in scene.wire.asked])


async def test_the_same_charge_is_the_same_words_at_any_time_so_its_key_fits(scene: Scene) -> None:
    first = await scene.begin(a_charge())
    scene.clock.pass_(seconds=90)
    assert await scene.begin(a_charge()) == first
    assert scene.wire.asked[0].body == scene.wire.asked[1].body


async def test_a_charge_that_begins_too_late_to_be_found_is_not_sent(scene: Scene) -> None:
    scene.clock.pass_(seconds=121)
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), NotSent)
    assert scene.wire.asked == []


@pytest.mark.parametrize(
    "lie",
    [
        {"id": "ch_1"},
        {"amount": 2501},
        {"amount": None},
        {"currency": "eur"},
        {"metadata": None},
        {"metadata": {"attempt_id": "att_another", "form": "own_page"}},
        {"metadata": {"attempt_id": a_charge().attempt_id}},
        {"metadata": {"attempt_id": 5, "form": "own_page"}},
    ],
)
def test_an_intent_that_is_not_what_was_asked_for_is_unknown(lie: dict[str, Any]) -> None:
    honest = msgspec.to_builtins(shown())
    assert isinstance(intents.created(answered(200, honest), a_charge(), SHOWN), Pending)
    said = intents.created(answered(200, {**honest, **lie}), a_charge(), SHOWN)
    assert isinstance(said, Unknown)


def test_an_intent_that_stripe_refuses_is_a_no_and_one_that_broke_is_not() -> None:
    small = refused(400, "invalid_request_error", code="amount_too_small")
    said = intents.created(small, a_charge(), SHOWN)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert isinstance(intents.created(refused(500, "api_error"), a_charge(), SHOWN), Unknown)


@given(st.sampled_from(CODES), st.integers(1, 10**9))
def test_in_every_currency_what_is_asked_for_is_what_is_heard(code: str, number: int) -> None:
    charge = a_charge(minor=number * amounts.step(code), code=code)
    units = amounts.written(charge.amount)
    assert units is not None
    said = fields(form(intents.intent(charge, units)).decode())
    paid = shown(
        status="succeeded",
        amount=int(said["amount"]),
        amount_received=int(said["amount"]),
        currency=said["currency"],
    )
    heard = intents.outcome(paid, SHOWN)
    assert isinstance(heard, Succeeded)
    assert heard.amount == charge.amount


# Its states


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        ("requires_payment_method", True),
        ("requires_confirmation", True),
        ("requires_action", True),
        ("processing", False),
    ],
)
def test_what_waits_is_pending_and_whoever_must_act_is_shown_the_form(
    status: str, acts: bool
) -> None:
    said = intents.outcome(shown(status=status), SHOWN)
    assert isinstance(said, Pending)
    assert (said.next_action is not None) == acts


@pytest.mark.parametrize(
    "told",
    [
        {"status": "requires_capture", "amount_received": 0},
        {"status": "new"},
        {"status": "succeeded", "amount_received": None},
        {"status": "succeeded", "amount_received": 0},
        {"status": "succeeded", "amount_received": 2500, "currency": "qqq"},
        {"status": "canceled", "amount_received": 2500},
        {"status": "requires_payment_method", "amount_received": 2500},
    ],
)
def test_what_contradicts_itself_or_was_never_asked_for_is_for_a_person(
    told: dict[str, Any],
) -> None:
    said = intents.outcome(shown(**told), SHOWN)
    assert isinstance(said, Unknown)
    assert said.provider_reference == "pi_1"


def test_what_was_received_counts_and_not_what_was_asked_for() -> None:
    said = intents.outcome(shown(status="succeeded", amount=2500, amount_received=2400), SHOWN)
    assert isinstance(said, Succeeded)
    assert said.amount == Money(2400, currency("USD"))


async def test_a_declined_card_is_no_end_and_another_pays_the_same_intent(scene: Scene) -> None:
    reference = await scene.begin(a_charge())
    no = await scene.fill_in(reference, "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert no.status == 402
    assert b'"decline_code":"insufficient_funds"' in no.body
    said = await found(scene, reference)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert (await scene.fill_in(reference, "pm_card_mastercard")).status == 200
    paid = await found(scene, reference)
    assert isinstance(paid, Succeeded)
    assert [one.status for one in scene.stripe.books()] == ["succeeded"]


@pytest.mark.parametrize(
    ("card", "failure", "code"),
    [
        ("pm_card_chargeDeclined", FailureCode.UNKNOWN, "generic_decline"),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            FailureCode.LIMIT_EXCEEDED,
            "card_velocity_exceeded",
        ),
        ("pm_card_chargeDeclinedExpiredCard", FailureCode.PAYER_REJECTED, "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", FailureCode.PAYER_REJECTED, "incorrect_cvc"),
    ],
)
async def test_when_somebody_has_canceled_it_the_last_card_says_why(
    scene: Scene, card: str, failure: FailureCode, code: str
) -> None:
    reference = await scene.begin(a_charge())
    await scene.fill_in(reference, card)
    scene.stripe.company.cancel(scene.intent(), {})
    said = await found(scene, reference)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.provider_code) == (failure, code)
    assert said.failure.kind is FailureKind.DECLINED


@pytest.mark.parametrize(("said", "code"), [(None, "canceled"), ("abandoned", "abandoned")])
async def test_where_no_card_was_tried_it_was_canceled(
    scene: Scene, said: str | None, code: str
) -> None:
    reference = await scene.begin(a_charge())
    scene.stripe.company.cancel(
        scene.intent(), {"cancellation_reason": said} if said is not None else {}
    )
    heard = await found(scene, reference)
    assert isinstance(heard, Declined)
    assert heard.failure.kind is FailureKind.CANCELED
    assert heard.failure.provider_code == code


async def test_a_card_that_must_be_authenticated_waits_for_its_payer(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    await scene.fill_in(reference, "pm_card_threeDSecure2Required")
    assert scene.intent().status == "requires_action"
    said = await found(scene, reference)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    scene.stripe.act(charge.attempt_id, Action.DECLINE)
    assert isinstance(await found(scene, reference), Pending)
    await scene.fill_in(reference, "pm_card_threeDSecure2Required")
    scene.stripe.act(charge.attempt_id, Action.APPROVE)
    assert isinstance(await found(scene, reference), Succeeded)


async def test_time_alone_ends_no_intent(scene: Scene) -> None:
    reference = await scene.begin(a_charge())
    scene.clock.pass_(days=40)
    assert isinstance(await found(scene, reference), Pending)


# Intents whose answer was lost, among pages


async def test_a_lost_intent_is_found_among_many_of_its_minutes(scene: Scene) -> None:
    scene.wire.losing = "/payment_intents"
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), Unknown)
    scene.wire.losing = ""
    for number in range(2, 152):
        await scene.begin(a_charge(number))
    said = await found(scene)
    assert isinstance(said, Pending)
    assert said.next_action is not None


async def test_nothing_is_missing_before_both_lists_are_read_to_their_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(await found(scene), NotFound)
    monkeypatch.setattr(calls, "MOST_PAGES", 1)
    for number in range(2, 103):
        await scene.begin(a_charge(number))
    assert isinstance(await found(scene), Unknown)


@pytest.mark.parametrize("silent", ["/checkout/sessions", "/payment_intents"])
async def test_one_list_alone_shows_nothing(scene: Scene, silent: str) -> None:
    scene.wire.instead[silent] = refused(403, "invalid_request_error")
    assert isinstance(await found(scene), Unknown)


async def test_the_intent_of_a_page_is_not_taken_for_one_on_its_own(scene: Scene) -> None:
    on_pages(scene)
    page_id = await scene.begin(a_charge())
    scene.stripe.decline_card(page_id, "generic_decline")  # now it has one, with our attempt
    behind = scene.page().intent_id
    assert behind is not None
    said = await found(scene)
    assert isinstance(said, Pending)
    assert said.provider_reference == page_id
    assert isinstance(await found(scene, behind), Unknown)


async def test_a_page_and_an_intent_of_one_attempt_are_for_a_person(scene: Scene) -> None:
    await scene.begin(a_charge())
    made = scene.wire.asked[0]
    headers = {**made.headers, "idempotency-key": "another"}
    again = Request("POST", made.url, headers, made.body)
    await scene.stripe.handle(again)
    said = await found(scene)
    assert isinstance(said, Unknown)
    assert "several" in said.reason


async def test_what_is_under_way_stays_what_it_is_when_the_setting_changes(scene: Scene) -> None:
    reference = await scene.begin(a_charge(1))
    on_pages(scene)
    page_id = await scene.begin(a_charge(2))
    for client in (scene.client, scene.account(scene.config)):
        scene.client = client
        for number, id_ in ((1, reference), (2, page_id)):
            for known in (id_, None):
                said = await found(scene, known, number)
                assert isinstance(said, Pending)
                assert said.provider_reference == id_
    on_pages(scene)  # without a publishable key there is no form to show again
    said = await found(scene, reference)
    assert isinstance(said, Pending)
    assert said.next_action is None
    for number, id_ in ((1, reference), (2, page_id)):
        lookup = a_lookup(a_charge(number), id_)
        ended = await scene.client.cancel(lookup, timeout_s=T)
        assert isinstance(ended, Declined)
    assert {one.status for one in scene.stripe.books()} == {"canceled", "expired"}


@pytest.mark.parametrize("reference", ["pi_another", "ch_1", "", "pi_../refunds"])
async def test_what_is_not_there_under_that_id_is_not_a_no(scene: Scene, reference: str) -> None:
    await scene.begin(a_charge())
    assert isinstance(await found(scene, reference), Unknown | NotFound)


async def test_an_intent_of_another_attempt_is_not_believed(scene: Scene) -> None:
    reference = await scene.begin(a_charge(2))
    assert isinstance(await found(scene, reference, 1), Unknown)


# Closing it


async def test_a_payer_who_is_faster_than_our_cancel_has_paid(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.wire.before_closing = lambda: scene.stripe.act(charge.attempt_id, Action.APPROVE)
    said = await scene.client.cancel(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Succeeded)


async def test_after_a_cancel_whose_answer_was_lost_nobody_can_pay_and_asking_says_so(
    scene: Scene,
) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.wire.losing = "/cancel"
    said = await scene.client.cancel(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Unknown)
    assert (await scene.fill_in(reference, "pm_card_visa")).status == 400
    heard = await found(scene, reference)
    assert isinstance(heard, Declined)
    assert heard.failure.kind is FailureKind.CANCELED


async def test_what_stripe_is_working_on_is_not_canceled_by_us(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    scene.intent().status = "processing"
    said = await scene.client.cancel(a_lookup(charge, reference), timeout_s=T)
    assert isinstance(said, Pending)
    assert [one.method for one in scene.wire.asked] == ["POST", "GET"]


# Money back


async def test_money_goes_back_by_the_intent_itself(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    await scene.fill_in(reference, "pm_card_visa")
    said = await scene.client.refund(an_order(charge, reference, 1000), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert f"payment_intent={reference}".encode() in scene.wire.asked[-1].body
    assert scene.stripe.books()[0].refunded_minor == 1000
    heard = await scene.client.find_refund(an_order(charge, reference, 1000), timeout_s=T)
    assert isinstance(heard, Succeeded)


async def test_what_is_not_paid_or_not_ours_is_not_given_back(scene: Scene) -> None:
    charge = a_charge()
    reference = await scene.begin(charge)
    said = await scene.client.refund(an_order(charge, reference, 1000), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    await scene.fill_in(reference, "pm_card_visa")
    another = await scene.client.refund(an_order(a_charge(2), reference, 1000), timeout_s=T)
    assert isinstance(another, NotSent)
    assert scene.stripe.books()[0].refunded_minor == 0


# The other side


async def test_a_browser_may_pay_the_one_intent_whose_secret_it_knows(scene: Scene) -> None:
    first, second = await scene.begin(a_charge(1)), await scene.begin(a_charge(2))
    wrong = scene.stripe.company.payings[second].secret
    assert (await scene.fill_in(first, "pm_card_visa", wrong)).status == 400
    assert (await scene.fill_in(first, "pm_card_visa", "")).status == 400
    for method, path in (("GET", "payment_intents"), ("POST", f"payment_intents/{first}/cancel")):
        url = f"{BASE}/v1/{path}?key={SHOWN}" if method == "GET" else f"{BASE}/v1/{path}"
        raw = form({"key": SHOWN, "client_secret": scene.stripe.company.payings[first].secret})
        answer = await scene.stripe.handle(Request(method, url, {}, raw))
        assert answer.status == 401
    assert [one.status for one in scene.stripe.books()] == ["pending", "pending"]
    answer = await scene.fill_in(first, "pm_card_visa")
    assert b"attempt_id" not in answer.body
    assert [one.status for one in scene.stripe.books()] == ["succeeded", "pending"]


async def test_a_page_stands_for_the_merchants_form(scene: Scene) -> None:
    reference = await scene.begin(a_charge())
    url = scene.stripe.prompt_url(a_charge().attempt_id)
    assert url == f"{BASE}/form/{reference}"
    prompt = scene.stripe.prompt(f"/form/{reference}", {})
    assert prompt is not None
    assert (prompt.amount, prompt.open, prompt.approve_label) == ("25.00", True, "Pay")
    assert scene.stripe.prompt(f"/c/pay/{reference}", {}) is None
    await scene.fill_in(reference, "pm_card_threeDSecure2Required")
    asked = scene.stripe.prompt(f"/form/{reference}", {})
    assert asked is not None
    assert asked.approve_label == "Authenticate and pay"


async def test_an_intent_of_a_page_is_not_canceled_but_its_page_is_closed(scene: Scene) -> None:
    on_pages(scene)
    page_id = await scene.begin(a_charge())
    scene.stripe.decline_card(page_id, "generic_decline")
    behind = scene.page().intent_id
    headers = {"authorization": f"Bearer {scene.config['secretKey']}"}
    url = f"{BASE}/v1/payment_intents/{behind}/cancel"
    assert (await scene.stripe.handle(Request("POST", url, headers, b""))).status == 400
    assert scene.page().is_open

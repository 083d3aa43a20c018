"""The flow of two steps: what was prepared, what was attached, and what was lost on the way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded, StillClock, answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import NoAnswer, NothingSent, Request, Response
from adapters.providers.gcash.scene import (
    ATTEMPT,
    BACK,
    BASE,
    HOOK,
    NOON,
    REFUND,
    Scene,
    T,
    a_charge,
    a_client,
    a_lookup,
    an_order,
    fixture,
    php,
    refused,
)
from domain.errors import Invalid
from domain.ids import RefundId
from domain.payments.intent import Customer
from domain.payments.outcome import (
    Declined,
    FailureCode,
    FailureKind,
    NotFound,
    NotSent,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Prepared

pytestmark = pytest.mark.anyio

MADE = answered(
    200,
    {
        "data": {
            "id": "pi_xxx",
            "type": "payment_intent",
            "attributes": {
                "amount": 10_000,
                "currency": "PHP",
                "status": "awaiting_payment_method",
                "last_payment_error": None,
                "payments": [],
            },
        }
    },
)
METHOD = answered(200, {"data": {"id": "pm_xxx", "type": "payment_method", "attributes": {}}})
ATTACHED = answered(200, fixture("requests")["attach_response_core"])
SLOW = NoAnswer("no answer in time", timed_out=True)
DOWN = NothingSent("connection refused")


# First step: nothing that anybody could pay


async def test_a_prepare_asks_once_for_an_intent_with_the_secret_key() -> None:
    wire = Recorded(MADE)
    assert await a_client(wire).prepare(a_charge(), timeout_s=T) == Prepared("pi_xxx")
    [asked] = wire.asked
    assert (asked.method, asked.url) == ("POST", "https://api.paymongo.com/v1/payment_intents")
    assert asked.headers["authorization"] == "Basic c2tfdGVzdF8xOg=="  # sk_test_1 and no password


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (SLOW, FailureCode.PROVIDER_TIMEOUT),
        (NoAnswer("reset"), FailureCode.PROVIDER_UNAVAILABLE),
        (Response(500, {}, b""), FailureCode.PROVIDER_UNAVAILABLE),
        (refused("anything", 503), FailureCode.PROVIDER_UNAVAILABLE),
        (Response(429, {}, b""), FailureCode.PROVIDER_UNAVAILABLE),
        (refused("api_key_invalid", 401), FailureCode.PROVIDER_UNAVAILABLE),
        (answered(200, {"data": {"id": "pi_1"}}), FailureCode.PROVIDER_UNAVAILABLE),
        (refused("parameter_below_minimum"), FailureCode.INVALID_REQUEST),
        (refused("parameter_above_maximum"), FailureCode.LIMIT_EXCEEDED),
    ],
)
async def test_an_intent_that_may_exist_can_be_left_alone(
    answer: Response | Exception, code: FailureCode
) -> None:
    said = await a_client(Recorded(answer)).prepare(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert said.failure.code is code


async def test_a_refused_connection_prepares_nothing() -> None:
    assert isinstance(await a_client(Recorded(DOWN)).prepare(a_charge(), timeout_s=T), NotSent)


async def test_an_intent_of_another_amount_is_not_used() -> None:
    said = await a_client(Recorded(MADE)).prepare(a_charge("99.99"), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere


async def test_without_a_page_to_come_back_to_paymongo_is_not_asked() -> None:
    wire = Recorded()
    client = a_client(wire, return_url="")
    said = await client.prepare(a_charge(return_url=None), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert "returnUrl" in said.failure.message
    assert wire.asked == []


@pytest.mark.parametrize(
    ("config", "page"),
    [
        ({"return_url": "https://shop.example/paid"}, "https://shop.example/paid"),
        ({}, "https://www.paymongo.com/"),
    ],
)
async def test_an_accounts_own_page_serves_payments_that_name_none(
    config: dict[str, Any], page: str
) -> None:
    wire = Recorded(MADE, METHOD, ATTACHED)
    client = a_client(wire, **config)
    charge = a_charge(return_url=None, provider_reference="pi_xxx")
    assert isinstance(await client.prepare(charge, timeout_s=T), Prepared)
    await client.charge(charge, timeout_s=T)
    assert f'"return_url":"{page}"'.encode() in wire.asked[-1].body


# Second step: only the attach can lead to money


async def attached(*answers: Response | Exception) -> tuple[Outcome, Recorded]:
    wire = Recorded(*answers)
    said = await a_client(wire).charge(a_charge(provider_reference="pi_xxx"), timeout_s=T)
    return said, wire


async def test_a_charge_makes_a_method_and_attaches_it() -> None:
    said, wire = await attached(METHOD, ATTACHED)
    assert isinstance(said, Pending)
    assert said.provider_reference == "pi_xxx"
    assert [one.url.partition("/v1")[2] for one in wire.asked] == [
        "/payment_methods",
        "/payment_intents/pi_xxx/attach",
    ]
    assert msgspec.json.decode(wire.asked[1].body) == fixture("requests")["attach"]["body"]
    assert wire.given_s == [T / 2, T]  # a slow method leaves time for the attach


@pytest.mark.parametrize("answer", [SLOW, Response(500), refused("parameter_invalid"), METHOD])
async def test_what_fails_before_the_attach_charged_nothing(answer: Response | Exception) -> None:
    spoiled = Response(200, {}, b"{}") if answer is METHOD else answer
    said, wire = await attached(spoiled)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert len(wire.asked) == 1
    said, wire = await attached(DOWN)
    assert isinstance(said, NotSent)


@pytest.mark.parametrize(
    "answer",
    [
        SLOW,
        NoAnswer("reset"),
        Response(500),
        refused("parameter_invalid", 500),
        refused("resource_processing_state"),  # it may be our own attach that made it so
        refused("something_new"),
        Response(200, {}, b"{}"),
        answered(404, {}),
        MADE,  # "attached", and yet nothing is
    ],
)
async def test_an_attach_without_a_clear_answer_is_unknown(answer: Response | Exception) -> None:
    said, _ = await attached(METHOD, answer)
    assert isinstance(said, Unknown)
    assert said.provider_reference == "pi_xxx"
    assert said.timed_out is (answer is SLOW)


@pytest.mark.parametrize(
    "answer",
    [
        refused("resource_not_found", 404),
        refused("parameter_required"),
        refused("organization_not_allowed"),
        refused("api_key_invalid", 401),
        Response(429),
    ],
)
async def test_an_attach_that_paymongo_refuses_charged_nothing(answer: Response) -> None:
    said, _ = await attached(METHOD, answer)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert isinstance((await attached(METHOD, DOWN))[0], NotSent)


async def test_a_charge_that_wakes_up_too_late_is_not_begun() -> None:
    """After two minutes a query may already have said that nothing arrived."""
    clock, wire = StillClock(NOON), Recorded()
    clock.pass_(seconds=121)
    client = a_client(wire, clock)
    said = await client.charge(a_charge(provider_reference="pi_xxx"), timeout_s=T)
    assert isinstance(said, NotSent)
    assert isinstance(await client.charge(a_charge(), timeout_s=T), NotSent)  # never prepared
    assert wire.asked == []


# Looking for it


async def test_what_was_never_prepared_was_never_charged() -> None:
    """For a minute its intent may still be being made; a no would end it needlessly."""
    clock, wire = StillClock(NOON), Recorded()
    client = a_client(wire, clock)
    assert isinstance(await client.find(a_lookup(None), timeout_s=T), Unknown)
    clock.pass_(seconds=60)
    said = await client.find(a_lookup(None), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert said.failure.kind is FailureKind.UNAVAILABLE
    assert wire.asked == []


async def test_a_lost_attach_is_found_with_its_page() -> None:
    scene = Scene()
    scene.wire.losing = "/attach"
    reference, said = await scene.begin()
    assert isinstance(said, Unknown)
    scene.clock.pass_(hours=1)
    found = await scene.client.find(a_lookup(reference), timeout_s=T)
    assert isinstance(found, Pending)
    assert found.next_action is not None
    assert found.next_action.url == scene.paymongo.prompt_url(ATTEMPT)
    assert await scene.client.find(a_lookup(reference), timeout_s=T) == found


async def test_an_attach_that_never_arrived_is_waited_for_and_then_given_up() -> None:
    scene = Scene()
    prepared = await scene.client.prepare(a_charge(), timeout_s=T)
    assert isinstance(prepared, Prepared)
    lookup = a_lookup(prepared.provider_reference)
    scene.clock.pass_(seconds=899)
    assert await scene.client.find(lookup, timeout_s=T) == Pending(
        provider_reference=prepared.provider_reference
    )
    scene.clock.pass_(seconds=1)
    said = await scene.client.find(lookup, timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    scene.clock.pass_(minutes=15)
    said = await scene.client.find(lookup, timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.kind, said.elsewhere) == (FailureKind.EXPIRED, False)
    assert scene.paymongo.books() == []


async def test_the_intent_of_another_attempt_is_not_ours() -> None:
    scene = Scene()
    reference, _ = await scene.begin(a_charge(attempt_id="att_other"))
    assert isinstance(await scene.client.find(a_lookup(reference), timeout_s=T), Unknown)


async def test_the_other_environment_and_another_merchant_do_not_see_it() -> None:
    scene = Scene()
    reference, _ = await scene.begin()
    for key in ("sk_live_sim_demo", "sk_test_sim_other"):
        said = await scene.account(key).find(a_lookup(reference), timeout_s=T)
        assert isinstance(said, NotFound)
    stranger = scene.account("sk_test_nobody")
    assert isinstance(await stranger.find(a_lookup(reference), timeout_s=T), Unknown)


# The payer


async def test_a_payer_pays_once_and_later_presses_change_nothing() -> None:
    scene = Scene()
    await scene.connect()
    reference, _ = await scene.begin()
    url = scene.paymongo.prompt_url(ATTEMPT)
    assert url is not None
    source = url.partition("?id=")[2]
    prompt = scene.paymongo.prompt("/sources", {"id": source})
    assert prompt is not None
    assert (prompt.open, prompt.amount) == (True, "100.00")
    assert (prompt.approve_label, prompt.decline_label) == (
        "Authorize test payment",
        "Fail test payment",
    )
    for action in (Action.APPROVE, Action.DECLINE, Action.APPROVE):
        scene.paymongo.act(ATTEMPT, action)
    [notice] = scene.notices()
    assert notice.attempt_id == ATTEMPT
    assert notice.answer == Succeeded(amount=php("100.00"), provider_reference=reference)
    assert await scene.client.find(a_lookup(reference), timeout_s=T) == notice.answer
    assert scene.paymongo.return_url(ATTEMPT) == BACK
    assert [one.status for one in scene.paymongo.books()] == ["succeeded"]


async def test_a_payer_who_fails_leaves_the_intent_awaiting_and_says_why() -> None:
    scene = Scene()
    await scene.connect()
    reference, _ = await scene.begin()
    scene.paymongo.act(ATTEMPT, Action.DECLINE)
    [notice] = scene.notices()
    found = await scene.client.find(a_lookup(reference), timeout_s=T)
    assert isinstance(found, Declined)
    assert found.failure.provider_code == "CLOSED"
    assert found.failure.code is FailureCode.PAYER_REJECTED
    assert notice.answer == found


async def test_a_page_ends_after_four_hours() -> None:
    scene = Scene()
    await scene.connect()
    reference, _ = await scene.begin()
    scene.clock.pass_(hours=4)
    scene.paymongo.act(ATTEMPT, Action.APPROVE)
    [notice] = scene.notices()
    found = await scene.client.find(a_lookup(reference), timeout_s=T)
    assert isinstance(found, Declined)
    assert found.failure.kind is FailureKind.EXPIRED
    assert notice.answer == found
    assert [one.status for one in scene.paymongo.books()] == ["expired"]


async def test_a_fault_of_gcashs_own_lets_another_provider_try() -> None:
    scene = Scene()
    reference, _ = await scene.begin(a_charge(phone="+639170005555"))
    found = await scene.client.find(a_lookup(reference), timeout_s=T)
    assert isinstance(found, Declined)
    assert (found.elsewhere, found.failure.provider_code) == (True, "SYSTEM_ERROR")


async def test_above_the_ceiling_the_attach_itself_fails() -> None:
    scene = Scene()
    _, said = await scene.begin(a_charge("100000.01"))
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.LIMIT_EXCEEDED
    assert isinstance((await scene.begin(a_charge("100000.00")))[1], Pending)


async def test_below_the_minimum_nothing_is_prepared() -> None:
    said = await Scene().client.prepare(a_charge("19.99"), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.provider_code == "parameter_below_minimum"


async def test_live_money_is_told_under_the_live_signature() -> None:
    scene = Scene("sk_live_sim_demo")
    await scene.connect()
    await scene.begin(a_charge(customer=Customer(phone="+639170001111")))
    [outgoing] = scene.paymongo.outgoing
    assert ",te=,li=" in outgoing.headers["Paymongo-Signature"]
    [notice] = scene.notices()
    assert isinstance(notice.answer, Succeeded)


# Money back


async def paid(amount: str = "100.00", key: str = "sk_test_sim_demo") -> tuple[Scene, str]:
    scene = Scene(key)
    await scene.connect()
    charge = a_charge(amount, phone="+639170001111")
    reference, _ = await scene.begin(charge)
    scene.notices()
    return scene, reference


def returned(scene: Scene) -> int:
    return sum(one.refunded_minor for one in scene.paymongo.books())


async def test_parts_are_given_back_in_centavos_to_the_last_one() -> None:
    scene, reference = await paid()
    for number, part in enumerate(("33.33", "66.66", "0.01")):
        order = an_order(reference, part, refund_id=RefundId(f"rfd_{number}"))
        said = await scene.client.refund(order, timeout_s=T)
        assert isinstance(said, Succeeded)
        assert said.amount == php(part)
        assert await scene.client.find_refund(order, timeout_s=T) == said
    assert returned(scene) == 10_000
    over = an_order(reference, "0.01", refund_id=RefundId("rfd_9"))
    said_no = await scene.client.refund(over, timeout_s=T)
    assert isinstance(said_no, Declined)
    assert not said_no.elsewhere
    told = {(one.refund_id, type(one.answer)) for one in scene.notices()}
    assert told == {(f"rfd_{number}", Succeeded) for number in range(3)}


async def test_a_slow_refund_is_pending_and_others_wait_for_it() -> None:
    scene, reference = await paid()
    order = an_order(reference, "10.02")
    said = await scene.client.refund(order, timeout_s=T)
    assert isinstance(said, Pending)
    other = an_order(reference, "1.00", refund_id=RefundId("rfd_other"))
    wait = await scene.client.refund(other, timeout_s=T)
    assert isinstance(wait, Declined)
    assert wait.elsewhere
    known = an_order(reference, "10.02", refund_reference=said.provider_reference)
    assert await scene.client.find_refund(known, timeout_s=T) == said
    scene.clock.pass_(seconds=60)
    assert isinstance(await scene.client.find_refund(known, timeout_s=T), Succeeded)
    assert isinstance(await scene.client.refund(other, timeout_s=T), Succeeded)
    assert returned(scene) == 11_02


async def test_a_payout_that_is_too_low_is_tried_again_later() -> None:
    scene, reference = await paid()
    scene.paymongo.company.payout_low = True
    said = await scene.client.refund(an_order(reference), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.provider_code) == (True, "available_balance_insufficient")
    scene.paymongo.company.payout_low = False
    assert isinstance(await scene.client.refund(an_order(reference), timeout_s=T), Succeeded)


async def test_a_refund_has_180_days_and_a_least_amount() -> None:
    scene, reference = await paid(key="sk_test_sim_strict")
    small = await scene.client.refund(an_order(reference, "0.99"), timeout_s=T)
    assert isinstance(small, Declined)
    assert small.failure.provider_code == "parameter_below_minimum"
    scene.clock.pass_(days=180, seconds=1)
    late = await scene.client.refund(an_order(reference, "1.00"), timeout_s=T)
    assert isinstance(late, Declined)
    assert (late.elsewhere, late.failure.provider_code) == (False, "allowed_date_exceeded")


async def test_a_refund_that_is_there_is_never_sent_again() -> None:
    scene, reference = await paid()
    order = an_order(reference, "10.00")
    first = await scene.client.refund(order, timeout_s=T)
    assert await scene.client.refund(order, timeout_s=T) == first
    assert returned(scene) == 1_000


async def test_another_refunds_id_is_not_this_refund() -> None:
    scene, reference = await paid()
    said = await scene.client.refund(an_order(reference, "10.00"), timeout_s=T)
    assert isinstance(said, Succeeded)
    stolen = an_order(
        reference,
        "10.00",
        refund_id=RefundId("rfd_x"),
        refund_reference=said.provider_reference,
    )
    assert isinstance(await scene.client.find_refund(stolen, timeout_s=T), Unknown)
    lost = an_order(reference, refund_reference="ref_nowhere")
    assert isinstance(await scene.client.find_refund(lost, timeout_s=T), NotFound)


async def test_a_payment_that_shows_no_refunds_says_nothing_about_ours() -> None:
    facts = {"amount": 10_000, "currency": "PHP", "status": "paid"}
    payment = {"id": "pay_1", "type": "payment", "attributes": facts}
    intent = msgspec.json.decode(MADE.body)
    intent["data"]["attributes"] |= {"status": "succeeded", "payments": [payment]}
    shown: Sequence[Response] = (answered(200, intent), answered(200, {"data": payment}))
    said = await a_client(Recorded(*shown)).find_refund(an_order("pi_xxx"), timeout_s=T)
    assert isinstance(said, Unknown)
    wire = Recorded(*shown, Response(500))
    assert isinstance(await a_client(wire).refund(an_order("pi_xxx"), timeout_s=T), Unknown)
    body = msgspec.json.decode(wire.asked[-1].body)["data"]["attributes"]
    assert (body["payment_id"], body["notes"]) == ("pay_1", f"{REFUND} it broke")


async def test_an_attempt_without_an_intent_has_nothing_to_give_back() -> None:
    said = await a_client(Recorded()).refund(an_order(None), timeout_s=T)
    assert isinstance(said, Declined)
    assert not said.elsewhere


# Opening the account


async def test_a_registration_brings_the_secret_that_verifies() -> None:
    scene = Scene()
    added = await scene.client.register(HOOK, timeout_s=T)
    assert list(added) == ["webhookSecret"]
    assert added["webhookSecret"].startswith("whsk_")
    again = scene.account(scene.key, **added)
    assert await again.register(HOOK, timeout_s=T) == added  # known already: kept
    with pytest.raises(Invalid, match="already") as caught:  # shown once, and nobody kept it
        await scene.client.register(HOOK, timeout_s=T)
    assert caught.value.field == "webhookSecret"


async def test_a_webhook_that_paymongo_disabled_is_enabled_again() -> None:
    scene = Scene()
    await scene.connect()
    [hook] = scene.paymongo.company.hooks.of(("demo", False))
    hook.enabled = False
    await scene.client.register(HOOK, timeout_s=T)
    assert hook.enabled


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (refused("api_key_invalid", 401), "secretKey"),
        (refused("organization_not_allowed"), "secretKey"),
        (Response(502, {}, b"<html>"), "baseUrl"),
        (answered(200, {"data": 5}), "baseUrl"),
        (SLOW, "baseUrl"),
        (DOWN, "baseUrl"),
    ],
)
async def test_a_wrong_key_is_named_and_not_repeated(
    answer: Response | Exception, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await a_client(Recorded(answer)).probe(timeout_s=T)
    assert caught.value.field == field
    with pytest.raises(Invalid) as caught:
        await Scene().account("sk_test_wrong_key").probe(timeout_s=T)
    assert caught.value.field == "secretKey"
    assert "wrong_key" not in str(caught.value)  # although PayMongo's own words hold it


async def test_an_address_that_paymongo_refuses_is_told_with_its_word() -> None:
    with pytest.raises(Invalid, match="parameter_format_invalid") as caught:
        await Scene().client.register("nowhere", timeout_s=T)
    assert caught.value.field == "webhookSecret"


# The simulator itself


async def raw(scene: Scene, method: str, path: str, body: bytes = b"") -> Response:
    headers = {"authorization": "Basic c2tfdGVzdF9zaW1fZGVtbzo="}  # sk_test_sim_demo
    return await scene.paymongo.handle(Request(method, f"{BASE}{path}", headers, body))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b'{"data":5}', b'{"data":{"attributes":[]}}', b"\xff"]
)
async def test_nonsense_gets_paymongos_own_error(body: bytes) -> None:
    scene = Scene()
    for path in ("/v1/payment_intents", "/v1/payment_methods", "/v1/refunds", "/v1/webhooks"):
        answer = await raw(scene, "POST", path, body)
        assert answer.status in (400, 404)
        assert set(msgspec.json.decode(answer.body)) == {"errors"}
    assert (await raw(scene, "GET", "/nowhere")).status == 404


async def test_an_error_has_the_documented_shape() -> None:
    known = fixture("requests")["error"]["errors"][0]
    body = (
        b'{"data":{"attributes":{"amount":1,"currency":"PHP","payment_method_allowed":["gcash"]}}}'
    )
    answer = await raw(Scene(), "POST", "/v1/payment_intents", body)
    [error] = msgspec.json.decode(answer.body)["errors"]
    assert {**error, "detail": ""} == {**known, "detail": ""}


async def test_an_event_holds_all_that_the_published_one_does() -> None:
    for phone, name in (("1111", "event_payment_paid"), ("2222", "event_payment_failed")):
        scene = Scene()
        await scene.connect()
        await scene.begin(a_charge(phone=phone))
        [outgoing] = scene.paymongo.outgoing
        told, known = msgspec.json.decode(outgoing.body)["data"], fixture(name)["data"]
        assert set(told) >= set(known)
        assert set(told["attributes"]) >= set(known["attributes"])
        resource, published = told["attributes"]["data"], known["attributes"]["data"]
        assert set(resource) == set(published)
        assert set(resource["attributes"]) >= set(published["attributes"])
        for same in ("amount", "currency", "status", "description"):
            assert resource["attributes"][same] == published["attributes"][same]


async def test_an_outage_is_no_answer_about_an_attach_but_one_about_an_intent() -> None:
    scene = Scene()
    down = scene.paymongo.outage(Request("POST", f"{BASE}/v1/payment_intents"))
    assert isinstance((await attached(METHOD, down))[0], Unknown)
    said = await a_client(Recorded(down)).prepare(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere


def test_only_the_attach_is_a_charge_for_fault_scripts() -> None:
    scene = Scene()

    def kind(method: str, path: str) -> str:
        return scene.paymongo.operation(Request(method, f"{BASE}/v1/{path}"))

    assert kind("POST", "payment_intents/pi_1/attach") == "charge"
    assert kind("POST", "refunds") == "refund"
    assert {kind("GET", f"{one}/1") for one in ("payment_intents", "payments", "refunds")} == {
        "query"
    }
    assert {kind("POST", "payment_intents"), kind("POST", "payment_methods")} == {"other"}
    assert kind("GET", "webhooks") == "other"


def test_the_retries_fill_the_documented_cycle() -> None:
    retries = Scene().paymongo.callback_retries_s
    assert len(retries) == 12
    assert timedelta(seconds=sum(retries)) == timedelta(minutes=136.5)
    assert Scene().clock.now() == NOON

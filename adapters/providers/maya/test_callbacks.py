"""Registering at Maya, and what its simulator then sends."""

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Request
from adapters.providers.maya.scene import (
    ATTEMPT,
    BASE,
    HOOK,
    Scene,
    a_charge,
    a_client,
    fixture,
    php,
)
from adapters.providers.maya.setup import EVENTS
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, Succeeded
from domain.ports.callback_addresses import CallbackAddress
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio
T = 5.0


async def test_every_event_is_registered_as_documented() -> None:
    made = [(200, {"id": name, "name": name}) for name in EVENTS]
    transport = Recorded((404, {"code": "PY0038"}), *made)
    assert await a_client(transport).register("https://merchant.example/hook", timeout_s=T) == {}
    bodies = [msgspec.json.decode(request.body) for request in transport.asked[1:]]
    assert bodies[0] == fixture("messages")["webhook_register_request"]
    assert [body["name"] for body in bodies] == list(EVENTS)


async def test_registering_again_moves_every_event() -> None:
    scene = Scene()
    await scene.client.register("http://127.0.0.1:1/old", timeout_s=T)
    await scene.client.register(HOOK, timeout_s=T)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    (sent,) = scene.maya.take_due(scene.clock.now())
    assert sent.url == HOOK


async def test_what_is_registered_rightly_is_left_alone() -> None:
    scene = Scene()
    assert await scene.client.callback_addresses(timeout_s=T) == []
    await scene.client.register(HOOK, timeout_s=T)
    listed = await scene.client.callback_addresses(timeout_s=T)
    assert listed == [CallbackAddress(name, HOOK) for name in EVENTS]
    rows = [{"id": name, "name": name, "callbackUrl": HOOK} for name in EVENTS]
    moved = {**rows[0], "callbackUrl": "https://old.example/"}
    transport = Recorded((200, [moved, *rows[1:3]]), (200, rows[0]), (200, rows[3]))
    await a_client(transport).register(HOOK, timeout_s=T)
    assert [(one.method, one.url.rpartition("/")[2]) for one in transport.asked] == [
        ("GET", "webhooks"),
        ("PUT", EVENTS[0]),
        ("POST", "webhooks"),
    ]
    quiet = Recorded((200, rows))
    await a_client(quiet).register(HOOK, timeout_s=T)
    assert len(quiet.asked) == 1


async def test_a_list_that_can_not_be_read_registers_nothing() -> None:
    for answer in ((200, {}), (503, "down"), (401, {"code": "K003"}), (200, "hello")):
        transport = Recorded(answer)
        with pytest.raises(Invalid):
            await a_client(transport).register(HOOK, timeout_s=T)
        assert len(transport.asked) == 1
        with pytest.raises(Invalid):
            await a_client(Recorded(answer)).callback_addresses(timeout_s=T)


async def test_a_refused_registration_is_told_in_mayas_words() -> None:
    scene = Scene()
    with pytest.raises(Invalid, match="2553"):
        await scene.client.register("not a URL", timeout_s=T)
    with pytest.raises(Invalid, match="K003") as wrong:
        await scene.account("pk-x", "sk-x").register(HOOK, timeout_s=T)
    assert wrong.value.field == "secretKey"
    for answer in ((503, "down"), (400, {"code": "K999"}), (200, {"code": "PY0039"})):
        with pytest.raises(Invalid):
            await a_client(Recorded(answer, answer, answer, answer, answer)).register(
                HOOK, timeout_s=T
            )


async def test_what_the_simulator_sends_is_believed() -> None:
    scene = Scene()
    await scene.client.register(HOOK, timeout_s=T)
    await scene.client.charge(a_charge("1000.10"), timeout_s=T)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    scene.maya.act(ATTEMPT, Action.DECLINE)  # decided already
    (notice,) = scene.notices()
    assert (notice.trusted, notice.attempt_id) == (True, ATTEMPT)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == php("1000.10")


async def test_a_refusal_on_the_page_is_told() -> None:
    scene = Scene()
    await scene.client.register(HOOK, timeout_s=T)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.maya.act(ATTEMPT, Action.DECLINE)
    (notice,) = scene.notices()
    assert isinstance(notice.answer, Declined)
    assert not notice.answer.elsewhere


async def test_another_merchants_payment_under_our_reference_is_only_a_hint() -> None:
    """Signed by Maya, with our reference and amount, paid to somebody else's account."""
    scene = Scene()
    thief = scene.account("pk-sim-thief", "sk-sim-thief")
    await scene.client.charge(a_charge(), timeout_s=T)
    await thief.register(HOOK, timeout_s=T)
    await thief.charge(a_charge(phone="+639170001111"), timeout_s=T)
    (notice,) = scene.notices()
    assert (notice.trusted, notice.attempt_id) == (False, ATTEMPT)


async def test_a_wrong_amount_is_signed_and_a_borrowed_signature_is_not() -> None:
    scene = Scene()
    await scene.client.register(HOOK, timeout_s=T)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    (sent,) = scene.maya.take_due(scene.clock.now())
    lie = scene.maya.wrong_amount(sent)
    notice = scene.client.receive(Callback(lie.body, lie.headers), scene.clock.now())
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == php("1501.00")
    with pytest.raises(Forged):
        scene.client.receive(Callback(lie.body, sent.headers), scene.clock.now())


async def test_the_older_events_are_sent_to_who_registered_them() -> None:
    scene = Scene()
    scene.maya._company.webhooks.add("demo", "CHECKOUT_SUCCESS", HOOK, "w", scene.clock.now())
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    due = scene.maya.take_due(scene.clock.now())
    for one in (due[0], scene.maya.wrong_amount(due[0])):
        notice = scene.client.receive(Callback(one.body, one.headers), scene.clock.now())
        assert notice.trusted
        assert isinstance(notice.answer, Succeeded)


async def test_the_payer_sees_a_page_and_goes_back() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    number = scene.maya.books()[0].provider_reference
    shown = scene.maya.prompt("/checkout", {"id": number})
    assert shown is not None
    assert (shown.reference, shown.amount, shown.open) == (ATTEMPT, "1500.00", True)
    assert scene.maya.prompt_url(ATTEMPT) == f"{BASE}/checkout?id={number}"
    assert scene.maya.prompt("/checkout", {}) is None
    assert scene.maya.prompt("/other", {"id": number}) is None
    await scene.client.charge(a_charge(), timeout_s=T)
    shared = scene.maya.prompt("checkout", {"id": number})
    assert shared is not None
    assert shared.reference == number  # the reference alone would not say which
    assert scene.maya.return_url(ATTEMPT) == "https://shop.example/back"
    with pytest.raises(LookupError):
        scene.maya.act("att_unknown", Action.APPROVE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"totalAmount":5}',
        b'{"totalAmount":{"value":"5","currency":"PHP"},"requestReferenceNumber":"a"}',
        b'{"totalAmount":{"value":5.001,"currency":"PHP"},"requestReferenceNumber":"a"}',
        b'{"totalAmount":{"value":5,"currency":"USD"},"requestReferenceNumber":"a"}',
        b'{"totalAmount":{"value":5,"currency":"PHP"},"requestReferenceNumber":"'
        + b"a" * 37
        + b'"}',
        b'{"totalAmount":{"value":5,"currency":"PHP"},"requestReferenceNumber":"a","buyer":5}',
        b'{"totalAmount":{"value":5,"currency":"PHP"},"requestReferenceNumber":"a","items":[5]}',
    ],
)
async def test_nonsense_gets_mayas_error(body: bytes) -> None:
    scene = Scene()
    headers = {"authorization": "Basic cGstc2ltLWRlbW86"}  # pk-sim-demo
    request = Request("POST", f"{BASE}/checkout/v1/checkouts", headers, body)
    response = await scene.maya.handle(request)
    assert response.status == 400
    assert msgspec.json.decode(response.body)["code"] in ("2553", "PY0064", "PY0037")
    assert not scene.maya.books()

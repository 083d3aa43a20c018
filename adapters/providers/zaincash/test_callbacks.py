"""What ZainCash signs, and what its simulator does."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit import jwt
from adapters.provider_kit.faults import Do, On, Rule, Script
from adapters.provider_kit.simulator import Action
from adapters.providers.zaincash import notices
from adapters.providers.zaincash.scene import (
    API_KEY,
    ATTEMPT,
    BASE,
    Scene,
    a_charge,
    a_config,
    a_lookup,
    an_order,
    fixture,
    iqd,
)
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, NotFound, Pending, Succeeded, Unknown
from domain.ports.providers import Callback, Notice

pytestmark = pytest.mark.anyio
T = 5.0
EVENT = fixture("guide")["event"]


def posted(said: object, secret: str = API_KEY, field: str = "webhook_token") -> Notice:
    body = msgspec.json.encode({field: jwt.signed(said, secret)})
    return notices.receive(Callback(body), API_KEY)


def an_event(**data: Any) -> dict[str, Any]:
    return {**EVENT, "data": {**EVENT["data"], "orderId": ATTEMPT, **data}}


def test_the_vector_is_read() -> None:
    sample = fixture("webhook_vector")
    assert sample["secret"] == API_KEY
    notice = notices.receive(Callback(msgspec.json.encode(sample["body"])), API_KEY)
    assert notice == Notice(
        id="evt_1",
        trusted=True,
        attempt_id="ord_1",
        provider_reference="zc_1",
        answer=Succeeded(amount=iqd("5000"), provider_reference="zc_1"),
    )


def test_both_names_of_the_field_are_read() -> None:
    assert posted(an_event()) == posted(an_event(), field="token")


def test_the_client_secret_signs_nothing() -> None:
    with pytest.raises(Forged):
        posted(an_event(), secret=a_config().client_secret)
    with pytest.raises(Forged):
        notices.receive(Callback(msgspec.json.encode({"webhook_token": ""})), API_KEY)
    body = msgspec.json.encode({"webhook_token": jwt.signed(an_event(), "")})
    with pytest.raises(Forged):
        notices.receive(Callback(body), "")


@pytest.mark.parametrize("alg", ["none", "HS512", "RS256"])
def test_another_algorithm_is_forged(alg: str) -> None:
    head, body, mac = jwt.signed(an_event(), API_KEY).split(".")
    other = jwt.signed({"alg": alg}, API_KEY).split(".")[1]
    for token in (f"{other}.{body}.{mac}", f"{other}.{body}."):
        with pytest.raises(Forged):
            notices.receive(Callback(msgspec.json.encode({"webhook_token": token})), API_KEY)
    assert head != other


@pytest.mark.parametrize(
    "said",
    [{}, [], {**EVENT, "eventId": ""}, {**EVENT, "data": {}}, {**EVENT, "eventId": "x" * 200}],
)
def test_signed_nonsense_is_invalid(said: object) -> None:
    with pytest.raises(Invalid):
        posted(said)


def test_what_can_not_be_understood_makes_us_ask() -> None:
    for data in (
        {"currentStatus": "NEW_WORD"},
        {"amount": None},
        {"amount": {"currency": "IQD", "value": "1.0001"}},
    ):
        notice = posted(an_event(**data))
        assert (notice.trusted, notice.answer, notice.attempt_id) == (False, None, ATTEMPT)


def test_an_event_about_a_refund_moves_no_payment() -> None:
    for type_ in ("REFUND_COMPLETED", "REFUND_FAILED"):
        notice = posted({**an_event(currentStatus="REFUNDED"), "eventType": type_})
        assert (notice.trusted, notice.answer) == (True, None)


@pytest.mark.parametrize(("action", "kind"), [("approve", Succeeded), ("decline", Declined)])
async def test_what_the_other_side_signs_is_believed(action: str, kind: type) -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.zaincash.act(ATTEMPT, Action(action))
    (notice,) = scene.notices()
    assert (notice.trusted, notice.attempt_id) == (True, ATTEMPT)
    assert isinstance(notice.answer, kind)
    scene.zaincash.tell_again(ATTEMPT)
    assert scene.notices() == [notice]


async def test_the_way_back_carries_the_same_token_which_may_be_posted_too() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.zaincash.act(ATTEMPT, Action.APPROVE)
    url, _, token = (scene.zaincash.return_url(ATTEMPT) or "").partition("?token=")
    assert url == "https://shop.example/back"
    body = msgspec.json.encode({"token": token})
    (notice,) = scene.notices()
    assert scene.client.receive(Callback(body), scene.clock.now()).answer == notice.answer


async def test_a_lost_init_is_told_by_the_webhook_alone() -> None:
    scene = Scene()
    scene.remote.faults.put(Script(rules=(Rule(on=On.CHARGE, do=Do.TIMEOUT_AFTER),)))
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Unknown)
    assert said.provider_reference is None
    scene.remote.faults.end()
    assert isinstance(await scene.client.find(a_lookup(None), timeout_s=T), Unknown)
    scene.zaincash.act(ATTEMPT, Action.APPROVE)
    (notice,) = scene.notices()
    assert isinstance(notice.answer, Succeeded)
    found = await scene.client.find(a_lookup(notice.provider_reference), timeout_s=T)
    assert found == notice.answer


async def test_an_init_sent_twice_is_refused_there_and_unknown_here() -> None:
    scene = Scene()
    first = await scene.client.charge(a_charge(), timeout_s=T)
    second = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(first, Pending)
    assert isinstance(second, Unknown)
    assert second.provider_reference == first.provider_reference
    assert len(scene.zaincash.books()) == 1


async def test_a_reversal_that_worked_and_was_lost_is_not_made_again() -> None:
    """The other side would: it is not idempotent."""
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.zaincash.act(ATTEMPT, Action.APPROVE)
    order = an_order(scene.reference)
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), NotFound)
    scene.remote.faults.put(Script(rules=(Rule(on=On.REFUND, do=Do.TIMEOUT_AFTER),)))
    assert isinstance(await scene.client.refund(order, timeout_s=T), Unknown)
    scene.remote.faults.end()
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), Succeeded)
    assert isinstance(await scene.client.refund(order, timeout_s=T), Succeeded)
    assert scene.zaincash.books()[0].refunded_minor == 5_000_000
    scene.zaincash.give_back(ATTEMPT, 5_000_000)  # somebody does it by hand, and it goes back twice
    assert scene.zaincash.books()[0].refunded_minor == 10_000_000


async def test_a_page_ends_after_a_quarter_of_an_hour_and_nobody_is_told() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.zaincash.company.send_code(scene.zaincash.company.transactions[scene.reference])
    assert isinstance(await scene.client.find(a_lookup(scene.reference), timeout_s=T), Pending)
    scene.clock.pass_(minutes=15)
    assert isinstance(await scene.client.find(a_lookup(scene.reference), timeout_s=T), Declined)
    assert scene.notices() == []


async def test_the_payer_sees_whole_dinars_on_the_page() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    shown = scene.zaincash.prompt("/transaction/pay", {"id": scene.reference})
    assert shown is not None
    assert (shown.amount, shown.currency, shown.open) == ("5000", "IQD", True)
    page = scene.zaincash.prompt_url(ATTEMPT) or ""
    assert page.startswith(f"{BASE}/transaction/pay?id={scene.reference}&")
    assert scene.zaincash.prompt("/other", {"id": scene.reference}) is None

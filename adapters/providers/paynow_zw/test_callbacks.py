"""Status updates: proven by their hash, believed by nobody, and followed nowhere."""

import pytest

from adapters.provider_kit.simulator import Action
from adapters.providers.paynow_zw import notices
from adapters.providers.paynow_zw.scene import (
    ATTEMPT,
    BASE,
    GUID,
    KEY,
    NOON,
    PAYNOW,
    Recorded,
    Scene,
    T,
    a_charge,
    a_client,
    a_lookup,
    update,
    usd,
)
from domain.errors import Forged, Invalid
from domain.payments.outcome import Pending, Succeeded
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio


def test_an_update_is_a_hint_about_our_attempt_and_says_what_to_expect() -> None:
    notice = a_client(Recorded()).receive(Callback(update()), NOON)
    assert (notice.trusted, notice.attempt_id, notice.provider_reference) == (False, ATTEMPT, GUID)
    assert notice.answer == Succeeded(amount=usd("15.00"), provider_reference=GUID)


@pytest.mark.parametrize("name", ["reference", "amount", "status", "paynowreference", "pollurl"])
def test_a_changed_value_is_forged(name: str) -> None:
    body = update().replace(f"{name}=".encode(), f"{name}=9".encode())
    with pytest.raises(Forged):
        a_client(Recorded()).receive(Callback(body), NOON)


def test_an_update_by_another_key_is_forged() -> None:
    with pytest.raises(Forged):
        a_client(Recorded()).receive(Callback(update(key=KEY.replace("3", "4"))), NOON)


@pytest.mark.parametrize(
    "body",
    [
        update(reference=""),
        update(reference="x" * 100),
        update().partition(b"&hash")[0],
        update()[:-1],
        update() + b"&status=Paid",
        b"x" * 50_000,
    ],
)
def test_a_form_of_other_fields_is_not_paynows(body: bytes) -> None:
    assert not notices.recognises(Callback(body))
    with pytest.raises(Invalid):
        a_client(Recorded()).receive(Callback(body), NOON)


def test_fields_beyond_the_usual_are_part_of_the_hash_and_no_harm() -> None:
    body = update(token="abc", paymentchannel="Ecocash")
    assert a_client(Recorded()).receive(Callback(body), NOON).attempt_id == ATTEMPT
    with pytest.raises(Forged):
        a_client(Recorded()).receive(Callback(body.replace(b"Ecocash", b"Visa")), NOON)


def test_a_number_with_commas_names_the_same_transaction() -> None:
    client = a_client(Recorded())
    plain = client.receive(Callback(update(paynowreference="20562970")), NOON)
    commas = client.receive(Callback(update(paynowreference="20,562,970")), NOON)
    assert plain.id.rpartition(":")[0] == commas.id.rpartition(":")[0]


async def test_a_poll_url_elsewhere_is_not_followed_even_under_a_genuine_hash() -> None:
    body = update(pollurl=f"http://169.254.169.254/Interface/CheckPayment/?guid={GUID}")
    transport = Recorded(update())
    client = a_client(transport)
    notice = client.receive(Callback(body), NOON)
    assert (notice.attempt_id, notice.provider_reference) == (ATTEMPT, None)
    await client.find(a_lookup(notice.provider_reference), timeout_s=T)
    assert [one.url for one in transport.asked] == [f"{PAYNOW}/interface/trace"]


async def test_an_update_that_says_paid_pays_nothing_until_a_poll_agrees() -> None:
    scene = Scene()
    told = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(told, Pending)
    lie = update("Paid", base=BASE)
    assert isinstance(scene.client.receive(Callback(lie), NOON).answer, Succeeded)
    assert isinstance(
        await scene.client.find(a_lookup(told.provider_reference), timeout_s=T), Pending
    )
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    found = await scene.client.find(a_lookup(told.provider_reference), timeout_s=T)
    assert isinstance(found, Succeeded)
    assert found.amount == usd("15.00")

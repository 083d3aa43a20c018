"""Airtel's callbacks: a hash in one of three forms, no amount, no time; a hint and never more."""

import json
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.simulator import Action
from adapters.providers.airtel_money.notices import hashed, receive, recognises
from adapters.providers.airtel_money.scene import ATTEMPT, HOOK, Scene, T, a_charge, fixture
from domain.errors import Forged, Invalid
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio
VECTOR: dict[str, Any] = fixture("callback.vector")
PUBLISHED: dict[str, Any] = fixture("callback.with-hash")
KEY: str = VECTOR["key_ascii"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("pretty", VECTOR["hash"]),
        ("compact", VECTOR["other_canonical_forms"]["compact_outer"]),
        ("transaction", VECTOR["other_canonical_forms"]["compact_inner"]),
    ],
)
def test_the_published_vector_has_its_hash_in_each_form(form: Any, expected: str) -> None:
    assert hashed(PUBLISHED, KEY, form) == expected
    told = {**PUBLISHED, "hash": expected}
    assert receive(Callback(msgspec.json.encode(told)), KEY, form).attempt_id == "BBZMiscxy"


def test_the_documented_form_does_not_take_the_others() -> None:
    for other in VECTOR["other_canonical_forms"].values():
        with pytest.raises(Forged):
            receive(Callback(msgspec.json.encode({**PUBLISHED, "hash": other})), KEY, "pretty")


@pytest.mark.parametrize("change", [{"hash": ""}, {"hash": "x"}, {"more": 1}, {"transaction": {}}])
def test_what_is_not_hashed_with_our_key_is_forged(change: dict[str, Any]) -> None:
    with pytest.raises((Forged, Invalid)):
        receive(Callback(msgspec.json.encode({**PUBLISHED, **change})), KEY, "pretty")
    with pytest.raises(Forged):
        receive(Callback(msgspec.json.encode(PUBLISHED)), KEY[:-1] + "b", "pretty")


@pytest.mark.parametrize("form", ["pretty", "compact", "transaction"])
async def test_each_form_of_the_company_is_read_with_its_setting(form: str) -> None:
    scene = Scene(callbackForm=form)
    scene.airtel.company.form = form
    charge = a_charge(reference="Café 12")  # beyond ASCII in what is hashed
    await scene.client.charge(charge, timeout_s=T)
    scene.airtel.act(ATTEMPT, Action.APPROVE)
    (sent,) = scene.airtel.take_due(scene.clock.now())
    assert sent.url == HOOK
    notice = scene.client.receive(Callback(sent.body, sent.headers), scene.clock.now())
    assert (notice.attempt_id, notice.trusted, notice.answer) == (ATTEMPT, False, None)
    other = scene.account(callbackForm="compact" if form == "pretty" else "pretty")
    with pytest.raises(Forged):
        other.receive(Callback(sent.body, sent.headers), scene.clock.now())


def test_letters_beyond_ascii_are_hashed_as_they_are_written() -> None:
    told = {"transaction": {"id": "x", "message": "Payé à Ndola", "status_code": "TS"}}
    text = json.dumps(told, indent=2, ensure_ascii=False)
    assert msgspec.json.format(msgspec.json.encode(told), indent=2).decode() == text


def test_without_a_key_any_callback_is_a_hint() -> None:
    bare = {"transaction": {**PUBLISHED["transaction"], "id": ATTEMPT}}
    notice = receive(Callback(msgspec.json.encode(bare)), "", "pretty")
    assert (notice.attempt_id, notice.trusted, notice.answer) == (ATTEMPT, False, None)


def test_a_made_up_callback_does_not_take_the_place_of_the_true_one() -> None:
    ids = []
    for words in ("one", "other", "one"):
        told = {"transaction": {"id": ATTEMPT, "status_code": "TS", "message": words}}
        ids.append(receive(Callback(msgspec.json.encode(told)), "", "pretty").id)
    assert ids[0] == ids[2] != ids[1]


def test_it_is_known_by_its_body_and_only_when_it_is_about_us() -> None:
    ours = {"transaction": {"id": ATTEMPT, "status_code": "TF"}}
    assert recognises(Callback(msgspec.json.encode(ours)))
    assert not recognises(Callback(msgspec.json.encode(PUBLISHED)))
    assert not recognises(Callback(b'{"transaction":{"id":5}}'))

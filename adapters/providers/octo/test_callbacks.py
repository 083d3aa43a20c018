"""A callback of OCTO is a hint, by whichever of the recipes in circulation it is signed."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit.simulator import Action
from adapters.providers.octo import notices
from adapters.providers.octo.notices import Told
from adapters.providers.octo.scene import ATTEMPT, Scene, a_charge, a_config, fixture
from domain.errors import Forged
from domain.payments.outcome import Declined, Succeeded
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio

UNIQUE = "unique-key-sim-demo"
RECIPES: dict[str, dict[str, Any]] = {
    "scheme_A_nested_upper": {"signature": "nested"},
    "scheme_A_nested_lower_inner": {"signature": "nested_lower"},
    "scheme_A_prefixed_yahont": {"signature": "nested", "prefix": "yahont"},
    "scheme_B_unique_key": {"signature": "unique_key"},
}
VECTORS = fixture("callback_signatures")["vectors"]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("vector", VECTORS, ids=[one["status"] for one in VECTORS])
def test_every_recipe_is_computed_as_its_vector(vector: Any, recipe: str) -> None:
    more = {**RECIPES[recipe], "unique_key": vector["unique_key"]}
    config = a_config(secret=vector["secret"], **more)
    told = Told(
        shop_transaction_id=ATTEMPT,
        uuid=vector["octo_payment_UUID"],
        status=vector["status"],
        signature=vector[recipe].lower(),  # compared whatever the case
        hash_key=vector["hash_key"],
    )
    body = msgspec.json.encode(told)
    notice = notices.receive(Callback(body), config)
    assert (notice.trusted, notice.answer) == (False, None)
    assert (notice.attempt_id, notice.provider_reference) == (ATTEMPT, told.uuid)
    for other in RECIPES:
        if other != recipe:
            wrong = {**RECIPES[other], "unique_key": vector["unique_key"]}
            with pytest.raises(Forged):
                notices.receive(Callback(body), a_config(secret=vector["secret"], **wrong))


def test_the_published_callback_has_the_fields_that_are_read() -> None:
    body = fixture("callback_documented")["body"]
    with pytest.raises(Forged):  # its secret is not published, and the example one does not fit
        notices.receive(Callback(msgspec.json.encode(body)), a_config())
    assert notices.recognises(Callback(msgspec.json.encode(body)))


@pytest.mark.parametrize("recipe", RECIPES)
async def test_the_other_side_signs_by_the_shops_recipe(recipe: str) -> None:
    more = RECIPES[recipe]
    camel = {"signature": more["signature"], "prefix": more.get("prefix", ""), "uniqueKey": UNIQUE}
    scene = Scene(**camel)
    scene.octo.company.recipe = more["signature"]
    scene.octo.company.prefix = more.get("prefix", "")
    await scene.client.charge(a_charge(), timeout_s=1)
    scene.octo.act(ATTEMPT, Action.APPROVE)
    (callback,) = scene.callbacks()
    notice = scene.client.receive(callback, scene.clock.now())
    assert (notice.attempt_id, notice.trusted, notice.answer) == (ATTEMPT, False, None)


async def test_a_status_can_not_be_changed_and_a_sum_is_not_believed() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=1)
    scene.octo.act(ATTEMPT, Action.DECLINE)
    (callback,) = scene.callbacks()
    lie = callback.body.replace(b'"canceled"', b'"succeeded"')
    with pytest.raises(Forged):
        scene.client.receive(Callback(lie), scene.clock.now())
    richer = callback.body.replace(b'"total_sum":150000.33', b'"total_sum":1')
    assert scene.client.receive(Callback(richer), scene.clock.now()).answer is None


def test_a_callback_answers_nothing_even_when_it_says_succeeded() -> None:
    """Neither id nor sum are signed, so a genuine one can be put under another payment."""
    told = Told("att_someone_elses", "uuid", "succeeded", "", "key")
    genuine = msgspec.structs.replace(told, signature=notices.signature(told, a_config()))
    notice = notices.receive(Callback(msgspec.json.encode(genuine)), a_config())
    assert not isinstance(notice.answer, Succeeded | Declined)
    assert not notice.trusted

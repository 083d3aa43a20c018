"""MTN's callbacks: unsigned, once, by either verb; a hint and never more."""

import msgspec
import pytest

from adapters.provider_kit.simulator import Action
from adapters.providers.mtn_momo.notices import receive, recognises
from adapters.providers.mtn_momo.scene import ATTEMPT, HOOK, Scene, T, a_charge, fixture, money
from domain.errors import Invalid
from domain.payments.outcome import Declined, Succeeded
from domain.ports.providers import Callback

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("environment", "phone", "code", "method"),
    [("sandbox", "+46733123999", "EUR", "PUT"), ("mtnzambia", "+260966000000", "ZMW", "POST")],
)
async def test_it_is_sent_once_by_either_verb_and_only_a_hint(
    environment: str, phone: str, code: str, method: str
) -> None:
    scene = Scene(targetEnvironment=environment)
    await scene.client.charge(a_charge(phone=phone, code=code), timeout_s=T)
    scene.mtn.act(ATTEMPT, Action.APPROVE)
    (sent,) = scene.mtn.take_due(scene.clock.now())
    assert (sent.method, sent.url) == (method, HOOK)
    assert scene.mtn.callback_retries_s == ()
    notice = scene.client.receive(Callback(sent.body, sent.headers), scene.clock.now())
    assert not notice.trusted
    assert notice.attempt_id == ATTEMPT
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == money("1500.00", code)


@pytest.mark.parametrize("shape", ["object", "string"])
def test_a_failure_is_read_in_both_shapes(shape: str) -> None:
    body = {**fixture(f"requesttopay.status.failed.reason-{shape}"), "externalId": ATTEMPT}
    notice = receive(Callback(msgspec.json.encode(body)))
    assert isinstance(notice.answer, Declined)
    assert notice.attempt_id == ATTEMPT


def test_a_made_up_callback_does_not_take_the_place_of_the_true_one() -> None:
    true = {**fixture("requesttopay.status.successful"), "externalId": ATTEMPT}
    lie = {**true, "financialTransactionId": "1"}
    ids = [receive(Callback(msgspec.json.encode(one))).id for one in (true, lie, true)]
    assert ids[0] == ids[2] != ids[1]


def test_it_is_known_by_its_body_and_only_when_it_is_about_us() -> None:
    ours = {**fixture("requesttopay.status.successful"), "externalId": ATTEMPT}
    assert recognises(Callback(msgspec.json.encode(ours)))
    assert not recognises(Callback(msgspec.json.encode({**ours, "externalId": "order-0001"})))
    assert not recognises(Callback(msgspec.json.encode({**ours, "payer": None})))


def test_nonsense_is_invalid() -> None:
    with pytest.raises(Invalid):
        receive(Callback(b'{"status":"SUCCESSFUL"}'))

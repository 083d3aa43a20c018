"""What is peculiar to the Alipay family as a counterpart: ids that mean one thing, a gate, cancels
that give money back."""

import msgspec
import pytest

from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Request, Response
from adapters.providers.gcash_alipayplus import simulated_gate as gate
from adapters.providers.gcash_alipayplus.scene import (
    ATTEMPT,
    BASE,
    Recorded,
    Scene,
    a_charge,
    a_client,
    a_lookup,
    an_order,
    php,
)
from domain.errors import Invalid
from domain.payments.outcome import (
    Declined,
    FailureKind,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Cancels

pytestmark = pytest.mark.anyio
T = 5.0


async def paid() -> Scene:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.alipay.act(ATTEMPT, Action.APPROVE)
    return scene


async def test_the_same_id_is_the_same_payment() -> None:
    scene = Scene()
    first = await scene.client.charge(a_charge(), timeout_s=T)
    assert await scene.client.charge(a_charge(), timeout_s=T) == first
    assert len(scene.alipay.books()) == 1
    scene.alipay.act(ATTEMPT, Action.APPROVE)
    again = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(again, Succeeded)
    assert again.amount == php("1500.00")


async def test_the_same_id_for_another_amount_leaves_it_unknown() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    other = await scene.client.charge(a_charge("1.00"), timeout_s=T)
    assert isinstance(other, Unknown)
    assert [one.amount_minor for one in scene.alipay.books()] == [150_000]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"client_id": "SANDBOX_5Y01"}, "clientId"),
        ({"private_key": gate.private_pem(gate.alipay_key())}, "privateKey"),
        ({"alipay_public_key": gate.public_pem(gate.merchant_key())}, "alipayPublicKey"),
    ],
)
async def test_an_account_with_a_wrong_credential_fails_at_the_desk(
    config: dict[str, str], field: str
) -> None:
    scene = Scene()
    await scene.client.probe(timeout_s=T)
    with pytest.raises(Invalid) as wrong:
        await scene.account(**config).probe(timeout_s=T)
    assert wrong.value.field == field
    assert not scene.alipay.books()


async def test_an_address_that_is_not_theirs_fails_at_the_desk() -> None:
    busy = {"result": {"resultStatus": "U", "resultCode": "UNKNOWN_EXCEPTION"}}
    for line in (Recorded("hello"), Recorded({}), Recorded(busy), Recorded(busy, status=503)):
        with pytest.raises(Invalid) as wrong:
            await a_client(line).probe(timeout_s=T)
        assert wrong.value.field == "baseUrl"


async def test_a_client_of_production_uses_the_path_of_production() -> None:
    scene = Scene(client_id="sim_demo")
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), Pending)
    (one,) = scene.alipay.books()
    assert one.reference == ATTEMPT


async def test_the_gate_wants_strings_and_a_signature() -> None:
    scene = Scene()
    right = signed("pay", b'{"paymentRequestId":"1","isIt":true}')
    assert await code(scene, right) == "PARAM_ILLEGAL"
    altered = Request("POST", right.url, right.headers, right.body + b" ")
    assert await code(scene, altered) == "INVALID_SIGNATURE"
    assert await code(scene, Request("POST", right.url, {}, right.body)) == "UNKNOWN_CLIENT"


def signed(verb: str, raw: bytes) -> Request:
    path = f"/ams/sandbox/api/v1/payments/{verb}"
    said = f"POST {path}\nSANDBOX_sim_demo.2026-03-01T04:00:00+00:00.".encode() + raw
    headers = {
        "Client-Id": "SANDBOX_sim_demo",
        "Request-Time": "2026-03-01T04:00:00+00:00",
        "Signature": gate.signature(said, gate.merchant_key()),
    }
    return Request("POST", f"{BASE}{path}", headers, raw)


async def code(scene: Scene, request: Request) -> str:
    response: Response = await scene.alipay.handle(request)
    assert response.status == 200
    return str(msgspec.json.decode(response.body)["result"]["resultCode"])


async def test_a_cancel_gives_back_what_was_paid_so_we_never_ask_for_one() -> None:
    scene = await paid()
    assert not isinstance(scene.client, Cancels)
    canceled = await code(scene, signed("cancel", b'{"paymentRequestId":"%b"}' % ATTEMPT.encode()))
    assert (canceled, scene.alipay.books()[0].status) == ("SUCCESS", "canceled")
    told = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(told, Declined)
    assert told.failure.kind is FailureKind.CANCELED


async def test_a_refund_of_the_same_id_is_the_same_and_a_refusal_stays_one() -> None:
    scene = await paid()
    first = await scene.client.refund(an_order("500.00"), timeout_s=T)
    assert isinstance(first, Succeeded)
    assert await scene.client.refund(an_order("500.00"), timeout_s=T) == first
    assert isinstance(await scene.client.refund(an_order("600.00"), timeout_s=T), Unknown)
    over = an_order("1000.01", "rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BE")
    for _ in range(2):
        said = await scene.client.refund(over, timeout_s=T)
        assert isinstance(said, Declined)
        assert not said.elsewhere
    assert scene.alipay.books()[0].refunded_minor == 50_000


async def test_a_page_that_was_overtaken_by_time_can_not_be_paid() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(minutes=30)
    scene.alipay.act(ATTEMPT, Action.APPROVE)
    assert scene.alipay.books()[0].status == "expired"
    found = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(found, Declined)
    assert found.failure.kind is FailureKind.EXPIRED


@pytest.mark.parametrize(
    ("phone", "status"),
    [("+639170001111", "succeeded"), ("+639170002222", "failed"), ("+639170003333", "pending")],
)
async def test_magic_payers_act_if_their_phone_is_told(phone: str, status: str) -> None:
    scene = Scene()
    await scene.client.charge(a_charge(phone=phone), timeout_s=T)
    assert scene.alipay.books()[0].status == status
    quiet = Scene(tell_buyer=False)
    await quiet.client.charge(a_charge(phone=phone), timeout_s=T)
    assert [(one.status, one.payer) for one in quiet.alipay.books()] == [("pending", None)]

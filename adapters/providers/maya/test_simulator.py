"""What is peculiar to Maya as a counterpart: two keys, references used twice, a day's end."""

import base64

import msgspec
import pytest

from adapters.provider_kit.faults import Do, On, Rule, Script
from adapters.provider_kit.scenery import Recorded
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Request, Response
from adapters.providers.maya.scene import (
    ATTEMPT,
    BASE,
    HOOK,
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
    NotFound,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
T = 5.0


async def said(scene: Scene, method: str, path: str, key: str, body: object = None) -> Response:
    token = base64.b64encode(f"{key}:".encode()).decode()
    raw = b"" if body is None else msgspec.json.encode(body)
    return await scene.maya.handle(
        Request(method, f"{BASE}{path}", {"Authorization": f"Basic {token}"}, raw)
    )


def code(response: Response) -> str:
    return str(msgspec.json.decode(response.body)["code"])


async def paid(merchant: str = "demo") -> Scene:
    scene = Scene(merchant)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    return scene


async def test_each_class_of_key_opens_its_own_doors() -> None:
    scene = Scene()
    create, read = "/checkout/v1/checkouts", f"/payments/v1/payment-rrns/{ATTEMPT}"
    assert code(await said(scene, "POST", create, "sk-sim-demo")) == "K004"
    assert code(await said(scene, "GET", read, "pk-sim-demo")) == "K007"
    assert code(await said(scene, "GET", read, "sk-live-1")) == "K003"
    assert code(await scene.maya.handle(Request("GET", f"{BASE}{read}"))) == "K001"
    broken = Request("GET", f"{BASE}{read}", {"authorization": "Basic ?"})
    assert code(await scene.maya.handle(broken)) == "K006"
    assert code(await said(scene, "GET", "/nowhere", "sk-sim-demo")) == "K004"


async def test_an_account_with_wrong_keys_fails_at_the_desk() -> None:
    scene = Scene()
    await scene.client.probe(timeout_s=T)
    assert not scene.maya.books()
    for public, secret, field in (
        ("pk-sim-demo", "sk-wrong", "secretKey"),
        ("pk-wrong", "sk-sim-demo", "publicKey"),
    ):
        with pytest.raises(Invalid) as wrong:
            await scene.account(public, secret).probe(timeout_s=T)
        assert wrong.value.field == field
    scene.remote.faults.put(Script(outage=True))
    with pytest.raises(Invalid) as away:
        await scene.client.probe(timeout_s=T)
    assert away.value.field == "baseUrl"


async def test_an_address_that_is_not_mayas_fails_at_the_desk() -> None:
    answers: list[tuple[int, object]] = [(200, "hello"), (200, {}), (404, "nothing"), (503, "")]
    for answer in answers:
        with pytest.raises(Invalid) as wrong:
            await a_client(Recorded(answer)).probe(timeout_s=T)
        assert wrong.value.field == "baseUrl"
    odd = Recorded((404, {"code": "PY0038"}), (400, {"code": "2553"}))
    await a_client(odd).probe(timeout_s=T)


async def test_with_wrong_keys_another_provider_may_try() -> None:
    scene = Scene()
    outcome = await scene.account("pk-wrong", "sk-wrong").charge(a_charge(), timeout_s=T)
    assert isinstance(outcome, Declined)
    assert outcome.elsewhere
    answer = await scene.account("pk-wrong", "sk-wrong").find(a_lookup(), timeout_s=T)
    assert isinstance(answer, Unknown)


async def test_an_outage_looks_as_documented() -> None:
    scene = Scene()
    response = scene.maya.outage(Request("GET", BASE))
    assert (response.status, code(response)) == (400, "K999")


async def test_one_reference_can_hold_two_checkouts_and_a_success_wins() -> None:
    scene = Scene()
    first = await scene.client.charge(a_charge(), timeout_s=T)
    second = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(first, Pending)
    assert isinstance(second, Pending)
    assert first.provider_reference != second.provider_reference
    assert len(scene.maya.books()) == 2
    scene.maya.act(first.provider_reference or "", Action.APPROVE)
    answer = await scene.client.find(a_lookup(), timeout_s=T)
    assert answer == Succeeded(amount=php("1500.00"), provider_reference=first.provider_reference)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    twice = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(twice, Succeeded)
    assert twice.amount == php("3000.00")


async def test_a_failed_authentication_is_not_the_end() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(phone="+639170004444"), timeout_s=T)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    scene.maya.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)
    scene.maya.fail_authentication(ATTEMPT)
    assert scene.maya.books()[0].status == "succeeded"


@pytest.mark.parametrize(
    ("phone", "status"),
    [("+639170001111", "succeeded"), ("+639170002222", "failed"), ("+639170003333", "pending")],
)
async def test_magic_payers_act_by_themselves(phone: str, status: str) -> None:
    scene = Scene()
    await scene.client.charge(a_charge(phone=phone), timeout_s=T)
    assert scene.maya.books()[0].status == status


async def test_a_checkout_ends_after_an_hour_and_says_so() -> None:
    scene = Scene()
    await scene.client.register(HOOK, timeout_s=T)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(minutes=59)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    scene.clock.pass_(minutes=1)
    (notice,) = scene.notices()
    assert notice.trusted
    assert isinstance(notice.answer, Declined)
    assert notice.answer.failure.kind is FailureKind.EXPIRED
    scene.maya.act(ATTEMPT, Action.APPROVE)
    assert scene.maya.books()[0].status == "expired"


async def test_a_cancel_is_believed_only_after_a_fresh_look() -> None:
    scene = Scene()
    assert isinstance(await scene.client.cancel(a_lookup(), timeout_s=T), NotFound)
    await scene.client.charge(a_charge(), timeout_s=T)
    ended = await scene.client.cancel(a_lookup(), timeout_s=T)
    assert isinstance(ended, Declined)
    assert ended.failure.kind is FailureKind.CANCELED
    assert isinstance(await (await paid()).client.cancel(a_lookup(), timeout_s=T), Succeeded)


async def test_the_simulator_gives_back_at_once_by_default() -> None:
    scene = await paid()
    part = await scene.client.refund(an_order("10.50", "rfd_1"), timeout_s=T)
    assert isinstance(part, Succeeded)
    again = await scene.client.refund(an_order("10.50", "rfd_1"), timeout_s=T)
    assert again == part  # seen in the list, not sent a second time
    more = await scene.client.refund(an_order("1500.00", "rfd_2"), timeout_s=T)
    assert isinstance(more, Declined)
    assert more.failure.provider_code == "PY0048"
    rest = await scene.client.refund(an_order("1489.50", "rfd_3"), timeout_s=T)
    assert isinstance(rest, Succeeded)
    assert scene.maya.books()[0].refunded_minor == 150_000
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)


async def test_until_midnight_in_manila_a_payment_is_voided_whole() -> None:
    scene = await paid("strict")
    part = await scene.client.refund(an_order("10.50"), timeout_s=T)
    assert isinstance(part, Declined)
    assert (part.failure.provider_code, part.elsewhere) == ("PY0072", True)
    scene.clock.pass_(hours=11, minutes=59)
    whole = await scene.client.refund(an_order(), timeout_s=T)
    assert isinstance(whole, Succeeded)
    assert scene.maya.books()[0].refunded_minor == 150_000
    assert isinstance(await scene.client.find_refund(an_order(), timeout_s=T), Succeeded)


async def test_from_midnight_in_manila_it_is_refunded_for_180_days() -> None:
    scene = await paid("strict")
    scene.clock.pass_(hours=12)
    part = await scene.client.refund(an_order("10.50"), timeout_s=T)
    assert isinstance(part, Succeeded)
    path = f"/payments/v1/payments/{scene.maya.books()[0].provider_reference}"
    assert code(await said(scene, "POST", f"{path}/voids", "sk-sim-strict", {})) == "PY0045"
    scene.clock.pass_(days=181)
    late = await scene.client.refund(an_order("10.50", "rfd_2"), timeout_s=T)
    assert isinstance(late, Declined)
    assert (late.failure.provider_code, late.elsewhere) == ("PY0047", False)


async def test_the_wrong_side_of_midnight_has_its_codes() -> None:
    scene = await paid("strict")
    path = f"/payments/v1/payments/{scene.maya.books()[0].provider_reference}"
    refund = {"totalAmount": {"amount": 1, "currency": "PHP"}}
    early = await said(scene, "POST", f"{path}/refunds", "sk-sim-strict", refund)
    assert (early.status, code(early)) == (400, "PY0072")
    scene.clock.pass_(hours=12)
    late = await said(scene, "POST", f"{path}/voids", "sk-sim-strict", {"reason": ""})
    assert (late.status, code(late)) == (400, "PY0073")


async def test_a_refund_can_take_its_time() -> None:
    scene = await paid()
    order = an_order("20.02")
    assert isinstance(await scene.client.refund(order, timeout_s=T), Pending)
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), Pending)
    scene.clock.pass_(minutes=1)
    done = await scene.client.find_refund(order, timeout_s=T)
    assert isinstance(done, Succeeded)
    assert done.amount == php("20.02")


@pytest.mark.parametrize("merchant", ["demo", "strict"])
async def test_a_lost_answer_to_a_refund_is_found_later(merchant: str) -> None:
    scene = await paid(merchant)
    assert isinstance(await scene.client.find_refund(an_order(), timeout_s=T), NotFound)
    scene.remote.faults.put(Script(rules=(Rule(on=On.REFUND, do=Do.TIMEOUT_AFTER),)))
    assert isinstance(await scene.client.refund(an_order(), timeout_s=T), Unknown)
    scene.remote.faults.end()
    assert isinstance(await scene.client.find_refund(an_order(), timeout_s=T), Succeeded)
    assert isinstance(await scene.client.refund(an_order(), timeout_s=T), Succeeded)
    assert scene.maya.books()[0].refunded_minor == 150_000

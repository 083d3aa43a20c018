"""What is peculiar to pawaPay: each gotcha of its interface is a test."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit.registry import converted
from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Response
from adapters.providers.pawapay import MANIFEST, wire
from adapters.providers.pawapay.errors import CODES, DOORS
from adapters.providers.pawapay.scene import (
    ATTEMPT,
    HOOK,
    KEYS,
    REFUND,
    Scene,
    T,
    a_charge,
    a_client,
    a_lookup,
    an_order,
    fixture,
    money,
)
from adapters.providers.pawapay.simulated_signature import KEY_ID, public_pem
from domain.errors import Invalid
from domain.payments.outcome import (
    ActionType,
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
OURS = wire.reference(ATTEMPT)
CREATED = "2025-05-15T07:38:56Z"


def taken(status: str = "ACCEPTED", **other: Any) -> Response:
    return answered(200, {"depositId": OURS, "status": status, "created": CREATED, **other})


def rejected(code: str, **other: Any) -> Response:
    return taken("REJECTED", failureReason={"failureCode": code, "failureMessage": "x"}, **other)


def found(status: str, **other: Any) -> Response:
    told = {"depositId": OURS, "status": status, "amount": "1500.00", "currency": "ZMW", **other}
    return answered(200, {"status": "FOUND", "data": told})


# Asking


async def test_a_deposit_is_as_documented() -> None:
    line = Recorded(taken())
    said = await a_client(line).charge(a_charge("12.50"), timeout_s=T)
    (asked,) = line.asked
    assert (asked.method, asked.url) == ("POST", "https://api.pawapay.io/v2/deposits")
    assert asked.headers["authorization"] == f"Bearer {KEYS['apiToken']}"
    body = msgspec.json.decode(asked.body)
    published = fixture("deposit.request")
    assert body.keys() == {*published.keys(), "metadata"}
    assert (body["depositId"], body["clientReferenceId"]) == (OURS, ATTEMPT)
    assert (body["amount"], body["currency"]) == ("12.5", "ZMW")
    assert body["payer"] == {
        "type": "MMO",
        "accountDetails": {"phoneNumber": "260977000000", "provider": "AIRTEL_OAPI_ZMB"},
    }
    assert body["payer"].keys() == published["payer"].keys()
    assert isinstance(said, Pending)
    assert said.provider_reference == OURS
    assert said.next_action is not None
    assert said.next_action.type is ActionType.APPROVE_ON_PHONE


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Order #1 (blue)", "Order 1 blue"),
        ("Café à la crème", "Cafe a la creme"),
        ("INV", "Payment"),
        ("", "Payment"),
        ("x" * 30, "x" * 22),
        ("a very long description", "a very long descriptio"),
    ],
)
def test_the_payers_message_is_4_to_22_plain_characters(text: str, sent: str) -> None:
    assert wire.words(text) == sent


async def test_a_duplicate_is_looked_at_and_nothing_new_happens() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.pawapay.act(ATTEMPT, Action.APPROVE)
    scene.paths()
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert said == Succeeded(amount=money("1500.00"), provider_reference=OURS)
    assert scene.paths() == ["POST /v2/deposits", f"GET /v2/deposits/{OURS}"]
    assert len(scene.pawapay.books()) == 1


async def test_a_duplicate_that_is_not_found_is_unknown() -> None:
    published = {**fixture("deposit.response.duplicate"), "depositId": OURS}
    line = Recorded(answered(200, published), answered(200, {"status": "NOT_FOUND"}))
    assert isinstance(await a_client(line).charge(a_charge(), timeout_s=T), Unknown)


@pytest.mark.parametrize(
    "answer",
    [
        taken("ENQUEUED"),
        taken(depositId=wire.reference("another")),
        taken(depositId=None),
        answered(202, {"depositId": OURS, "status": "ACCEPTED"}),
        taken("REJECTED"),
        rejected(""),
        rejected("UNKNOWN_ERROR"),
        rejected("INVALID_AMOUNT", depositId=wire.reference("another")),
        answered(500, {"failureReason": {"failureCode": "UNKNOWN_ERROR"}}),
        answered(500, {"failureReason": {"failureCode": "INVALID_INPUT"}}),
        answered(403, {"failureReason": {"failureCode": "PAYER_NOT_FOUND"}}),
        answered(403, {"message": "Forbidden"}),
    ],
)
async def test_what_is_neither_taken_nor_refused_is_unknown(answer: Response) -> None:
    said = await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Unknown)
    assert said.provider_reference == OURS


@pytest.mark.parametrize("code", sorted(CODES))
async def test_rejected_is_a_no_and_comes_as_http_200(code: str) -> None:
    said = await a_client(Recorded(rejected(code))).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.provider_code == code


@pytest.mark.parametrize("code", sorted(DOORS))
@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_request_that_is_not_let_in_is_a_no(status: int, code: str) -> None:
    answer = answered(status, {"failureReason": {"failureCode": code}})
    said = await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere


async def test_a_new_code_is_a_no_whose_word_is_not_shown() -> None:
    said = await a_client(Recorded(rejected("NEW_SECRET"))).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert "NEW" not in repr(said)


@pytest.mark.parametrize(
    "charge",
    [
        a_charge(code="UGX", amount="1500"),
        a_charge(phone="+260917000000"),
        a_charge(phone="+256772000000"),
        a_charge(phone=None),
    ],
)
async def test_a_payer_that_it_does_not_reach_is_refused_before_anything_is_sent(
    charge: Any,
) -> None:
    line = Recorded()
    said = await a_client(line).charge(charge, timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.INVALID_REQUEST, True)
    assert line.asked == []


async def test_a_network_that_is_down_lets_another_provider_try() -> None:
    scene = Scene()
    scene.pawapay.company.closed.add("AIRTEL_OAPI_ZMB")
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.PROVIDER_UNAVAILABLE, True)
    other = await scene.client.charge(a_charge(phone="+260966000000"), timeout_s=T)
    assert isinstance(other, Pending)


@pytest.mark.parametrize("amount", ["0.50", "20000000.01"])
async def test_an_amount_out_of_bounds_is_told(amount: str) -> None:
    said = await Scene().client.charge(a_charge(amount), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.LIMIT_EXCEEDED, True)


# Looking


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+260763456029", "PAYER_NOT_FOUND"),
        ("+260763456039", "PAYMENT_NOT_APPROVED"),
        ("+260973456049", "INSUFFICIENT_BALANCE"),
        ("+260763456069", "UNSPECIFIED_FAILURE"),
    ],
)
async def test_the_sandboxs_numbers_end_as_documented(phone: str, code: str) -> None:
    scene = Scene()
    assert isinstance(await scene.client.charge(a_charge(phone=phone), timeout_s=T), Pending)
    said = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.provider_code == code


@pytest.mark.parametrize("phone", ["+260763456789", "+260973456789"])
async def test_the_sandboxs_payers_who_pay(phone: str) -> None:
    scene = Scene()
    await scene.client.charge(a_charge(phone=phone), timeout_s=T)
    said = await scene.client.find(a_lookup(), timeout_s=T)
    assert said == Succeeded(amount=money("1500.00"), provider_reference=OURS)


async def test_the_sandboxs_stuck_payer_stays_pending_for_days() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(phone="+260763456129"), timeout_s=T)
    scene.clock.pass_(days=2)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    assert scene.pawapay.take_due(scene.clock.now()) == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("ACCEPTED", Pending),
        ("SUBMITTED", Pending),
        ("PROCESSING", Pending),
        ("IN_RECONCILIATION", Pending),  # repairs itself
        ("COMPLETED", Succeeded),
        ("FAILED", Declined),
        ("REJECTED", Unknown),
        ("DONE", Unknown),
    ],
)
async def test_each_state_is_read(status: str, outcome: type) -> None:
    said = await a_client(Recorded(found(status))).find(a_lookup(), timeout_s=T)
    assert isinstance(said, outcome)


@pytest.mark.parametrize(
    ("code", "failure", "kind", "elsewhere"),
    [
        ("INSUFFICIENT_BALANCE", FailureCode.INSUFFICIENT_FUNDS, FailureKind.DECLINED, False),
        ("PAYER_LIMIT_REACHED", FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED, False),
        ("PAYER_NOT_FOUND", FailureCode.PAYER_NOT_FOUND, FailureKind.DECLINED, True),
        ("PAYMENT_NOT_APPROVED", FailureCode.PAYER_REJECTED, FailureKind.DECLINED, False),
        ("UNSPECIFIED_FAILURE", FailureCode.UNKNOWN, FailureKind.DECLINED, False),
        ("UNKNOWN_ERROR", FailureCode.UNKNOWN, FailureKind.DECLINED, False),
        ("SOMETHING_NEW", FailureCode.UNKNOWN, FailureKind.DECLINED, False),
    ],
)
async def test_failed_is_final_whatever_its_reason(
    code: str, failure: FailureCode, kind: FailureKind, elsewhere: bool
) -> None:
    answer = found("FAILED", failureReason={"failureCode": code, "failureMessage": "x"})
    said = await a_client(Recorded(answer)).find(a_lookup(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.kind, said.elsewhere) == (failure, kind, elsewhere)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (answered(200, {"status": "NOT_FOUND"}), NotFound),
        (answered(404, {"status": "NOT_FOUND"}), Unknown),
        (answered(200, {"status": "NOT_FOUND", "data": {}}), Unknown),
        (answered(200, {"status": "FOUND"}), Unknown),
        (found("COMPLETED", depositId=wire.reference("another")), Unknown),
        (found("COMPLETED", amount="-5"), Unknown),
        (found("COMPLETED", amount="1.001"), Unknown),
        (found("COMPLETED", currency="QQQ"), Unknown),
        (answered(401, {"failureReason": {"failureCode": "NO_AUTHENTICATION"}}), Unknown),
    ],
)
async def test_not_found_comes_as_http_200_and_what_does_not_fit_is_unknown(
    answer: Response, outcome: type
) -> None:
    said = await a_client(Recorded(answer)).find(a_lookup(), timeout_s=T)
    assert isinstance(said, outcome)


async def test_what_was_rejected_is_not_found() -> None:
    scene = Scene()
    await scene.client.charge(a_charge("0.50"), timeout_s=T)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), NotFound)


async def test_a_number_carried_to_another_network_is_not_found_there() -> None:
    scene = Scene()
    charge = a_charge(phone="+260966000000")
    body = wire.deposit(charge, scene.config["apiToken"])
    body["payer"]["accountDetails"]["provider"] = "ZAMTEL_ZMB"
    scene.pawapay.company.deposit("demo", body)
    said = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.PAYER_NOT_FOUND


# Money back


async def test_a_refund_tells_its_amount_and_is_done_a_little_later() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.pawapay.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.refund(an_order("0.70"), timeout_s=T), Pending)
    body = msgspec.json.decode(scene.wire.asked[-1].body)
    assert (body["refundId"], body["depositId"]) == (wire.reference(REFUND), OURS)
    assert (body["amount"], body["currency"]) == ("0.7", "ZMW")
    assert isinstance(await scene.client.find_refund(an_order("0.70"), timeout_s=T), Pending)
    scene.clock.pass_(seconds=30)
    done = await scene.client.find_refund(an_order("0.70"), timeout_s=T)
    assert isinstance(done, Succeeded)
    assert done.amount == money("0.70")
    assert scene.pawapay.books()[0].refunded_minor == 70


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [
        ("REFUND_IN_PROGRESS", True),
        ("PAWAPAY_WALLET_OUT_OF_FUNDS", True),
        ("PROVIDER_TEMPORARILY_UNAVAILABLE", True),
        ("AMOUNT_TOO_LARGE", False),
        ("DEPOSIT_ALREADY_REFUNDED", False),
        ("INVALID_STATE", False),
        ("NOT_FOUND", False),
    ],
)
async def test_a_refund_is_sent_again_only_where_waiting_helps(code: str, elsewhere: bool) -> None:
    reason = {"failureCode": code, "failureMessage": "x"}
    told = {"refundId": wire.reference(REFUND), "status": "REJECTED", "failureReason": reason}
    said = await a_client(Recorded(answered(200, told))).refund(an_order(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere is elsewhere


async def test_a_second_refund_waits_for_the_first_where_it_must() -> None:
    scene = Scene()
    scene.pawapay.company.one_refund_at_a_time = True
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.pawapay.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.refund(an_order("1.00"), timeout_s=T), Pending)
    second = an_order("2.00", refund_id="rfd_01J9ZW7QK3M8X5N2V4T6R8Y0BE")
    said = await scene.client.refund(second, timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    scene.clock.pass_(seconds=30)
    assert isinstance(await scene.client.refund(second, timeout_s=T), Pending)


async def test_a_refund_that_failed_is_never_sent_again() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.pawapay.act(ATTEMPT, Action.APPROVE)
    await scene.client.refund(an_order(), timeout_s=T)
    scene.pawapay.company.refunds[wire.reference(REFUND)].ends = "FAILED"
    scene.clock.pass_(seconds=30)
    for said in (
        await scene.client.find_refund(an_order(), timeout_s=T),
        await scene.client.refund(an_order(), timeout_s=T),  # its id is used up
    ):
        assert isinstance(said, Declined)
        assert (said.failure.provider_code, said.elsewhere) == ("RECIPIENT_NOT_FOUND", False)


# Connecting an account


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"apiToken": "a b"}, "apiToken"),
        ({"apiToken": ""}, "apiToken"),
        ({"callbackKeys": [{"id": "k", "key": "nonsense"}]}, "callbackKeys"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted({**KEYS, **other}, MANIFEST.config)
    assert wrong.value.field == field


async def test_an_account_without_zambia_is_told_so() -> None:
    rwanda = {"country": "RWA", "providers": [{"provider": "MTN_MOMO_RWA"}]}
    for countries in ([], [rwanda]):
        with pytest.raises(Invalid):
            await a_client(Recorded(answered(200, {"countries": countries}))).probe(timeout_s=T)
    await Scene().client.probe(timeout_s=T)


async def test_the_keys_that_sign_callbacks_are_fetched_when_it_is_connected() -> None:
    added = await Scene().client.register(HOOK, timeout_s=T)
    assert added == {
        "callbackUrl": HOOK,
        "callbackKeys": [{"id": KEY_ID, "key": public_pem()}],
    }
    converted({**KEYS, **added}, MANIFEST.config)
    for useless in ([], [{"id": "k", "key": "nonsense"}], {"id": "k"}):
        with pytest.raises(Invalid):
            await a_client(Recorded(answered(200, useless))).register(HOOK, timeout_s=T)


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ({}, "https://api.pawapay.io/v2/deposits"),
        ({"sandbox": True}, "https://api.sandbox.pawapay.io/v2/deposits"),
        ({"baseUrl": "https://pay.example/"}, "https://pay.example/v2/deposits"),
    ],
)
async def test_each_environment_has_its_address(config: dict[str, Any], url: str) -> None:
    line = Recorded(taken())
    await a_client(line, **config).charge(a_charge(), timeout_s=T)
    assert line.asked[0].url == url


async def test_a_dead_connection_is_not_sent() -> None:
    scene = Scene(baseUrl="http://127.0.0.1:1")
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), NotSent)

"""What is peculiar to MTN MoMo: each gotcha of its interface is a test."""

from typing import Any

import msgspec
import pytest

from adapters.provider_kit.registry import converted
from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Response
from adapters.providers.mtn_momo import MANIFEST, wire
from adapters.providers.mtn_momo.config import MtnMomoConfig
from adapters.providers.mtn_momo.errors import DEFINITE, REASONS, refused
from adapters.providers.mtn_momo.scene import (
    ATTEMPT,
    HOOK,
    KEYS,
    REFUND,
    TOKEN,
    Scene,
    T,
    a_charge,
    a_client,
    a_lookup,
    an_order,
    fixture,
    money,
)
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
PAGE = Response(200, {"content-type": "text/html"}, b"<html>Request Rejected</html>")


def told(name: str, **other: Any) -> Response:
    return answered(200, {**fixture(name), **other})


# Asking


async def test_a_request_is_as_documented() -> None:
    line = Recorded(TOKEN, Response(202))
    said = await a_client(line, callbackUrl=HOOK).charge(a_charge("12.50"), timeout_s=T)
    token, asked = line.asked
    assert (token.method, token.url) == ("POST", "https://proxy.momoapi.mtn.com/collection/token/")
    assert token.body == b""
    assert token.headers["authorization"].startswith("Basic ")
    assert asked.headers["authorization"] == f"Bearer {fixture('token.response')['access_token']}"
    assert asked.headers["X-Reference-Id"] == OURS
    assert asked.headers["X-Target-Environment"] == "mtnzambia"
    assert asked.headers["X-Callback-Url"] == HOOK
    for request in line.asked:
        assert request.headers["Ocp-Apim-Subscription-Key"] == KEYS["subscriptionKey"]
    body = msgspec.json.decode(asked.body)
    assert body.keys() == fixture("requesttopay.request").keys()
    assert (body["amount"], body["currency"], body["externalId"]) == ("12.50", "ZMW", ATTEMPT)
    assert body["payer"] == {"partyIdType": "MSISDN", "partyId": "260966000000"}
    assert isinstance(said, Pending)
    assert said.provider_reference == OURS


async def test_the_payer_is_told_to_look_at_the_phone_for_five_minutes() -> None:
    said = await Scene().client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.type is ActionType.APPROVE_ON_PHONE
    assert said.next_action.message is not None
    assert "PIN" in said.next_action.message
    assert said.next_action.expires_at == a_charge().opened_at + wire.PROMPT


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_only_202_is_taken_for_accepted(status: int) -> None:
    said = await a_client(Recorded(TOKEN, Response(status))).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Unknown)
    assert said.provider_reference == OURS


async def test_the_firewalls_page_is_no_acceptance_and_our_words_do_not_provoke_it() -> None:
    line = Recorded(TOKEN, PAGE)
    assert isinstance(await a_client(line).charge(a_charge(), timeout_s=T), Unknown)
    scene = Scene(targetEnvironment="sandbox")
    charge = a_charge(code="EUR", phone="+46733123499", description="Order #1 (blue)")
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)
    assert scene.mtn.books()[0].amount_minor == 150_000


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Order #1 (blue)", "Order 1 blue"),
        ("Café à la crème", "Cafe a la creme"),
        ("№ 🙂", "No"),
        ("()", "Payment"),
        ("", "Payment"),
        ("x" * 200, "x" * 160),
    ],
)
def test_words_for_the_payer_are_plain_and_short(text: str, sent: str) -> None:
    assert wire.words(text) == sent


async def test_what_was_submitted_before_is_looked_at_and_not_sent_under_another_id() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.mtn.act(ATTEMPT, Action.APPROVE)
    scene.paths()
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert said == Succeeded(amount=money("1500.00"), provider_reference=OURS)
    path = "/collection/v1_0/requesttopay"
    assert scene.paths() == [f"POST {path}", f"GET {path}/{OURS}"]
    assert len(scene.mtn.books()) == 1


async def test_submitted_before_and_yet_not_found_is_unknown() -> None:
    line = Recorded(TOKEN, answered(409, fixture("error.409")), answered(404, fixture("error.404")))
    assert isinstance(await a_client(line).charge(a_charge(), timeout_s=T), Unknown)


# Whose payer, whose country


@pytest.mark.parametrize(
    ("charge", "environment"),
    [
        (a_charge(code="UGX", amount="1500"), "mtnzambia"),
        (a_charge(phone="+260977000000"), "mtnzambia"),  # of another network
        (a_charge(phone="+256772000000"), "mtnzambia"),
        (a_charge(phone=None), "mtnzambia"),
        (a_charge(), "sandbox"),  # it takes euros only
    ],
)
async def test_what_another_country_would_take_is_refused_before_anything_is_sent(
    charge: Any, environment: str
) -> None:
    line = Recorded()
    said = await a_client(line, targetEnvironment=environment).charge(charge, timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.INVALID_REQUEST, True)
    assert line.asked == []


def test_the_router_knows_whose_numbers_it_asks() -> None:
    profile = MANIFEST.profile
    for phone in ("+260966123456", "+260766123456", "+256772123456", "+233244123456"):
        assert profile.asks(phone)
    for stranger in ("+260977123456", "+260955123456", "+639171234567", None):
        assert not profile.asks(stranger)


# Tokens


async def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(minutes=58)
    await scene.client.find(a_lookup(), timeout_s=T)
    assert [one for one in scene.paths() if "token" in one] == ["POST /collection/token/"]
    scene.clock.pass_(minutes=1, seconds=1)
    await scene.client.find(a_lookup(), timeout_s=T)
    assert [one for one in scene.paths() if "token" in one] == ["POST /collection/token/"]


async def test_a_withdrawn_token_is_replaced_and_the_request_is_one() -> None:
    scene = Scene()
    await scene.client.find(a_lookup(), timeout_s=T)
    scene.mtn.gate.withdraw()
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), Pending)
    assert len(scene.mtn.books()) == 1


async def test_each_product_has_its_own_token() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.mtn.act(ATTEMPT, Action.APPROVE)
    scene.paths()
    await scene.client.refund(an_order(), timeout_s=T)
    assert scene.paths() == ["POST /disbursement/token/", "POST /disbursement/v1_0/refund"]


@pytest.mark.parametrize(
    "answer",
    [
        answered(503, {"code": "SERVICE_UNAVAILABLE", "message": ""}),
        answered(200, {"access_token": ""}),
        answered(200, {"access_token": "a b"}),
        answered(200, {"access_token": "a", "expires_in": 0}),
        answered(401, {"error": "login_failed"}),
        PAGE,
    ],
)
async def test_without_a_token_nothing_was_charged_and_another_may_try(answer: Response) -> None:
    said = await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.PROVIDER_UNAVAILABLE, True)
    assert isinstance(await a_client(Recorded(answer)).find(a_lookup(), timeout_s=T), Unknown)


# What MTN says


@pytest.mark.parametrize("shape", ["object", "string"])
def test_a_reason_is_an_object_or_a_word(shape: str) -> None:
    read = told(f"requesttopay.status.failed.reason-{shape}", externalId=ATTEMPT)
    said = wire.status(read, ATTEMPT)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.provider_code, said.elsewhere) == (
        FailureCode.PAYER_REJECTED,
        "APPROVAL_REJECTED",
        False,
    )


def test_a_published_success_is_read_to_the_cent() -> None:
    read = told("requesttopay.status.successful", externalId=ATTEMPT)
    said = wire.status(read, ATTEMPT)
    assert said == Succeeded(amount=money("1500", "EUR"), provider_reference=OURS)


@pytest.mark.parametrize(
    "other",
    [
        {"externalId": "order-0001"},  # somebody else's
        {"status": "DONE"},
        {"amount": "-5"},
        {"amount": "1.001"},
        {"amount": "1e99"},
        {"currency": "QQQ"},
        {"status": "FAILED", "reason": "ONGOING"},  # contradicts itself
    ],
)
def test_what_does_not_fit_is_unknown(other: dict[str, Any]) -> None:
    known = {"externalId": ATTEMPT, **other}
    assert isinstance(
        wire.status(told("requesttopay.status.successful", **known), ATTEMPT), Unknown
    )


@pytest.mark.parametrize(
    ("reason", "code", "kind", "elsewhere"),
    [
        ("NOT_ENOUGH_FUNDS", FailureCode.INSUFFICIENT_FUNDS, FailureKind.DECLINED, False),
        ("PAYER_LIMIT_REACHED", FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED, False),
        ("PAYER_NOT_FOUND", FailureCode.PAYER_NOT_FOUND, FailureKind.DECLINED, True),
        ("COULD_NOT_PERFORM_TRANSACTION", FailureCode.EXPIRED, FailureKind.EXPIRED, False),
        ("PAYEE_NOT_FOUND", FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE, True),
        ("INTERNAL_PROCESSING_ERROR", FailureCode.UNKNOWN, FailureKind.DECLINED, False),
        ("SOMETHING_NEW", FailureCode.UNKNOWN, FailureKind.DECLINED, False),
    ],
)
def test_failed_is_final_whatever_its_reason(
    reason: str, code: FailureCode, kind: FailureKind, elsewhere: bool
) -> None:
    read = told(
        "requesttopay.status.failed.reason-string", externalId=ATTEMPT, reason={"code": reason}
    )
    said = wire.status(read, ATTEMPT)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.kind, said.elsewhere) == (code, kind, elsewhere)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_500_is_a_no_only_with_a_code_that_says_so(code: str) -> None:
    said = refused(answered(500, {"code": code, "message": "words"}))
    assert isinstance(said, Declined if code in DEFINITE else Unknown)
    assert isinstance(refused(answered(502, {"code": code})), Unknown)


@pytest.mark.parametrize("status", [400, 500, 502, 503])
def test_an_empty_error_leaves_it_open(status: int) -> None:
    assert isinstance(refused(Response(status)), Unknown)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_the_gateways_no_is_a_no(status: int) -> None:
    said = refused(answered(status, {"statusCode": status, "message": "words"}))
    assert isinstance(said, Declined)
    assert (said.failure.provider_code, said.elsewhere) == (str(status), True)
    assert isinstance(refused(Response(status)), Unknown)


def test_not_found_needs_mtns_own_word_for_it() -> None:
    assert isinstance(wire.status(answered(404, fixture("error.404")), ATTEMPT), NotFound)
    gateway = answered(404, {"statusCode": 404, "message": "Resource not found"})
    assert isinstance(wire.status(gateway, ATTEMPT), Unknown)
    assert isinstance(wire.status(Response(404), ATTEMPT), Unknown)


# Money back


async def test_a_refund_names_the_request_it_gives_back() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.mtn.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.refund(an_order(), timeout_s=T), Pending)
    asked = scene.wire.asked[-1]
    body = msgspec.json.decode(asked.body)
    assert body.keys() == fixture("refund.request").keys()
    assert body["referenceIdToRefund"] == OURS
    assert asked.headers["X-Reference-Id"] == wire.reference(REFUND) != OURS
    assert isinstance(await scene.client.find_refund(an_order(), timeout_s=T), Pending)
    scene.clock.pass_(seconds=30)
    done = await scene.client.find_refund(an_order(), timeout_s=T)
    assert isinstance(done, Succeeded)
    assert done.amount == money("1500.00")


def test_a_published_refund_is_read_without_its_messages() -> None:
    read = told("refund.status", externalId=REFUND)
    said = wire.status(read, REFUND)
    assert isinstance(said, Succeeded)
    assert said.amount == money("5", "EUR")


async def test_an_account_without_disbursement_says_what_is_missing() -> None:
    line = Recorded()
    said = await a_client(line).refund(an_order(), timeout_s=T)
    assert isinstance(said, Declined)
    assert "Disbursement" in said.failure.message
    assert isinstance(await a_client(line).find_refund(an_order(), timeout_s=T), Unknown)
    assert line.asked == []


@pytest.mark.parametrize(
    ("environment", "flag", "sent"),
    [
        ("sandbox", None, True),
        ("mtnzambia", None, False),
        ("mtnzambia", True, True),
        ("sandbox", False, False),
    ],
)
async def test_a_part_is_given_back_only_where_that_is_known_to_work(
    environment: str, flag: bool | None, sent: bool
) -> None:
    code = "EUR" if environment == "sandbox" else "ZMW"
    scene = Scene(targetEnvironment=environment, partialRefunds=flag)
    said = await scene.client.refund(an_order("10.00", code=code), timeout_s=T)
    assert isinstance(said, Declined)  # nothing was paid, or nothing was sent
    assert bool(scene.paths()) is sent
    assert ("partialRefunds" in said.failure.message) is not sent


async def test_a_refund_that_failed_is_never_sent_again() -> None:
    line = Recorded(TOKEN, told("refund.status", externalId=REFUND, status="FAILED", reason="X"))
    keys = {f"disbursement{name[0].upper()}{name[1:]}": key for name, key in KEYS.items()}
    del keys["disbursementTargetEnvironment"]
    said = await a_client(line, **keys).find_refund(an_order(), timeout_s=T)
    assert isinstance(said, Declined)
    assert not said.elsewhere


# Connecting an account


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"apiUser": "me"}, "apiUser"),
        ({"apiKey": ""}, "apiKey"),
        ({"subscriptionKey": "a b"}, "subscriptionKey"),
        ({"targetEnvironment": "production"}, "targetEnvironment"),
        ({"disbursementApiKey": "k"}, "disbursementSubscriptionKey"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted({**KEYS, **other}, MANIFEST.config)
    assert wrong.value.field == field


async def test_a_key_of_another_product_is_named() -> None:
    scene = Scene()
    for other, field in (
        ({"subscriptionKey": "disbursement-sim-demo-key"}, "subscriptionKey"),
        ({"apiKey": "api-key-sim-other"}, "apiKey"),
        ({"disbursementSubscriptionKey": "collection-sim-demo-key"}, "disbursementSubscriptionKey"),
        ({"disbursementApiKey": "api-key-sim-other"}, "disbursementApiKey"),
    ):
        with pytest.raises(Invalid) as wrong:
            await scene.account(**other).probe(timeout_s=T)
        assert wrong.value.field == field
    await scene.client.probe(timeout_s=T)
    assert scene.mtn.books() == []


async def test_an_environment_that_the_keys_are_not_for_is_named() -> None:
    no = answered(500, {"code": "NOT_ALLOWED_TARGET_ENVIRONMENT", "message": ""})
    early = answered(400, {"error": "Invalid or missing X-Target-Environment header"})
    for answers in ((TOKEN, TOKEN, no), (early,)):
        with pytest.raises(Invalid) as wrong:
            await a_client(Recorded(*answers)).probe(timeout_s=T)
        assert wrong.value.field == "targetEnvironment"
    for harmless in (Response(500), answered(404, fixture("error.404")), PAGE):
        await a_client(Recorded(TOKEN, TOKEN, harmless)).probe(timeout_s=T)


async def test_a_server_that_mtn_does_not_know_is_told_so() -> None:
    no = answered(403, {"statusCode": 403, "message": "Forbidden IP"})
    with pytest.raises(Invalid) as wrong:
        await a_client(Recorded(no)).probe(timeout_s=T)
    assert "address" in str(wrong.value)


@pytest.mark.parametrize(("host", "fits"), [("127.0.0.1", True), ("example.org", False)])
async def test_the_sandbox_calls_only_the_host_its_user_was_made_for(host: str, fits: bool) -> None:
    line = Recorded(answered(200, {"providerCallbackHost": host, "targetEnvironment": "sandbox"}))
    client = a_client(line, targetEnvironment="sandbox")
    if fits:
        assert await client.register(HOOK, timeout_s=T) == {"callbackUrl": HOOK}
        return
    with pytest.raises(Invalid) as wrong:
        await client.register(HOOK, timeout_s=T)
    assert wrong.value.field == "callbackUrl"


async def test_callbacks_can_be_switched_off() -> None:
    line = Recorded(TOKEN, Response(202))
    client = a_client(line, callbacks=False, callbackUrl=HOOK)
    await client.charge(a_charge(), timeout_s=T)
    assert "X-Callback-Url" not in line.asked[1].headers


def test_each_environment_has_its_address() -> None:
    sandbox = msgspec.convert({**KEYS, "targetEnvironment": "sandbox"}, MtnMomoConfig)
    assert sandbox.url == "https://sandbox.momodeveloper.mtn.com"
    assert msgspec.convert(KEYS, MtnMomoConfig).url == "https://proxy.momoapi.mtn.com"


def test_productions_next_address_has_users_that_are_no_uuids() -> None:
    keys = {**KEYS, "apiUser": "c2hvcA==", "baseUrl": "https://momoapi.momo.africa/"}
    assert msgspec.convert(keys, MtnMomoConfig).url == "https://momoapi.momo.africa"
    for wrong in ({"baseUrl": "https://proxy.momoapi.mtn.com"}, {"apiUser": "a:b"}):
        with pytest.raises(Invalid) as refused_:
            converted({**keys, **wrong}, MANIFEST.config)
        assert refused_.value.field == "apiUser"


async def test_a_dead_connection_is_not_sent() -> None:
    scene = Scene(baseUrl="http://127.0.0.1:1")
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), NotSent)

"""What is peculiar to Airtel Money: each gotcha of its interface is a test."""

import base64
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.registry import converted
from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import NoAnswer, Request, Response, Transport
from adapters.providers.airtel_money import MANIFEST, wire
from adapters.providers.airtel_money.config import AirtelMoneyConfig
from adapters.providers.airtel_money.errors import ALIVE, NO, refused
from adapters.providers.airtel_money.scene import (
    ATTEMPT,
    KEYS,
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
from adapters.providers.airtel_money.sealing import sealed
from adapters.providers.airtel_money.simulated_key import matches, public_text
from domain.errors import Invalid
from domain.payments.outcome import (
    ActionType,
    Declined,
    FailureCode,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
ACCEPTED = fixture("payments.response.accepted")


def accepted(**transaction: Any) -> Response:
    told = msgspec.json.decode(msgspec.json.encode(ACCEPTED))
    told["data"]["transaction"] = {"id": ATTEMPT, "status": "SUCCESS", **transaction}
    return answered(200, told)


def told(status: str, code: str = "DP00800001001", *, success: bool = False) -> Response:
    transaction = {"id": ATTEMPT, "status": status, "message": "x"}
    if status in ("TS", "TR"):
        transaction["airtel_money_id"] = "MP210603.1234.L06941"
    verdict = {"code": "200", "result_code": "ESB000010", "response_code": code}
    body = {"data": {"transaction": transaction}, "status": {**verdict, "success": success}}
    return answered(200, body)


def problem(
    status: int, result: str = "", response: str = "", *, success: bool = False
) -> Response:
    codes = {"result_code": result, "response_code": response}
    shown = {name: code for name, code in codes.items() if code}
    return answered(status, {"status": {**shown, "code": str(status), "success": success}})


# Asking


async def test_a_push_is_as_documented() -> None:
    line = Recorded(TOKEN, accepted())
    said = await a_client(line).charge(a_charge("12.50"), timeout_s=T)
    token, asked = line.asked
    assert (token.method, token.url) == ("POST", "https://openapi.airtel.co.zm/auth/oauth2/token")
    assert msgspec.json.decode(token.body) == {
        "client_id": KEYS["clientId"],
        "client_secret": KEYS["clientSecret"],
        "grant_type": "client_credentials",
    }
    assert asked.url == "https://openapi.airtel.co.zm/merchant/v1/payments/"  # with its slash
    assert asked.headers["authorization"] == "Bearer tok-1"
    assert (asked.headers["X-Country"], asked.headers["X-Currency"]) == ("ZM", "ZMW")
    assert "x-signature" not in asked.headers
    body = msgspec.json.decode(asked.body)
    published = fixture("payments.request")
    assert body.keys() == published.keys()
    assert body["subscriber"] == {"country": "ZM", "currency": "ZMW", "msisdn": "977000000"}
    assert body["transaction"].keys() == published["transaction"].keys()
    assert (body["transaction"]["amount"], body["transaction"]["id"]) == (12.5, ATTEMPT)
    assert b'"amount":12.50' in asked.body
    assert isinstance(said, Pending)
    assert said.provider_reference == ATTEMPT


@pytest.mark.parametrize(
    ("form", "sent"),
    [("national", "977000000"), ("trunk", "0977000000"), ("international", "260977000000")],
)
async def test_numbers_are_written_as_the_account_says(form: str, sent: str) -> None:
    line = Recorded(TOKEN, accepted())
    await a_client(line, msisdn=form).charge(a_charge(), timeout_s=T)
    assert msgspec.json.decode(line.asked[1].body)["subscriber"]["msisdn"] == sent


async def test_success_is_that_the_payer_was_asked_and_no_money_moved() -> None:
    scene = Scene()
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.type is ActionType.APPROVE_ON_PHONE
    assert scene.airtel.books()[0].status == "pending"


@pytest.mark.parametrize("id_", [False, ATTEMPT])
async def test_the_id_in_an_answer_may_be_false(id_: object) -> None:
    line = Recorded(TOKEN, accepted(id=id_))
    assert isinstance(await a_client(line).charge(a_charge(), timeout_s=T), Pending)


@pytest.mark.parametrize(
    "answer",
    [
        accepted(id="another"),
        accepted(status="FAILED"),
        answered(202, ACCEPTED),
        answered(200, {**ACCEPTED, "status": {**ACCEPTED["status"], "success": False}}),
        answered(200, {**ACCEPTED, "status": {**ACCEPTED["status"], "result_code": "ESB000001"}}),
    ],
)
async def test_an_acceptance_that_is_not_whole_is_unknown(answer: Response) -> None:
    said = await a_client(Recorded(TOKEN, answer)).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Unknown)
    assert said.provider_reference == ATTEMPT


async def test_a_duplicate_is_looked_at_and_not_sent_under_another_id() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.airtel.act(ATTEMPT, Action.APPROVE)
    scene.paths()
    said = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Succeeded)
    paths = scene.paths()
    assert paths == ["POST /merchant/v2/payments/", f"GET /standard/v1/payments/{ATTEMPT}"]
    assert len(scene.airtel.books()) == 1


async def test_a_duplicate_that_is_not_found_is_unknown() -> None:
    line = Recorded(TOKEN, problem(200, "ESB000041"), problem(200, "ESB000045"))
    assert isinstance(await a_client(line).charge(a_charge(), timeout_s=T), Unknown)


@pytest.mark.parametrize(
    "charge",
    [
        a_charge(code="UGX", amount="1500"),
        a_charge(phone="+260966000000"),  # MTN's
        a_charge(phone="+256772000000"),
        a_charge(phone=None),
    ],
)
async def test_what_another_account_would_take_is_refused_before_anything_is_sent(
    charge: Any,
) -> None:
    line = Recorded()
    said = await a_client(line).charge(charge, timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.INVALID_REQUEST, True)
    assert line.asked == []


def test_the_router_knows_whose_numbers_it_asks() -> None:
    for phone in ("+260977123456", "+260771234567", "+256752604392", "+265991234567"):
        assert MANIFEST.profile.asks(phone)
    for stranger in ("+260966123456", "+260955123456", "+639171234567", None):
        assert not MANIFEST.profile.asks(stranger)


# Codes: few are a no by themselves


@pytest.mark.parametrize("code", sorted(NO))
def test_a_definite_code_is_a_no_whether_it_comes_as_200_or_400(code: str) -> None:
    for status in (200, 400):
        known = problem(status, "", code) if code.startswith("DP") else problem(status, code)
        said = refused(known)
        assert isinstance(said, Declined)
        assert said.failure.provider_code == code
    assert isinstance(refused(problem(500, code)), Unknown)
    assert isinstance(refused(problem(200, code, success=True)), Unknown)


@pytest.mark.parametrize(
    "code", ["ESB000001", "ESB000004", "ESB000008", "ESB000014", "ROUTER117", "SOMETHING"]
)
@pytest.mark.parametrize("status", [200, 400, 408, 500, 502, 504])
def test_an_ambiguous_code_is_unknown_whatever_stands_beside_it(code: str, status: int) -> None:
    for response in ("", "DP00800001002", "DP00800001005"):
        assert isinstance(refused(problem(status, code, response)), Unknown)


@pytest.mark.parametrize("code", sorted(ALIVE))
def test_codes_that_the_transcripts_disagree_about_decide_nothing(code: str) -> None:
    assert isinstance(refused(problem(200, "ESB000011", code)), Unknown)
    assert isinstance(refused(problem(200, "", code)), Unknown)


def test_failed_is_a_no_where_nothing_contradicts_it() -> None:
    assert isinstance(refused(problem(200, "ESB000011")), Declined)


def test_an_unknown_number_is_a_no_as_400_and_unknown_as_500() -> None:
    said = refused(problem(400, response="DP00800001005"))
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.PAYER_NOT_FOUND, True)
    assert isinstance(refused(problem(500, response="DP00800001005")), Unknown)
    assert isinstance(refused(problem(200, response="DP00800001005")), Unknown)


async def test_a_number_without_a_wallet_is_told_at_once() -> None:
    said = await Scene().client.charge(a_charge(phone="+260977004444"), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.PAYER_NOT_FOUND


@pytest.mark.parametrize("status", [401, 403, 429])
def test_the_gateways_no_is_a_no_only_in_its_own_words(status: int) -> None:
    said = refused(answered(status, {"error": "x", "error_description": "y"}))
    assert isinstance(said, Declined)
    assert (said.failure.provider_code, said.elsewhere) == (str(status), True)
    assert isinstance(refused(Response(status)), Unknown)
    assert isinstance(refused(answered(status, {"error": None})), Unknown)


# Enquiring


async def test_the_published_success_says_false_and_is_a_success() -> None:
    body = fixture("enquiry.response.ts")
    assert body["status"]["success"] is False
    body["data"]["transaction"]["id"] = ATTEMPT
    said = await a_client(Recorded(TOKEN, answered(200, body))).find(a_lookup(), timeout_s=T)
    assert said == Succeeded(amount=money("1500.00"), provider_reference="MP210603.1234.L06941")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("TS", Succeeded),
        ("TF", Declined),
        ("TE", Declined),
        ("TIP", Pending),
        ("TI", Pending),
        ("TA", Pending),  # Airtel does not know it itself: it is asked again
        ("TR", Unknown),
        ("XX", Unknown),
        ("SUCCESS", Unknown),  # only a push says that
    ],
)
@pytest.mark.parametrize("success", [True, False])
async def test_only_the_transactions_own_status_is_read(
    status: str, outcome: type, success: bool
) -> None:
    line = Recorded(TOKEN, told(status, "DP00800001006", success=success))
    assert isinstance(await a_client(line).find(a_lookup(), timeout_s=T), outcome)


@pytest.mark.parametrize(
    ("country", "code", "failure"),
    [
        ("UG", "DP00800001007", FailureCode.INSUFFICIENT_FUNDS),
        ("ZM", "DP00800001007", FailureCode.PAYER_REJECTED),
        ("UG", "DP00800001005", FailureCode.EXPIRED),
        ("ZM", "DP00800001005", FailureCode.INSUFFICIENT_FUNDS),
        ("ZM", "DP00800001009", FailureCode.EXPIRED),
        ("UG", "DP00800001001", FailureCode.UNKNOWN),
        ("ZM", "NEW", FailureCode.UNKNOWN),
    ],
)
async def test_why_it_failed_is_told_as_in_that_country(
    country: str, code: str, failure: FailureCode
) -> None:
    line = Recorded(TOKEN, told("TF", code))
    said = await a_client(line, country=country).find(a_lookup(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (failure, False)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (problem(200, "ESB000045"), NotFound),
        (problem(404, "ESB000045"), NotFound),
        (problem(500, "ESB000045"), Unknown),
        (problem(404, "ESB000014"), Unknown),
        (Response(404), Unknown),
        (answered(200, {"data": {}, "status": {"result_code": "ESB000010"}}), Unknown),
        (answered(401, {"error": "invalid_token"}), Unknown),
    ],
)
async def test_not_found_needs_airtels_own_code_for_it(answer: Response, outcome: type) -> None:
    said = await a_client(Recorded(TOKEN, answer, TOKEN, answer)).find(a_lookup(), timeout_s=T)
    assert isinstance(said, outcome)


async def test_a_payment_that_is_not_clear_is_asked_about_until_it_is() -> None:
    scene = Scene()
    charge = a_charge(phone="+260977006666")
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    scene.clock.pass_(minutes=3)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)


async def test_nobody_is_asked_sooner_than_airtel_wants() -> None:
    ladder = MANIFEST.profile.ladder_s
    assert ladder[0] >= 60
    assert sum(ladder[:2]) >= 180


# Tokens


async def test_a_token_lives_three_minutes_told_as_a_string() -> None:
    scene = Scene(version="v1")
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(seconds=150)
    await scene.client.find(a_lookup(), timeout_s=T)
    assert [one for one in scene.paths() if "token" in one] == ["POST /auth/oauth2/token"]
    scene.clock.pass_(seconds=20)
    await scene.client.find(a_lookup(), timeout_s=T)
    assert [one for one in scene.paths() if "token" in one] == ["POST /auth/oauth2/token"]


async def test_a_withdrawn_token_is_replaced_and_the_push_is_one() -> None:
    scene = Scene()
    await scene.client.find(a_lookup(), timeout_s=T)
    scene.airtel.withdraw()
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), Pending)
    assert len(scene.airtel.books()) == 1


@pytest.mark.parametrize("lives", ["", "soon", "-5", "0", 0, "999999999999", None, 1.5])
async def test_a_token_without_a_sensible_life_is_no_token(lives: object) -> None:
    line = Recorded(answered(200, {"access_token": "t", "expires_in": lives}))
    said = await a_client(line).charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.code, said.elsewhere) == (FailureCode.PROVIDER_UNAVAILABLE, True)
    assert len(line.asked) == 1


# Version 2


async def test_a_signed_push_holds_the_body_byte_for_byte() -> None:
    scene = Scene()
    assert isinstance(await scene.client.charge(a_charge("12.50"), timeout_s=T), Pending)
    assert [
        one.method + one.url[len("http://127.0.0.1:9100/airtel_money") :]
        for one in scene.wire.asked
    ] == [
        "POST/auth/oauth2/token",
        "GET/v1/rsa/encryption-keys",
        "POST/merchant/v2/payments/",
    ]
    asked = scene.wire.asked[-1]
    assert matches(asked.headers, asked.body)
    assert not matches(asked.headers, asked.body + b" ")
    assert len(base64.b64decode(asked.headers["x-key"])) == 128


def test_each_message_has_a_key_of_its_own() -> None:
    first, second = (sealed(b"{}", public_text()) for _ in range(2))
    assert first["x-signature"] != second["x-signature"]
    assert matches(first, b"{}")
    assert matches(second, b"{}")
    pem = f"-----BEGIN PUBLIC KEY-----\n{public_text()}\n-----END PUBLIC KEY-----\n"
    assert matches(sealed(b"{}", pem), b"{}")


async def test_the_key_to_sign_with_is_kept_and_renewed_after_a_mismatch() -> None:
    key = answered(200, {"data": {"key": public_text()}, "status": {"success": True}})
    line = Recorded(TOKEN, key, accepted(), problem(400, "", "DP00800001026"), key, accepted())
    client = a_client(line, version="v2")
    assert isinstance(await client.charge(a_charge(), timeout_s=T), Pending)
    said = await client.charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.provider_code, said.elsewhere) == ("DP00800001026", True)
    assert isinstance(await client.charge(a_charge(), timeout_s=T), Pending)


@pytest.mark.parametrize(
    "answer",
    [
        answered(200, {"data": {"key": "AAAA"}}),
        answered(200, {"data": {}}),
        answered(403, {"error": "forbidden"}),
        Response(500),
    ],
)
async def test_without_a_key_nothing_is_pushed(answer: Response) -> None:
    line = Recorded(TOKEN, answer)
    said = await a_client(line, version="v2").charge(a_charge(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert len(line.asked) == 2


@pytest.mark.parametrize(
    ("config", "api", "url"),
    [
        ({"country": "ZM"}, "v2", "https://openapi.airtel.co.zm"),
        ({"country": "ZM", "version": "v1"}, "v1", "https://openapi.airtel.co.zm"),
        ({"country": "UG"}, "v1", "https://openapi.airtel.africa"),
        ({"country": "UG", "version": "v2"}, "v2", "https://openapi.airtel.africa"),
        ({"country": "ZM", "sandbox": True}, "v2", "https://openapiuat.airtel.co.zm"),
        ({"country": "UG", "sandbox": True}, "v1", "https://openapiuat.airtel.africa"),
        (
            {"country": "MW", "baseUrl": "https://openapi.airtel.mw/"},
            "v1",
            "https://openapi.airtel.mw",
        ),
    ],
)
def test_version_and_address_are_the_countrys_usual_unless_told(
    config: dict[str, Any], api: str, url: str
) -> None:
    known = {"clientId": "a", "clientSecret": "b", **config}
    read = msgspec.convert(known, AirtelMoneyConfig)
    assert (read.api, read.url) == (api, url)


# Money back


async def test_a_refund_names_airtels_own_id_and_gives_all_of_it_back() -> None:
    scene = Scene(version="v1")
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.airtel.act(ATTEMPT, Action.APPROVE)
    scene.paths()
    said = await scene.client.refund(an_order(), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount == money("1500.00")
    asked = msgspec.json.decode(scene.wire.asked[-1].body)
    (push,) = scene.airtel.company.pushes.values()
    assert asked == {"transaction": {"airtel_money_id": push.airtel_money_id}}
    assert asked.keys() == fixture("refund.request").keys()
    again = await scene.client.refund(an_order(), timeout_s=T)
    assert again == said
    assert [one.split("/")[-1] for one in scene.paths()] == [ATTEMPT, "refund", ATTEMPT]


async def test_a_part_can_not_be_given_back() -> None:
    line = Recorded()
    said = await a_client(line).refund(an_order("10.00"), timeout_s=T)
    assert isinstance(said, Declined)
    assert not said.elsewhere
    assert line.asked == []


@pytest.mark.parametrize(
    ("status", "elsewhere"), [("TIP", True), ("TA", True), ("TF", False), ("TE", False)]
)
async def test_what_is_not_paid_is_not_given_back(status: str, elsewhere: bool) -> None:
    line = Recorded(TOKEN, told(status))
    said = await a_client(line).refund(an_order(), timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere is elsewhere
    assert len(line.asked) == 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (answered(200, fixture("refund.response")), Succeeded),
        (problem(200, "ESB000045"), Unknown),
        (problem(200, "ROUTER007"), Declined),
        (problem(504), Unknown),
        (problem(200, "ROUTER117"), Unknown),
    ],
)
async def test_what_a_refund_is_answered(answer: Response, outcome: type) -> None:
    line = Recorded(TOKEN, told("TS"), answer)
    assert isinstance(await a_client(line).refund(an_order(), timeout_s=T), outcome)


async def test_the_published_refund_says_false_and_is_done() -> None:
    body = fixture("refund.response")
    body["status"]["success"] = False
    line = Recorded(TOKEN, told("TS"), answered(200, body))
    assert isinstance(await a_client(line).refund(an_order(), timeout_s=T), Succeeded)


async def test_a_lost_refund_is_found_by_the_payments_own_status() -> None:
    class Deaf(Transport):
        def __init__(self, inner: Transport) -> None:
            self.inner = inner

        async def send(self, request: Request, *, timeout_s: float) -> Response:
            answer = await self.inner.send(request, timeout_s=timeout_s)
            if request.url.endswith("/refund"):
                raise NoAnswer("cut")
            return answer

    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.airtel.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.find_refund(an_order(), timeout_s=T), NotFound)
    scene.wire.inner = Deaf(scene.wire.inner)
    assert isinstance(await scene.client.refund(an_order(), timeout_s=T), Unknown)
    assert isinstance(await scene.client.find_refund(an_order(), timeout_s=T), Succeeded)


# Connecting an account


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"clientId": "a b"}, "clientId"),
        ({"clientSecret": ""}, "clientSecret"),
        ({"country": "PH"}, "country"),
        ({"version": "v3"}, "version"),
        ({"callbackForm": "xml"}, "callbackForm"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted({**KEYS, **other}, MANIFEST.config)
    assert wrong.value.field == field


async def test_an_application_of_another_country_is_told_so() -> None:
    line = Recorded(TOKEN, TOKEN, problem(400, "ROUTER007"))
    with pytest.raises(Invalid) as wrong:
        await a_client(line).probe(timeout_s=T)
    assert wrong.value.field == "country"
    for harmless in (problem(200, "ESB000045"), Response(500), problem(200, "ESB000014")):
        await a_client(Recorded(TOKEN, TOKEN, harmless)).probe(timeout_s=T)


async def test_a_dead_connection_is_not_sent() -> None:
    scene = Scene(baseUrl="http://127.0.0.1:1")
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), NotSent)


def test_the_words_of_a_reason_never_repeat_an_answer() -> None:
    said = refused(problem(200, "secret-code", "other"))
    assert isinstance(said, Unknown)
    assert "secret" not in said.reason
    assert wire.words("") == "Payment"

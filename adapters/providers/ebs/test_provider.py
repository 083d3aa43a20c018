"""What is peculiar to EBS through noebs: tokens, sessions, codes under HTTP 502, date formats."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.scenery import Recorded, answered
from adapters.provider_kit.simulator import Action
from adapters.providers.ebs import errors, wire
from adapters.providers.ebs.scene import (
    ATTEMPT,
    NOON,
    Scene,
    T,
    a_charge,
    a_client,
    a_config,
    a_lookup,
    fixture,
    sdg,
)
from domain.errors import Invalid
from domain.payments.outcome import (
    Declined,
    FailureCode,
    NotFound,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
SESSION = (200, {"authorization": "session-1"})
FAILURE = fixture("noebs_failure")


def a_token(**more: Any) -> dict[str, Any]:
    return {"uuid": "u1", "cart_id": ATTEMPT, "amount": 1500, "is_paid": False, **more}


def listed(*rows: dict[str, Any]) -> tuple[int, object]:
    return 200, {"token": list(rows), "count": len(rows)}


async def begun(**config: Any) -> Scene:
    scene = Scene(**config)
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), Pending)
    return scene


# A token


async def test_a_token_is_of_whole_pounds_and_names_our_attempt_as_its_cart() -> None:
    transport = Recorded(SESSION, (201, {"uuid": "u1", "payment_link": "https://pay.example/u1"}))
    said = await a_client(transport, to_card="9222").charge(a_charge(), timeout_s=T)
    assert isinstance(said, Pending)
    assert said.provider_reference == "u1"
    body = msgspec.json.decode(transport.asked[1].body)
    assert body == {"amount": 1500, "cart_id": ATTEMPT, "note": "One thing", "toCard": "9222"}


async def test_a_part_of_a_pound_is_not_asked_for() -> None:
    transport = Recorded()
    said = await a_client(transport).charge(a_charge("1500.01"), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.elsewhere, transport.asked) == (True, [])


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, FailureCode.INVALID_REQUEST), (401, FailureCode.PROVIDER_UNAVAILABLE)],
)
def test_noebss_own_refusal_made_no_token(status: int, code: FailureCode) -> None:
    said = wire.made(answered(status, {"code": "no card found", "message": "no"}), a_charge())
    assert isinstance(said, Declined)
    assert (said.elsewhere, said.failure.code) == (True, code)


@pytest.mark.parametrize(
    ("status", "body"),
    [(502, FAILURE), (504, {"code": "x", "message": "y"}), (201, {"uuid": "u1"}), (400, {})],
)
def test_anything_else_is_unknown(status: int, body: object) -> None:
    assert isinstance(wire.made(answered(status, body), a_charge()), Unknown)


@pytest.mark.parametrize(("how", "sent"), [("plain", "session-1"), ("bearer", "Bearer session-1")])
async def test_a_session_is_kept_and_sent_as_the_account_says(how: str, sent: str) -> None:
    transport = Recorded(SESSION, listed(), listed())
    client = a_client(transport, authorization=how, tenant_id="shop")
    for _ in range(2):
        assert isinstance(await client.find(a_lookup(), timeout_s=T), NotFound)
    assert [one.headers.get("authorization") for one in transport.asked] == [None, sent, sent]
    assert {one.headers["x-tenant-id"] for one in transport.asked} == {"shop"}


async def test_a_session_that_ended_is_begun_again_at_the_next_call() -> None:
    scene = await begun()
    scene.simulator._sessions.clear()
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Unknown)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)


# How it stands


async def test_a_refused_card_ends_one_try_and_another_may_pay() -> None:
    scene = await begun()
    scene.simulator.act(ATTEMPT, Action.DECLINE)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    said = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(said, Succeeded)
    assert said.amount == sdg("1500.00")


@pytest.mark.parametrize(
    ("code", "moved", "said"),
    [
        (617, True, Succeeded),
        (617, False, Pending),
        (191, False, Pending),
        (191, True, Succeeded),
        (613, True, Succeeded),
        (0, True, Succeeded),  # noebs failed to mark the token
        (9999, True, Succeeded),
    ],
)
async def test_a_try_in_doubt_is_asked_about_at_ebs(
    code: int, moved: bool, said: type[Outcome]
) -> None:
    scene = await begun()
    scene.simulator.slip(ATTEMPT, code, moved=moved)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), said)


async def test_a_try_that_ebs_does_not_know_moved_nothing() -> None:
    scene = await begun()
    scene.simulator.slip(ATTEMPT, 617, moved=False)
    scene.simulator.lose(ATTEMPT)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)


@pytest.mark.parametrize("setting", ["YYMMDD", "DDMMYY"])
@pytest.mark.parametrize("ebs", ["YYMMDD", "DDMMYY"])
async def test_the_date_format_is_a_setting_and_a_wrong_one_leaves_it_open(
    setting: str, ebs: Any
) -> None:
    scene = await begun(dateFormat=setting)
    scene.simulator.date_format = ebs
    scene.simulator.slip(ATTEMPT, 617, moved=True)
    said = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(said, Succeeded if setting == ebs else Unknown)


async def test_a_probe_names_the_date_format_that_ebs_does_not_read() -> None:
    scene = Scene(dateFormat="DDMMYY")
    with pytest.raises(Invalid) as told:
        await scene.client.probe(timeout_s=T)
    assert told.value.field == "dateFormat"


async def test_a_probe_names_the_application_that_ebs_does_not_know() -> None:
    with pytest.raises(Invalid) as told:
        await a_client(Recorded(SESSION, (502, FAILURE))).probe(timeout_s=T)
    assert told.value.field == "applicationId"


@pytest.mark.parametrize(
    "rows",
    [
        [a_token(), a_token(uuid="u2", is_paid=True)],  # two tokens may be two charges
        [a_token(is_paid=True, amount=0)],
        [a_token(transaction=[{"responseCode": 617}])],  # nothing to ask EBS by
    ],
)
async def test_what_does_not_add_up_is_for_a_person(rows: list[dict[str, Any]]) -> None:
    said = await a_client(Recorded(SESSION, listed(*rows))).find(a_lookup(), timeout_s=T)
    assert isinstance(said, Unknown)


async def test_a_list_that_is_not_complete_says_nothing() -> None:
    transport = Recorded(SESSION, (200, {"token": [], "count": 3}))
    assert isinstance(await a_client(transport).find(a_lookup(), timeout_s=T), Unknown)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"ebs_response": {"responseCode": 0, "UUID": "t1"}}),  # no amount
        (200, {"ebs_response": {"responseCode": 0, "UUID": "t2", "tranAmount": 1500}}),
        (200, {"ebs_response": {"responseCode": 617, "UUID": "t1", "tranAmount": 1500}}),
        (502, FAILURE),
        (504, {}),
    ],
)
def test_an_answer_of_ebs_that_is_not_clear_is_none(status: int, body: object) -> None:
    assert isinstance(wire.explained(answered(status, body), wire.Try(617, "t1")), Unknown)


def test_the_published_success_has_code_0_under_its_own_uuid() -> None:
    said = msgspec.convert(fixture("noebs_success"), wire.Told).ebs_response
    assert (said.response_code, said.uuid[:8]) == (0, "11111111")


@pytest.mark.parametrize("code", [191, 194, 196, 301, 613, 617, 696, 72, 7, -1, 99_999])
def test_what_may_have_moved_money_is_never_a_no(code: int) -> None:
    assert errors.verdict(code) is errors.Verdict.UNKNOWN


def test_a_time_is_written_by_the_clock_of_khartoum() -> None:
    at = NOON + timedelta(hours=13, seconds=5)
    assert wire.stamp(at, a_config()) == "260302010005"
    assert wire.stamp(at, a_config(date_format="DDMMYY")) == "020326010005"


@pytest.mark.parametrize(
    ("field", "config"), [("mobile", {"mobile": ""}), ("password", {"password": " x"})]
)
def test_a_configuration_that_can_not_be_right_is_refused(
    field: str, config: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=field):
        a_config(**config)

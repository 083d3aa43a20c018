"""What is peculiar to Zamtel Money: one blocking call, nobody to ask, secrets in the address."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.guard import guarded
from adapters.provider_kit.registry import converted
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import StillClock
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Action, Held, World
from adapters.provider_kit.transport import NoAnswer, NothingSent, Request, Response, Transport
from adapters.providers.zamtel import MANIFEST, wire
from adapters.providers.zamtel.client import ZamtelProvider
from adapters.providers.zamtel.config import ZamtelConfig
from adapters.providers.zamtel.simulator import ZamtelSimulator
from domain.currencies import currency
from domain.errors import Invalid
from domain.ids import AccountId, AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Declined, FailureCode, NotSent, Outcome, Succeeded, Unknown
from domain.ports.providers import Callbacks, Charge, Lookup, Probes, Refunds

pytestmark = pytest.mark.anyio
NOON: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
BASE: Final = "http://127.0.0.1:9100/zamtel"
ZMW: Final = currency("ZMW")
T: Final = 30.0
PASSWORD: Final = "yUr+z/2&x=1 #%é"  # invented; real ones have such signs
KEYS: Final = {"thirdPartyId": "Shop_Caller", "password": PASSWORD, "shortcode": "000000"}


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def a_charge(minor: int = 9007, phone: str | None = "+260950000000", code: str = "ZMW") -> Charge:
    return Charge(
        attempt_id=ATTEMPT,
        payment_id=PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        amount=Money(minor, currency(code)),
        reference="order-0001",
        description="One thing",
        customer=Customer(phone=phone),
        country="ZM",
        return_url=None,
        opened_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )


LOOKUP: Final = Lookup(
    attempt_id=ATTEMPT,
    amount=Money(9007, ZMW),
    provider_reference=None,
    opened_at=NOON,
    expires_at=NOON + timedelta(days=1),
)


class Recorded(Transport):
    """Answers what it is told, and keeps what it was asked."""

    def __init__(self, answer: Response | Exception) -> None:
        self.asked: list[Request] = []
        self._answer = answer

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        self.asked.append(request)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self) -> None:
        self.clock = StillClock(NOON)
        self.zamtel = ZamtelSimulator(World(self.clock, Random(7), BASE))
        line = SimulatedTransport([Remote(self.zamtel)])
        config = msgspec.convert(dict(self.zamtel.credentials()), ZamtelConfig)
        self.client = ZamtelProvider(config, line, self.clock)


def a_client(line: Transport, **other: Any) -> ZamtelProvider:
    return ZamtelProvider(msgspec.convert({**KEYS, **other}, ZamtelConfig), line, StillClock(NOON))


def answered(**body: Any) -> Response:
    known = {**fixture("collect.response.success"), **body}
    return Response(200, {"content-type": "application/json"}, msgspec.json.encode(known))


async def charged(answer: Response | Exception) -> Outcome:
    return await a_client(Recorded(answer)).charge(a_charge(), timeout_s=T)


# The one call


async def test_a_collection_is_a_get_with_everything_in_the_query() -> None:
    line = Recorded(answered())
    await a_client(line).charge(a_charge(), timeout_s=T)
    (asked,) = line.asked
    known, sample = urlsplit(asked.url), fixture("collect.query")
    assert (asked.method, asked.body) == (sample["method"], b"")
    assert known.path == "/ZampayRestProd/Req"
    query = {name: values[0] for name, values in parse_qs(known.query, strict_parsing=True).items()}
    assert query.keys() == sample["query"].keys()
    assert query["Password"] == PASSWORD  # escaped, and the same again
    assert (query["Amount"], query["Msisdn"]) == ("90.07", "260950000000")
    assert query["ConversationId"] == ATTEMPT


async def test_a_published_success_is_what_was_asked_for() -> None:
    said = await charged(answered())
    assert said == Succeeded(amount=Money(9007, ZMW), provider_reference="SAMPLE0001")


async def test_a_published_refusal_is_a_no() -> None:
    said = await charged(answered(**fixture("collect.response.insufficient")))
    assert isinstance(said, Declined)
    assert (said.failure.code, said.failure.provider_code, said.elsewhere) == (
        FailureCode.INSUFFICIENT_FUNDS,
        "2006",
        False,
    )


async def test_a_wrong_pin_is_a_no() -> None:
    said = await charged(answered(status="E8003", TransactionId=""))
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.PAYER_REJECTED


@pytest.mark.parametrize("status", ["-1", "E8027", "2001", "2005", "E8028", "", "00", " 0", "OK"])
async def test_what_nothing_documents_is_unknown(status: str) -> None:
    assert isinstance(await charged(answered(status=status, TransactionId="")), Unknown)


async def test_a_number_is_read_as_its_string() -> None:
    assert isinstance(await charged(answered(status=0)), Succeeded)
    assert isinstance(await charged(answered(status=2006)), Declined)


@pytest.mark.parametrize("body", [{"TransactionId": ""}, {"TransactionId": None}, {"status": None}])
async def test_a_success_without_its_transaction_is_unknown(body: dict[str, Any]) -> None:
    assert isinstance(await charged(answered(**body)), Unknown)


@pytest.mark.parametrize("status", [201, 302, 400, 401, 404, 500, 503])
async def test_no_http_status_is_a_no(status: int) -> None:
    fitting = answered(status="2006")
    assert isinstance(await charged(Response(status, {}, fitting.body)), Unknown)


async def test_silence_is_unknown_and_a_refused_connection_is_not_sent() -> None:
    late = await charged(NoAnswer("no answer in time", timed_out=True))
    assert isinstance(late, Unknown)
    assert late.timed_out
    assert isinstance(await charged(NothingSent("connection refused")), NotSent)


# Nobody to ask


async def test_nothing_is_ever_asked_sent_again_or_given_back() -> None:
    line = Recorded(answered())
    client = a_client(line)
    assert isinstance(await client.find(LOOKUP, timeout_s=T), Unknown)
    assert line.asked == []
    for ability in (Refunds, Callbacks, Probes):
        assert not isinstance(client, ability)
    assert not MANIFEST.profile.promises.takes_keys


async def test_that_nobody_can_be_asked_opens_no_circuit() -> None:
    breaker = Breaker(StillClock(NOON))
    account = AccountId("acc_1")
    client = guarded(a_client(Recorded(answered())), breaker, account)
    for _ in range(50):
        await client.find(LOOKUP, timeout_s=T)
    assert breaker.circuits(account) == {"query": "closed"}


def test_what_is_unknown_comes_before_a_person_in_minutes() -> None:
    profile = MANIFEST.profile
    assert profile.next_ask_s(0) >= profile.promises.horizon_s > profile.deadlines.charge_s


# Whose payer


@pytest.mark.parametrize(
    "charge",
    [
        a_charge(phone="+260966000000"),
        a_charge(phone="+260977000000"),
        a_charge(phone="+639500000000"),
        a_charge(phone=None),
        a_charge(code="USD"),
    ],
)
async def test_another_networks_payer_is_refused_before_anything_is_sent(charge: Charge) -> None:
    line = Recorded(answered())
    said = await a_client(line).charge(charge, timeout_s=T)
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert line.asked == []


# Secrets


async def test_the_address_with_the_password_is_shown_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[object] = []
    for answer in (
        answered(),
        answered(message=PASSWORD, status="-1"),
        Response(500, {}, PASSWORD.encode()),
        NoAnswer("cut"),
        RuntimeError(PASSWORD),
    ):
        line = Recorded(answer)
        client = guarded(a_client(line), Breaker(StillClock(NOON)), AccountId("acc_1"))
        seen += [await client.charge(a_charge(), timeout_s=T), *line.asked, vars(client)]
    text = repr(seen) + caplog.text
    for part in (PASSWORD, "Shop_Caller", "Password=", "yUr"):
        assert part not in text
    assert "/ZampayRestProd/Req" in text  # what may be shown is


@pytest.mark.parametrize("field", ["thirdPartyId", "password", "shortcode"])
@pytest.mark.parametrize("value", ["", " x", "x\n", 5])
def test_a_wrong_configuration_is_refused_at_the_desk(field: str, value: object) -> None:
    with pytest.raises(Invalid) as wrong:
        converted({**KEYS, field: value}, MANIFEST.config)
    assert wrong.value.field == field


# The other side


@pytest.mark.parametrize(
    ("digits", "kind", "booked"),
    [
        ("1111", Succeeded, "succeeded"),
        ("2222", Declined, "failed"),
        ("3333", Unknown, "pending"),
        ("4444", Declined, "failed"),
        ("5555", Unknown, "failed"),
        ("6666", Unknown, "failed"),
        ("7777", Unknown, "succeeded"),
        ("8888", Unknown, "failed"),
    ],
)
async def test_its_invented_payers_do_what_they_are_labelled(
    digits: str, kind: type, booked: str
) -> None:
    scene = Scene()
    said = await scene.client.charge(a_charge(phone=f"+26095000{digits}"), timeout_s=T)
    assert isinstance(said, kind)
    (line,) = scene.zamtel.books()
    assert (line.status, line.amount_minor, line.currency) == (booked, 9007, "ZMW")


async def test_the_call_is_answered_when_the_payer_acts() -> None:
    scene = Scene()
    query = {**fixture("collect.query")["query"], "ThirdPartyID": "third-party-sim-demo"}
    query["Password"] = "p%40ss%2Fword%2Bsim-demo"
    url = f"{BASE}/ZampayRest/Req?" + "&".join(f"{name}={text}" for name, text in query.items())
    waiting = await scene.zamtel.handle(Request("GET", url))
    assert isinstance(waiting, Held)
    assert waiting.given is None
    scene.zamtel.act("conv-0001", Action.APPROVE)
    assert waiting.until is not None
    answer = await asyncio.wait_for(waiting.until, 1)
    assert msgspec.json.decode(answer.body)["status"] == "0"


async def test_a_payer_who_never_acts_has_not_paid() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.at += timedelta(seconds=120)
    scene.zamtel.act(ATTEMPT, Action.APPROVE)
    assert [one.status for one in scene.zamtel.books()] == ["expired"]


async def test_strangers_and_nonsense_make_no_charge() -> None:
    scene = Scene()
    stranger = msgspec.convert({**KEYS, "baseUrl": f"{BASE}/ZampayRest"}, ZamtelConfig)
    client = ZamtelProvider(stranger, SimulatedTransport([Remote(scene.zamtel)]), scene.clock)
    assert isinstance(await client.charge(a_charge(), timeout_s=T), Unknown)
    for path in ("/ZampayRest/Req", "/ZampayRest/B2CReq?Amount=1", "/"):
        await scene.zamtel.handle(Request("GET", f"{BASE}{path}"))
    assert scene.zamtel.books() == []


# Conversions


@given(st.integers(1, 10**15), st.integers(0, 9_999_999), st.sampled_from(wire.NETWORK.prefixes))
async def test_amount_and_number_arrive_as_they_were(minor: int, rest: int, prefix: str) -> None:
    scene = Scene()
    phone = f"+260{prefix}{rest:07d}"
    charge = a_charge(minor, phone)
    assert wire.misdirected(charge) is None
    await scene.client.charge(charge, timeout_s=T)
    (line,) = scene.zamtel.books()
    assert (line.amount_minor, line.payer, line.reference) == (minor, phone, ATTEMPT)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_any_password_survives_the_address(password: str) -> None:
    if not password.isprintable() or password != password.strip():
        return
    config = msgspec.convert({**KEYS, "password": password}, ZamtelConfig)
    url = wire.address(a_charge(), config)
    assert url.isascii()
    assert parse_qs(urlsplit(url).query, strict_parsing=True)["Password"] == [password]

"""What is peculiar to ZainCash v1: signed forms, sums without a currency, nothing but asking."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit import jwt
from adapters.provider_kit.registry import converted
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.scenery import Recorded, StillClock
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.simulator import Action, World
from adapters.provider_kit.transport import Response
from adapters.providers.zaincash_v1 import MANIFEST, wire
from adapters.providers.zaincash_v1.client import ZainCashV1Provider
from adapters.providers.zaincash_v1.config import ZainCashV1Config
from adapters.providers.zaincash_v1.simulator import ZainCashV1Simulator
from domain.currencies import CURRENCIES, currency
from domain.errors import Invalid
from domain.ids import AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import (
    Declined,
    FailureCode,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Charge, Lookup

pytestmark = pytest.mark.anyio

NOON: Final = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)  # in Baghdad
ATTEMPT: Final = AttemptId("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01")
BASE: Final = "http://127.0.0.1:9100/zaincash_v1"
SECRET: Final = "sandbox-secret"
ID: Final = "655874c00227c4d2ec58f710"
CONFIG: Final = ZainCashV1Config(
    merchant_id="5ffacf6612b5777c6d44266f", secret=SECRET, msisdn="9647835077893"
)


def fixture(name: str) -> Any:
    return msgspec.json.decode((Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes())


def iqd(amount: str) -> Money:
    return Money.parse(amount, currency("IQD"))


def a_charge(amount: str = "1000", **other: Any) -> Charge:
    given: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "payment_id": PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        "amount": iqd(amount),
        "reference": "INV-1",
        "description": "One thing",
        "customer": Customer(phone="+9647802999569"),
        "country": "IQ",
        "return_url": "https://shop.example/back",
        "opened_at": NOON,
        "expires_at": NOON + timedelta(days=1),
    }
    return Charge(**{**given, **other})


def a_lookup(reference: str | None, attempt: str = ATTEMPT) -> Lookup:
    return Lookup(
        attempt_id=AttemptId(attempt),
        amount=iqd("1000"),
        provider_reference=reference,
        opened_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )


class Scene:
    """A merchant, the client and the simulator around one clock."""

    def __init__(self) -> None:
        self.clock = StillClock(NOON)
        self.zaincash = ZainCashV1Simulator(World(self.clock, Random(7), BASE))
        self.line = SimulatedTransport([Remote(self.zaincash)])
        self.client = self.account()

    def account(self, **config: Any) -> ZainCashV1Provider:
        known = msgspec.convert({**self.zaincash.credentials(), **config}, ZainCashV1Config)
        return ZainCashV1Provider(known, self.line, self.clock)

    @property
    def reference(self) -> str:
        return self.zaincash.books()[-1].provider_reference


def answered(body: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))


def made(**more: Any) -> dict[str, Any]:
    return {**fixture("init_response"), "orderId": ATTEMPT, **more}


def a_client(*answers: Response) -> ZainCashV1Provider:
    return ZainCashV1Provider(CONFIG, Recorded(*answers), StillClock(NOON))


async def charged(body: object, status: int = 200) -> Outcome:
    return await a_client(answered(body, status)).charge(a_charge(), timeout_s=1)


async def test_an_init_is_a_form_with_a_signed_token() -> None:
    line = Recorded(answered(made()))
    client = ZainCashV1Provider(CONFIG, line, StillClock(NOON))
    assert isinstance(await client.charge(a_charge(), timeout_s=1), Pending)
    (asked,) = line.asked
    assert asked.url == "https://test.zaincash.iq/transaction/init"
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    assert (form["merchantId"], form["lang"]) == (CONFIG.merchant_id, "en")
    said = msgspec.json.decode(jwt.claims(form["token"], SECRET) or b"")
    assert said == {
        "amount": 1000,
        "serviceType": "Online purchase",
        "msisdn": "9647835077893",  # the merchant's own wallet, not the payer's
        "orderId": ATTEMPT,
        "redirectUrl": "https://shop.example/back",
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 4 * 3600,
    }


async def test_the_published_answer_is_read_and_the_page_follows_from_its_id() -> None:
    sample = fixture("init_response")
    charge = a_charge(sample["amount"], attempt_id=sample["orderId"])
    said = await a_client(answered(sample)).charge(charge, timeout_s=1)
    assert isinstance(said, Pending)
    assert said.provider_reference == ID
    assert said.next_action is not None
    assert said.next_action.url == f"https://test.zaincash.iq/transaction/pay?id={ID}"


def test_the_token_that_the_browser_brings_back_is_signed_with_the_same_secret() -> None:
    vector = fixture("redirect_vector")
    said = msgspec.json.decode(jwt.claims(vector["token"], vector["secret"]) or b"")
    assert (said["status"], said["id"]) == ("success", ID)
    assert jwt.claims(vector["token"], "another secret") is None


async def test_err_instead_of_a_transaction_is_a_no() -> None:
    said = await charged({"err": {"msg": "invalid token"}})
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert "invalid token" not in said.failure.message


@pytest.mark.parametrize(
    "body",
    [
        made(amount="1001"),
        made(amount="1000000"),
        made(orderId="att_other"),
        made(status="completed"),
        made(id=""),
        {"err": "words"},
        {"id": ID},
    ],
)
async def test_the_payer_is_not_sent_where_order_or_amount_are_not_ours(body: object) -> None:
    assert isinstance(await charged(body), Unknown)


async def test_a_server_that_breaks_while_it_says_err_is_unknown() -> None:
    assert isinstance(await charged({"err": {"msg": "oops"}}, 500), Unknown)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("pending", Pending),
        ("pending_otp", Pending),
        ("completed", Succeeded),
        ("failed", Declined),
        ("cancel", Declined),
        ("success", Unknown),  # the browser's word, not the server's
    ],
)
async def test_every_status_has_its_outcome(status: str, kind: type) -> None:
    client = a_client(answered(made(status=status)))
    said = await client.find(a_lookup(ID), timeout_s=1)
    assert isinstance(said, kind)
    assert not isinstance(said, Declined) or not said.elsewhere


async def test_why_it_failed_stands_in_due() -> None:
    sample = fixture("get_failed")
    client = a_client(answered(sample))
    said = await client.find(a_lookup(ID, sample["orderId"]), timeout_s=1)
    assert isinstance(said, Declined)
    assert said.failure.code is FailureCode.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(
    "body",
    [{"err": {"msg": "not found"}}, made(id="other"), made(orderId="att_other"), made(amount="x")],
)
async def test_a_query_that_fails_says_nothing_about_the_money(body: object) -> None:
    assert isinstance(await a_client(answered(body)).find(a_lookup(ID), timeout_s=1), Unknown)


async def test_without_an_id_a_person_is_told_which_order_to_look_for() -> None:
    said = await a_client().find(a_lookup(None), timeout_s=1)
    assert isinstance(said, Unknown)
    assert ATTEMPT in said.reason


@given(st.integers(1, 10**9))
def test_whole_dinars_are_numbers_out_and_text_back(whole: int) -> None:
    amount = Money(whole * wire.FILS, currency("IQD"))
    assert wire.dinars(amount) == whole
    found = msgspec.convert(made(amount=str(whole)), wire.Transaction, strict=False)
    assert found.money() == amount


@given(st.integers(-10, 10**9), st.sampled_from(sorted(CURRENCIES)))
def test_anything_but_whole_dinars_is_not_sent(minor: int, code: str) -> None:
    whole = code == "IQD" and minor > 0 and minor % 1000 == 0
    assert (wire.dinars(Money(minor, currency(code))) is not None) is whole


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"merchantId": "m", "secret": "s", "msisdn": "07835077893"}, "msisdn"),
        ({"merchantId": "", "secret": "s", "msisdn": "9647835077893"}, "merchantId"),
        ({"merchantId": "m", "secret": "", "msisdn": "9647835077893"}, "secret"),
        (
            {"merchantId": "m", "secret": "s", "msisdn": "9647835077893", "serviceType": "x" * 255},
            "serviceType",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_at_the_desk(config: Any, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        converted(config, MANIFEST.config)
    assert wrong.value.field == field


async def test_a_wrong_secret_or_too_little_is_a_no_and_makes_nothing() -> None:
    scene = Scene()
    for client, charge in (
        (scene.account(secret="wrong"), a_charge()),
        (scene.account(msisdn="9647800000000"), a_charge()),
        (scene.client, a_charge("249")),
    ):
        assert isinstance(await client.charge(charge, timeout_s=1), Declined)
    assert not scene.zaincash.books()


async def test_an_order_used_twice_makes_two_transactions() -> None:
    scene = Scene()
    first = await scene.client.charge(a_charge(), timeout_s=1)
    second = await scene.client.charge(a_charge(), timeout_s=1)
    assert isinstance(first, Pending)
    assert isinstance(second, Pending)
    assert first.provider_reference != second.provider_reference


async def test_the_way_back_tells_the_shop_and_nobody_else() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=1)
    scene.zaincash.act(ATTEMPT, Action.APPROVE)
    url, _, token = (scene.zaincash.return_url(ATTEMPT) or "").partition("?token=")
    said = msgspec.json.decode(jwt.claims(token, "zc1-secret-sim-demo") or b"")
    assert (url, said["status"], said["orderid"]) == (a_charge().return_url, "success", ATTEMPT)
    assert "amount" not in said
    assert scene.zaincash.take_due(NOON + timedelta(days=1)) == []
    assert isinstance(await scene.client.find(a_lookup(scene.reference), timeout_s=1), Succeeded)


async def test_a_payer_without_credit_and_one_who_cancels_are_told_apart() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=1)
    scene.zaincash.act(ATTEMPT, Action.DECLINE)
    poor = await scene.client.find(a_lookup(scene.reference), timeout_s=1)
    assert isinstance(poor, Declined)
    assert poor.failure.code is FailureCode.INSUFFICIENT_FUNDS
    await scene.client.charge(a_charge(), timeout_s=1)
    scene.zaincash.cancel(ATTEMPT)
    gone = await scene.client.find(a_lookup(scene.reference), timeout_s=1)
    assert isinstance(gone, Declined)
    assert gone.failure.code is FailureCode.CANCELED


async def test_a_page_ends_after_four_hours() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=1)
    scene.clock.at += timedelta(hours=3, minutes=59)
    assert isinstance(await scene.client.find(a_lookup(scene.reference), timeout_s=1), Pending)
    scene.clock.at += timedelta(minutes=1)
    assert isinstance(await scene.client.find(a_lookup(scene.reference), timeout_s=1), Declined)

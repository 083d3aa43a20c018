"""What is peculiar to Paynow: page or prompt, errors without proof, a trace of lost answers."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from adapters.provider_kit.conformance.shop import arrived
from adapters.provider_kit.conformance.suite import BEHAVIOURS, asked_of, run
from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Request
from adapters.providers.paynow_zw import MANIFEST, simulated_books, wire
from adapters.providers.paynow_zw.addresses import guid_of, own, poll_url
from adapters.providers.paynow_zw.scene import (
    ATTEMPT,
    BASE,
    GUID,
    KEY,
    NOON,
    PAYNOW,
    Recorded,
    Scene,
    T,
    a_charge,
    a_client,
    a_config,
    a_lookup,
    a_payer,
    answered,
    said,
    update,
    usd,
)
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import (
    ActionType,
    Declined,
    FailureCode,
    NotFound,
    Pending,
    Succeeded,
    Unknown,
)

pytestmark = pytest.mark.anyio
POLL = f"{PAYNOW}/Interface/CheckPayment/?guid={GUID}"
PAGE = f"{PAYNOW}/Payment/ConfirmPayment/9510"
NO_WALLET = replace(MANIFEST, sample=replace(MANIFEST.sample, phone="+26373200"))


def asked(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), strict_parsing=True))


# Page or prompt


@pytest.mark.parametrize("name", [one.name for one in asked_of(NO_WALLET)])
async def test_a_payer_without_a_wallet_has_the_page_and_all_holds_there_too(name: str) -> None:
    for variant in BEHAVIOURS[name].each:
        await run(BEHAVIOURS[name], variant, NO_WALLET)


@pytest.mark.parametrize(
    ("payer", "config", "method"),
    [
        (a_payer(phone="+263771234567"), {}, "ecocash"),
        (a_payer(phone="+263781234567"), {}, "ecocash"),
        (a_payer(phone="+263711234567"), {}, "onemoney"),
        (a_payer(phone="+263731234567"), {}, None),  # another network
        (a_payer(phone="+260966123456"), {}, None),  # another country
        (a_payer(phone=None), {}, None),
        (a_payer(phone="+263771234567"), {"ecocash": False}, None),
        (a_payer(phone="+263711234567"), {"onemoney": False}, None),
        (a_payer(email=None), {}, None),  # a prompt needs an address
        (a_payer(email=None), {"auth_email": "shop@example.com"}, "ecocash"),
    ],
)
async def test_a_wallet_that_the_integration_has_is_prompted_and_others_get_the_page(
    payer: Customer, config: dict[str, Any], method: str | None
) -> None:
    transport = Recorded(b"status=Error&error=Invalid+amount+field")
    await a_client(transport, **config).charge(a_charge(customer=payer), timeout_s=T)
    (request,) = transport.asked
    kind = "remotetransaction" if method else "initiatetransaction"
    assert request.url == f"{PAYNOW}/interface/{kind}"
    assert asked(request).get("method") == method


async def test_a_page_is_where_the_payer_goes_and_the_transaction_is_what_is_kept() -> None:
    scene = Scene(ecocash=False)
    told = await scene.client.charge(a_charge(), timeout_s=T)
    assert isinstance(told, Pending)
    assert told.next_action is not None
    assert told.next_action.type is ActionType.REDIRECT
    assert str(told.next_action.url).startswith(f"{BASE}/Payment/ConfirmPayment/")
    assert [one.provider_reference for one in scene.simulator.books()] == [told.provider_reference]


async def test_a_prompt_tells_what_paynow_says_is_to_be_done() -> None:
    told = await Scene().client.charge(a_charge(), timeout_s=T)
    assert isinstance(told, Pending)
    assert told.next_action is not None
    assert told.next_action.type is ActionType.APPROVE_ON_PHONE
    assert told.next_action.message == "Dial *151*2*7# and enter your EcoCash PIN."


async def test_in_test_mode_the_merchants_own_address_goes_along() -> None:
    transport = Recorded(b"status=Error&error=Invalid+amount+field")
    client = a_client(transport, auth_email="shop@example.com")
    await client.charge(a_charge(), timeout_s=T)
    assert asked(transport.asked[0])["authemail"] == "shop@example.com"


@pytest.mark.parametrize("code", ["USD", "ZWG"])
async def test_an_integration_is_paid_in_its_own_currency_and_in_no_other(code: str) -> None:
    known = {"USD": "1201", "ZWG": "1202"}[code]
    key = simulated_books.INTEGRATIONS[known].key
    scene = Scene(integrationId=known, integrationKey=key, currency=code)
    assert scene.client.market().currency == code
    amount = Money(123_457, currency(code))
    other = Money(123_457, currency("ZWG" if code == "USD" else "USD"))
    refused = await scene.client.charge(a_charge(other), timeout_s=T)
    assert isinstance(refused, Declined)
    assert refused.failure.message == f"This Paynow integration is paid in {code} only."
    charge = a_charge(amount, customer=a_payer(phone="+263772001111"))
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)
    assert [(one.amount_minor, one.currency) for one in scene.simulator.books()] == [
        (123_457, code)
    ]
    found = await scene.client.find(a_lookup(None), timeout_s=T)
    assert isinstance(found, Succeeded)
    assert found.amount == amount


async def test_a_payment_without_a_return_url_has_the_accounts_or_is_not_sent() -> None:
    transport = Recorded(b"status=Error&error=Invalid+amount+field")
    refused = await a_client(transport).charge(a_charge(return_url=None), timeout_s=T)
    assert isinstance(refused, Declined)
    assert transport.asked == []
    client = a_client(transport, return_url="https://shop.example/")
    await client.charge(a_charge(return_url=None), timeout_s=T)
    assert asked(transport.asked[0])["returnurl"] == "https://shop.example/"


# What is answered


@pytest.mark.parametrize(
    ("method", "body"),
    [
        (None, said("0" * 8, status="Ok", browserurl=PAGE, pollurl=POLL)),
        (None, b"status=Ok&browserurl=x&pollurl=y"),
        (None, said(status="Message", browserurl=PAGE, pollurl=POLL)),
        (None, said(status="Ok", pollurl=POLL)),
        (None, said(status="Ok", browserurl="https://evil.example/", pollurl=POLL)),
        (None, said(status="Ok", browserurl=PAGE)),
        (None, said(status="Ok", browserurl=PAGE, pollurl="https://evil.example/?guid=" + GUID)),
        ("ecocash", said(status="Ok", instructions="Dial")),
        ("ecocash", update("NotFound")),
    ],
)
def test_an_answer_that_is_not_proven_or_leads_elsewhere_is_unknown(
    method: str | None, body: bytes
) -> None:
    assert isinstance(wire.begun(answered(body), a_charge(), a_config(), method), Unknown)


def test_the_documented_answer_names_no_number_and_is_enough() -> None:
    body = said(status="Ok", browserurl=PAGE, pollurl=POLL)
    told = wire.begun(answered(body), a_charge(), a_config(), None)
    assert isinstance(told, Pending)
    assert told.provider_reference == GUID


@pytest.mark.parametrize(
    ("error", "code", "elsewhere"),
    [
        ("Insufficient balance", FailureCode.INSUFFICIENT_FUNDS, False),
        ("Invalid amount field", FailureCode.INVALID_REQUEST, True),
        ("Invalid Hash.  Hash should start with: 0BF21B", FailureCode.INVALID_REQUEST, True),
    ],
)
async def test_an_error_has_no_hash_and_its_words_are_kept(
    error: str, code: FailureCode, elsewhere: bool
) -> None:
    transport = Recorded(f"Status=Error&Error={error.replace(' ', '+')}".encode())
    told = await a_client(transport).charge(a_charge(), timeout_s=T)
    assert isinstance(told, Declined)
    assert (told.failure.code, told.elsewhere) == (code, elsewhere)
    assert told.failure.provider_code == error.partition(".")[0]
    assert len(transport.asked) == 1


@pytest.mark.parametrize(
    ("trace", "kind"),
    [
        (said(status="NotFound"), Declined),
        (update("Sent"), Pending),
        (update("Paid"), Succeeded),
        (b"status=Error&error=Trace+failed", Unknown),
        (b"status=NotFound", Unknown),  # anybody can say so
        (said("0" * 8, status="NotFound"), Unknown),
    ],
)
async def test_an_error_in_other_words_is_a_no_only_when_no_transaction_is_known(
    trace: bytes, kind: type
) -> None:
    transport = Recorded(b"status=Error&error=Something+went+wrong", trace)
    told = await a_client(transport).charge(a_charge(), timeout_s=T)
    assert isinstance(told, kind)
    assert transport.asked[1].url == f"{PAYNOW}/interface/trace"
    assert asked(transport.asked[1])["merchanttrace"] == ATTEMPT
    if isinstance(told, Declined):
        assert (told.elsewhere, told.failure.provider_code) == (False, "Something went wrong")


async def test_a_trace_used_twice_makes_no_second_transaction_and_tells_of_the_first() -> None:
    scene = Scene()
    charge = a_charge(customer=a_payer(phone="+263772001111"))
    await scene.client.charge(charge, timeout_s=T)
    again = await scene.client.charge(charge, timeout_s=T)
    assert isinstance(again, Succeeded)
    assert len(scene.simulator.books()) == 1


# Looking


async def test_a_transaction_is_polled_at_the_accounts_address_and_one_unknown_is_traced() -> None:
    transport = Recorded(update("Sent"), update("Sent"))
    client = a_client(transport)
    await client.find(a_lookup(GUID), timeout_s=T)
    await client.find(a_lookup(None), timeout_s=T)
    assert [(one.method, one.url) for one in transport.asked] == [
        ("POST", POLL),
        ("POST", f"{PAYNOW}/interface/trace"),
    ]
    assert transport.asked[0].body == b""


async def test_a_lost_answer_is_found_by_its_trace_with_all_that_it_would_have_named() -> None:
    scene = Scene()
    told = await scene.client.charge(a_charge(), timeout_s=T)
    found = await scene.client.find(a_lookup(None), timeout_s=T)
    assert isinstance(told, Pending)
    assert isinstance(found, Pending)
    assert found.provider_reference == told.provider_reference


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Created", Pending),
        ("Sent", Pending),
        ("Paid", Succeeded),
        ("paid", Succeeded),
        ("Awaiting Delivery", Succeeded),
        ("Delivered", Succeeded),
        ("Cancelled", Declined),
        ("Failed", Declined),
        ("Disputed", Unknown),
        ("Refunded", Unknown),
        ("Settled", Unknown),
    ],
)
def test_what_each_status_says_about_the_money(status: str, kind: type) -> None:
    told = wire.found(answered(update(status)), ATTEMPT, a_config())
    assert isinstance(told, kind)
    assert getattr(told, "provider_reference", None) == GUID
    if isinstance(told, Succeeded):
        assert told.amount == usd("15.00")


@pytest.mark.parametrize(
    "body",
    [
        update(key="0" * 8),
        update().partition(b"&hash")[0],  # a poll without a hash proves nothing
        update(reference="att_01J9ZW7QK3M8X5N2V4T6R8Y0BC02"),
        update(amount="15.001"),
        update(amount="-15.00"),
        update(amount="1,5.00"),
        update(amount="NaN"),
        update(amount=""),
        b"status=Error&error=Trace+failed",
        b"status=NotFound",
    ],
)
def test_a_poll_that_is_not_proven_or_not_ours_says_nothing(body: bytes) -> None:
    assert isinstance(wire.found(answered(body), ATTEMPT, a_config()), Unknown)


def test_not_found_is_said_with_a_hash() -> None:
    told = wire.found(answered(said(status="NotFound")), ATTEMPT, a_config())
    assert isinstance(told, NotFound)


async def test_paynows_numbers_for_tests_do_what_is_documented() -> None:
    scene = Scene()
    for payer in ("0771111111", "0772222222", "0773333333"):
        phone = f"+263{payer[1:]}"
        charge = a_charge(
            customer=a_payer(phone=phone), attempt_id=f"att_01J9ZW7QK3M8X5N2V4T6R{payer[-5:]}01"
        )
        assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)
    seen = []
    for seconds in (4, 2, 20, 5):
        scene.clock.pass_(seconds=seconds)
        seen.append(
            [scene.status_of(payer) for payer in ("0771111111", "0772222222", "0773333333")]
        )
    assert seen == [
        ["pending", "pending", "pending"],
        ["succeeded", "pending", "pending"],
        ["succeeded", "pending", "pending"],
        ["succeeded", "succeeded", "failed"],
    ]
    told = scene.simulator.take_due(scene.clock.now())
    notices = [scene.client.receive(arrived(one), NOON) for one in told]
    assert [type(one.answer) for one in notices] == [Succeeded, Succeeded, Declined]
    poor = a_charge(customer=a_payer(phone="+263774444444"))
    refused = await scene.client.charge(poor, timeout_s=T)
    assert isinstance(refused, Declined)
    assert refused.failure.code is FailureCode.INSUFFICIENT_FUNDS
    assert len(scene.simulator.books()) == 3


async def test_money_that_paynow_gave_back_by_hand_is_for_a_person() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(customer=a_payer(phone="+263772001111")), timeout_s=T)
    scene.simulator.give_back(ATTEMPT, 1500)
    told = await scene.client.find(a_lookup(None), timeout_s=T)
    assert isinstance(told, Unknown)
    assert told.reason == "paid, then refunded"
    assert [one.refunded_minor for one in scene.simulator.books()] == [1500]


async def test_what_was_cancelled_cannot_be_paid_any_more() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.simulator.act(ATTEMPT, Action.DECLINE)
    scene.simulator.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.find(a_lookup(None), timeout_s=T), Declined)


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://www.paynow.co.zw/Payment/ConfirmPayment/9510",
        "https://staging.paynow.co.zw/Payment/ConfirmPayment/9510",
        "https://paynow.co.zw:443/x",
    ],
)
def test_paynows_own_addresses_are_known(url: str) -> None:
    assert own(url, PAYNOW) is not None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://www.paynow.co.zw/x",
        "https://evilpaynow.co.zw/x",
        "https://www.paynow.co.zw.evil.example/x",
        "https://www.paynow.co.zw@evil.example/x",
        "https://evil.example\\.paynow.co.zw/x",
        "https://evil.example%2f.paynow.co.zw/x",
        "https://user@www.paynow.co.zw/x",
        "https://www.paynow.co.zw:8443/x",
        "https://www.paynow.co.zw:port/x",
        "https://[::1/x",
        "https://www.paynow.co.zw/\nx",
        "//www.paynow.co.zw/x",
        "javascript:alert(1)//www.paynow.co.zw",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:9100/paynow_zw/x",
    ],
)
def test_other_addresses_are_not_paynows(url: str) -> None:
    assert own(url, PAYNOW) is None


def test_a_simulator_speaks_for_its_own_address_only() -> None:
    assert own(f"{BASE}/x", BASE) is not None
    assert own("http://127.0.0.1:9101/x", BASE) is None
    assert own("https://www.paynow.co.zw/x", BASE) is None


@pytest.mark.parametrize(
    "tail", ["", "?guid=", "?guid=abc", f"?guid={GUID}&guid={GUID}", f"?id={GUID}", "?guid=../x"]
)
def test_of_a_poll_url_only_a_guid_is_taken(tail: str) -> None:
    assert guid_of(f"{PAYNOW}/Interface/CheckPayment/{tail}", PAYNOW) is None
    assert guid_of(f"{PAYNOW}/interface/checkpayment/?GUID={GUID.upper()}", PAYNOW) == GUID
    assert guid_of(f"{PAYNOW}/Elsewhere/?guid={GUID}", PAYNOW) is None
    assert poll_url(GUID, PAYNOW) == POLL


# Opening an account


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (said(status="NotFound"), None),
        (said("0" * 8, status="NotFound"), "integrationKey"),
        (b"status=Error&error=Invalid+Hash.++Hash+should+start+with%3A+0BF21B", "integrationKey"),
        (b"status=Error&error=Invalid+Id.", "integrationId"),
        (b"status=Error&error=Trace+failed", "baseUrl"),
        (b"<html>", "baseUrl"),
    ],
)
async def test_a_probe_names_what_paynow_does_not_take(body: bytes, field: str | None) -> None:
    client = a_client(Recorded(body))
    if field is None:
        await client.probe(timeout_s=T)
        return
    with pytest.raises(Invalid) as wrong:
        await client.probe(timeout_s=T)
    assert wrong.value.field == field


async def test_a_key_or_number_of_somebody_else_is_found_out_before_the_first_payment() -> None:
    with pytest.raises(Invalid) as wrong:
        await Scene(integrationKey=KEY.replace("3", "4")).client.probe(timeout_s=T)
    assert wrong.value.field == "integrationKey"
    with pytest.raises(Invalid) as wrong:
        await Scene(integrationId="9999").client.probe(timeout_s=T)
    assert wrong.value.field == "integrationId"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("integration_id", ""),
        ("integration_id", "12a"),
        ("integration_id", "١٢"),
        ("integration_key", ""),
        ("integration_key", "0123456789"),
        ("auth_email", "nobody"),
        ("return_url", "shop.example"),
    ],
)
def test_a_credential_that_cannot_be_right_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match="field"):
        a_config(**{field: value})

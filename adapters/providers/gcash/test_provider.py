"""What is peculiar to PayMongo's words: centavos, an intent that can't fail, and two signatures."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.registry import converted
from adapters.provider_kit.scenery import answered
from adapters.provider_kit.signing import hmac_sha256_hex
from adapters.provider_kit.transport import Response
from adapters.providers.gcash import MANIFEST, refunds, wire
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.errors import SORTS, Sort, charge_refused, refund_refused
from adapters.providers.gcash.notices import SIGNATURE, receive
from adapters.providers.gcash.resources import Envelope, Intent, Payment, Refund, looked_up
from adapters.providers.gcash.scene import (
    ATTEMPT,
    BACK,
    NOON,
    PHP,
    REFUND,
    a_charge,
    an_order,
    fixture,
    php,
    refused,
)
from domain.errors import Forged, Invalid
from domain.fees.schedule import Bearer
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Declined,
    FailureCode,
    FailureKind,
    NotFound,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Callback, Cancels, Notice

REQUESTS = fixture("requests")
VECTOR = fixture("webhook_signature_vector")
SIGNED_AT = datetime.fromtimestamp(1_700_000_005, UTC)
TEST = GcashConfig(secret_key="sk_test_1", webhook_secret=VECTOR["secret"])
LIVE = GcashConfig(secret_key="sk_live_1", webhook_secret=VECTOR["secret"])
LATER = NOON + timedelta(minutes=30)


def sent(body: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(body))


def attributes(name: str) -> Any:
    return REQUESTS[name]["body"]["data"]["attributes"]


# Requests, as the samples have them


def test_an_intent_is_asked_for_as_documented_with_our_attempt_inside() -> None:
    body = sent(wire.new_intent(a_charge("100.00")))["data"]["attributes"]
    known = attributes("create_payment_intent")
    assert {**body, "metadata": None} == {**known, "metadata": None}
    assert body["metadata"] == {"attempt_id": ATTEMPT, "reference": "1234"}


def test_a_method_needs_no_billing_and_takes_what_is_known() -> None:
    named = sent(wire.new_method(a_charge(phone="+639181008888")))["data"]["attributes"]
    assert named.pop("billing") == {"name": "Juan dela Cruz", "phone": "+639181008888"}
    assert named == attributes("create_payment_method")


def test_an_attach_names_the_method_and_the_page_to_come_back_to() -> None:
    assert sent(wire.attachment("pm_xxx", BACK)) == REQUESTS["attach"]["body"]


def test_a_refund_is_of_a_payment_in_centavos_with_our_id_in_the_notes() -> None:
    body = sent(refunds.request(an_order("pi_1", reason="requested_by_customer"), "pay_xxx"))
    known = attributes("refund")
    facts = body["data"]["attributes"]
    assert {**facts, "notes": ""} == {**known, "notes": ""}
    assert facts["notes"].startswith(f"{REFUND} ")


@given(st.text(max_size=400))
def test_any_reason_fits_the_notes_and_our_id_is_read_back(reason: str) -> None:
    facts = refunds.request(an_order("pi_1", reason=reason), "pay_1")["data"]["attributes"]
    assert len(facts["notes"]) <= 255
    assert facts["reason"] in ("duplicate", "fraudulent", "requested_by_customer", "others")
    row = {**facts, "status": "succeeded"}
    assert refunds.ours(msgspec.convert({"id": "ref_1", "attributes": row}, Refund)) == REFUND


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("paid twice", "duplicate"),
        ("Duplicate", "duplicate"),
        ("fraudulent", "fraudulent"),
        ("changed their mind", "others"),
    ],
)
def test_a_reason_becomes_one_of_four(reason: str, word: str) -> None:
    facts = refunds.request(an_order("pi_1", reason=reason), "pay_1")["data"]["attributes"]
    assert facts["reason"] == word


@given(st.integers(2_000, 10_000_000))
def test_centavos_go_out_and_come_back_as_they_are(minor: int) -> None:
    body = sent(wire.new_intent(a_charge(Money(minor, PHP).major)))["data"]["attributes"]
    assert body["amount"] == minor
    said = wire.outcome(intent("succeeded", amount=body["amount"]), NOON, LATER)
    assert said == Succeeded(amount=Money(minor, PHP), provider_reference="pi_xxx")


# The intent


def intent(status: str, **facts: Any) -> Intent:
    known = REQUESTS["attach_response_core"]["data"]
    rest = {"next_action": None, **facts, "status": status}
    return msgspec.convert(
        {**known, "attributes": {**known["attributes"], **rest}},
        Intent,
    )


def payment(status: str, **facts: Any) -> dict[str, Any]:
    known = {"amount": 10_000, "currency": "PHP", "status": status}
    return {"id": "pay_xxx", "type": "payment", "attributes": {**known, **facts}}


def test_an_attached_intent_sends_the_payer_to_the_page() -> None:
    known = msgspec.json.encode(REQUESTS["attach_response_core"]).replace(b"<hosted>", b"h.example")
    said = wire.outcome(decode(known, Envelope[Intent]).data, NOON, LATER)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    assert said.next_action.type is ActionType.REDIRECT
    assert said.next_action.url == "https://h.example"
    assert said.next_action.expires_at == LATER
    late = wire.outcome(decode(known, Envelope[Intent]).data, NOON, NOON + timedelta(days=1))
    assert isinstance(late, Pending)
    assert late.next_action is not None
    assert late.next_action.expires_at == NOON + timedelta(hours=4)


ERROR = {"failed_code": "CLOSED", "failed_message": "generic"}


@pytest.mark.parametrize(
    ("status", "facts", "kind"),
    [
        ("awaiting_payment_method", {}, Pending),
        ("awaiting_payment_method", {"last_payment_error": ERROR}, Declined),
        ("awaiting_payment_method", {"payments": [payment("failed", **ERROR)]}, Declined),
        ("awaiting_payment_method", {"payments": [payment("paid")]}, Unknown),
        ("awaiting_next_action", {}, Pending),
        ("awaiting_next_action", {"last_payment_error": ERROR}, Pending),
        ("processing", {}, Pending),
        ("processing", {"payments": [payment("paid")]}, Unknown),
        ("awaiting_capture", {}, Unknown),
        ("succeeded", {}, Succeeded),
        ("succeeded", {"last_payment_error": ERROR}, Succeeded),
        ("succeeded", {"currency": "QQQ"}, Unknown),
        ("cancelled", {}, Declined),
        ("something_new", {}, Unknown),
    ],
)
def test_every_status_has_its_outcome(status: str, facts: dict[str, Any], kind: type) -> None:
    said = wire.outcome(intent(status, **facts), NOON, LATER)
    assert isinstance(said, kind)
    assert getattr(said, "provider_reference", None) == "pi_xxx"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "ftp://x"])
def test_a_page_that_is_no_page_is_not_shown(url: str) -> None:
    action = {"type": "redirect", "redirect": {"url": url, "return_url": BACK}}
    said = wire.outcome(intent("awaiting_next_action", next_action=action), NOON, LATER)
    assert said == Pending(provider_reference="pi_xxx")


def test_only_a_fresh_intent_is_untouched() -> None:
    assert intent("awaiting_payment_method", payments=[]).is_untouched
    assert not intent("awaiting_payment_method", last_payment_error=ERROR).is_untouched
    assert not intent("awaiting_payment_method", payments=[payment("failed")]).is_untouched
    assert not intent("awaiting_payment_method", payments=[payment("pending")]).is_untouched
    assert not intent("awaiting_next_action").is_untouched


def test_money_is_what_the_payments_took_and_twice_is_told_as_the_sum() -> None:
    once = intent("succeeded", payments=[payment("failed"), payment("paid", amount=9_900)])
    assert wire.outcome(once, NOON, LATER) == Succeeded(
        amount=php("99.00"), provider_reference="pi_xxx"
    )
    twice = intent("succeeded", payments=[payment("paid"), payment("paid")])
    said = wire.outcome(twice, NOON, LATER)
    assert isinstance(said, Succeeded)
    assert said.amount == php("200.00")
    assert isinstance(refunds.paid(twice), Declined)


@pytest.mark.parametrize("amount", [100.0, "10000", -1, True, None, 1e999])
def test_what_is_no_number_of_centavos_is_not_read_as_one(amount: Any) -> None:
    known = REQUESTS["attach_response_core"]["data"]
    body = {"data": {**known, "attributes": {**known["attributes"], "amount": amount}}}
    with pytest.raises(Undecodable):
        decode(msgspec.json.encode(body), Envelope[Intent])


# Why it failed, and what PayMongo refuses


@pytest.mark.parametrize(
    ("code", "message", "word", "kind", "elsewhere"),
    [
        ("CLOSED", "expired", FailureCode.EXPIRED, FailureKind.EXPIRED, False),
        ("CLOSED", "generic", FailureCode.PAYER_REJECTED, FailureKind.DECLINED, False),
        ("CLOSED", None, FailureCode.PAYER_REJECTED, FailureKind.DECLINED, False),
        ("AMOUNT_EXCEED_LIMIT", "", FailureCode.LIMIT_EXCEEDED, FailureKind.DECLINED, True),
        ("PARAM_MISSING", "", FailureCode.INVALID_REQUEST, FailureKind.INVALID, True),
        (
            "REPEAT_REQ_INCONSISTENT",
            "",
            FailureCode.PROVIDER_UNAVAILABLE,
            FailureKind.UNAVAILABLE,
            True,
        ),
        ("SYSTEM_ERROR", "", FailureCode.PROVIDER_UNAVAILABLE, FailureKind.UNAVAILABLE, True),
        ("PY0105", "expired", FailureCode.UNKNOWN, FailureKind.DECLINED, False),
        (None, None, FailureCode.UNKNOWN, FailureKind.DECLINED, False),
    ],
)
def test_a_failed_code_is_told_in_our_words(
    code: str | None, message: str | None, word: FailureCode, kind: FailureKind, elsewhere: bool
) -> None:
    said = wire.failed(code, message, "pi_1")
    assert (said.failure.code, said.failure.kind, said.elsewhere) == (word, kind, elsewhere)
    assert said.failure.provider_code == (code or "unknown")


@pytest.mark.parametrize(("code", "sort"), SORTS.items())
@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_code_permits_what_it_says(code: str, sort: Sort, status: int) -> None:
    charge, refund = charge_refused(refused(code, status)), refund_refused(refused(code, status))
    states = (Sort.WAIT, Sort.NEVER, Sort.AMBIGUOUS)
    assert isinstance(charge, Unknown if sort in states else Declined)
    assert isinstance(refund, Unknown if sort is Sort.AMBIGUOUS else Declined)
    if isinstance(charge, Declined):
        assert charge.elsewhere
        assert charge.failure.provider_code == code
    if isinstance(refund, Declined):
        assert refund.elsewhere == (sort in (Sort.WAIT, Sort.ACCOUNT))


def test_a_low_payout_is_a_wait_and_no_decline() -> None:
    said = refund_refused(refused("available_balance_insufficient"))
    assert isinstance(said, Declined)
    assert said.elsewhere


def test_only_a_no_in_paymongos_own_form_is_a_no() -> None:
    for answer in (
        refused("parameter_invalid", 500),
        refused("something_new"),
        Response(400, {}, b"<html>"),
        answered(400, {"errors": []}),
        answered(404, {"message": "Not Found"}),
        answered(400, {"errors": [{"code": "parameter_invalid"}, {"code": "something_new"}]}),
    ):
        assert isinstance(charge_refused(answer), Unknown)
        assert isinstance(refund_refused(answer), Unknown)


def test_the_key_and_the_rate_are_the_accounts_own_matter() -> None:
    for answer in (refused("anything", 401), refused("anything", 403), Response(429, {}, b"slow")):
        said = charge_refused(answer)
        assert isinstance(said, Declined)
        assert said.elsewhere
        assert said.failure.code is FailureCode.PROVIDER_UNAVAILABLE


def test_an_id_of_the_other_environment_is_not_found() -> None:
    assert isinstance(looked_up(refused("resource_not_found", 404), "pi_1", Intent), NotFound)
    assert isinstance(looked_up(answered(404, {}), "pi_1", Intent), Unknown)
    other = answered(200, REQUESTS["attach_response_core"])
    assert isinstance(looked_up(other, "pi_other", Intent), Unknown)


# Refunds in a payment


def a_refund(status: str, notes: str | None, amount: int = 10_000) -> dict[str, Any]:
    facts = {"amount": amount, "currency": "PHP", "status": status, "notes": notes}
    return {"id": "ref_1", "type": "refund", "attributes": facts}


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([], NotFound),
        ([a_refund("succeeded", None)], NotFound),
        ([a_refund("succeeded", "by hand, for rfd_x")], NotFound),
        ([a_refund("succeeded", f"{REFUND}9 other")], NotFound),
        ([a_refund("succeeded", REFUND)], Succeeded),
        ([a_refund("pending", f"{REFUND} it broke")], Pending),
        ([a_refund("processing", REFUND)], Pending),
        ([a_refund("failed", REFUND)], Declined),
        ([a_refund("something_new", REFUND)], Unknown),
        ([a_refund("failed", REFUND), a_refund("pending", REFUND)], Pending),
        ([a_refund("succeeded", REFUND), a_refund("failed", REFUND)], Succeeded),
    ],
)
def test_our_refund_is_known_by_its_notes(rows: list[Any], kind: type) -> None:
    found = msgspec.convert(payment("paid", refunds=rows), Payment)
    said = refunds.in_payment(found, an_order("pi_1"))
    assert isinstance(said, kind)
    assert not isinstance(said, Declined) or not said.elsewhere


def test_given_back_twice_is_told_as_the_sum() -> None:
    rows = [a_refund("succeeded", REFUND), a_refund("succeeded", REFUND, 1)]
    said = refunds.in_payment(
        msgspec.convert(payment("paid", refunds=rows), Payment), an_order("pi_1")
    )
    assert isinstance(said, Succeeded)
    assert said.amount == php("100.01")


# Callbacks


def call(body: bytes, header: str, config: GcashConfig = TEST, late_s: int = 0) -> Notice:
    callback = Callback(body, {SIGNATURE: header})
    return receive(callback, SIGNED_AT + timedelta(seconds=late_s), config)


def signed(body: Any, config: GcashConfig = TEST, **facts: Any) -> Notice:
    """An event with these facts in its resource, signed for the account."""
    event = msgspec.json.decode(msgspec.json.encode(body))
    event["data"]["attributes"]["livemode"] = config.live
    event["data"]["attributes"]["data"]["attributes"].update(facts)
    raw = msgspec.json.encode(event)
    proof = hmac_sha256_hex(config.webhook_secret, b"1700000005." + raw)
    te, li = ("", proof) if config.live else (proof, "")
    return call(raw, f"t=1700000005,te={te},li={li}", config)


RAW = VECTOR["raw_body"].encode()
PAID, FAILED = fixture("event_payment_paid"), fixture("event_payment_failed")


def test_the_vector_verifies_and_an_event_of_nobody_matches_nothing() -> None:
    notice = call(RAW, VECTOR["test_mode_header"])
    assert notice == Notice(
        id="evt_xxxxxxxxxxxxxxxxxxxxxxxx",
        trusted=True,
        attempt_id=None,
        provider_reference="pay_xxxxxxxxxxxxxxxxxxxxxxxx",
        answer=Succeeded(amount=php("100.00"), provider_reference=None),
    )
    assert msgspec.json.decode(RAW) == PAID
    assert VECTOR["string_to_sign"].startswith("1700000005.")
    assert VECTOR["expected_hmac_sha256_hex"] in VECTOR["test_mode_header"]


def test_an_empty_signature_is_no_signature() -> None:
    """The trap of PayMongo's Python library: `li` is there, and empty."""
    te = VECTOR["expected_hmac_sha256_hex"]
    for header in (f"t=1700000005,te=,li={te}", "t=1700000005,te=,li=", "t=1700000005", ""):
        with pytest.raises(Forged):
            call(RAW, header)


def test_a_signature_of_the_other_environment_is_refused() -> None:
    with pytest.raises(Forged):
        call(RAW, VECTOR["live_mode_header"], TEST)
    with pytest.raises(Forged):
        call(RAW, VECTOR["test_mode_header"], LIVE)
    with pytest.raises(Forged, match="environment"):  # signed for live, and says it is a test
        call(RAW, VECTOR["live_mode_header"], LIVE)
    both = VECTOR["test_mode_header"] + VECTOR["expected_hmac_sha256_hex"]
    assert call(RAW, both, TEST).trusted


def test_an_account_without_a_secret_believes_nobody() -> None:
    naked = GcashConfig(secret_key="sk_test_1")
    proof = hmac_sha256_hex("", b"1700000005." + RAW)
    with pytest.raises(Forged, match="not registered"):
        call(RAW, f"t=1700000005,te={proof},li=", naked)


@pytest.mark.parametrize(("late_s", "fine"), [(300, True), (-300, True), (301, False)])
def test_five_minutes_are_tolerated(late_s: int, fine: bool) -> None:
    if fine:
        assert call(RAW, VECTOR["test_mode_header"], late_s=late_s).trusted
    else:
        with pytest.raises(Forged, match="old"):
            call(RAW, VECTOR["test_mode_header"], late_s=late_s)


@pytest.mark.parametrize("moment", ["", "x", "-1", "1e9", "١٧٠٠", "1" * 13, "1700000005 "])
def test_a_moment_is_plain_digits(moment: str) -> None:
    header = VECTOR["test_mode_header"].replace("1700000005", moment)
    if moment.strip() == "1700000005":
        assert call(RAW, header.replace(" ", "")).trusted
    else:
        with pytest.raises(Forged):
            call(RAW, header)


def test_a_payment_is_named_by_our_attempt_then_by_the_intent() -> None:
    named = signed(PAID, payment_intent_id="pi_1", metadata={"attempt_id": ATTEMPT})
    assert (named.attempt_id, named.provider_reference) == (ATTEMPT, "pi_1")
    assert named.answer == Succeeded(amount=php("100.00"), provider_reference="pi_1")
    plain = signed(PAID, payment_intent_id="pi_1", metadata=None)
    assert (plain.attempt_id, plain.provider_reference) == (None, "pi_1")
    foreign = signed(PAID, metadata={"order_id": "1234", "attempt_id": 5})
    assert foreign.attempt_id is None


def test_live_events_are_read_for_a_live_account() -> None:
    assert signed(PAID, LIVE, payment_intent_id="pi_1").trusted


def test_a_failed_payment_says_why() -> None:
    notice = signed(FAILED, payment_intent_id="pi_1")
    assert isinstance(notice.answer, Declined)
    assert notice.answer.failure.code is FailureCode.EXPIRED
    assert notice.answer.failure.provider_code == "CLOSED"
    assert notice.answer.provider_reference == "pi_1"


@pytest.mark.parametrize("event", [PAID, FAILED])
@pytest.mark.parametrize("status", ["pending", "something_new", "failed", "paid"])
def test_an_event_that_contradicts_itself_only_makes_us_ask(event: Any, status: str) -> None:
    notice = signed(event, status=status, payment_intent_id="pi_1")
    fits = event["data"]["attributes"]["type"] == f"payment.{status}"
    assert notice.trusted == fits == (notice.answer is not None)


def event(type_: str, data: Any) -> Any:
    facts = {"type": type_, "livemode": False, "data": data}
    return {"data": {"id": "evt_1", "type": "event", "attributes": facts}}


@pytest.mark.parametrize(
    "type_", ["payment.refund.updated", "refund.succeeded", "refund.created", "refund.failed"]
)
@pytest.mark.parametrize(
    ("status", "kind"), [("succeeded", Succeeded), ("pending", Pending), ("failed", Declined)]
)
def test_a_refunds_event_is_read_whatever_its_name(type_: str, status: str, kind: type) -> None:
    notice = signed(event(type_, a_refund(status, f"{REFUND} it broke")))
    assert notice.refund_id == REFUND
    assert isinstance(notice.answer, kind)


def test_a_refunded_payment_tells_of_its_newest_refund() -> None:
    rows = [
        a_refund("succeeded", "rfd_1 a"),
        a_refund("pending", "rfd_2 b"),
        a_refund("failed", ""),
    ]
    for number, row in enumerate(rows):
        row["attributes"]["updated_at"] = number
    notice = signed(event("payment.refunded", payment("paid", refunds=rows)))
    assert (notice.refund_id, type(notice.answer)) == ("rfd_2", Pending)


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("source.chargeable", {"id": "src_1", "attributes": {}}),
        ("payment_intent.succeeded", {"id": "pi_1", "attributes": {}}),
        ("payment.refunded", payment("paid", refunds=[])),
        ("payment.refunded", payment("paid")),
        ("payment.refund.updated", a_refund("succeeded", "by hand")),
        ("payment.refund.updated", a_refund("something_new", REFUND)),
    ],
)
def test_what_is_of_no_interest_is_kept_and_says_nothing(type_: str, data: Any) -> None:
    notice = signed(event(type_, data))
    assert (notice.id, notice.trusted, notice.answer) == ("evt_1", True, None)


@pytest.mark.parametrize("type_", ["payment.paid", "payment.refunded", "payment.refund.updated"])
def test_a_signed_event_without_its_resource_is_invalid(type_: str) -> None:
    with pytest.raises(Invalid):
        signed(event(type_, {"id": 5, "attributes": {}}))


# The account, and what is declared


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"secretKey": "pk_test_1"}, "secretKey"),
        ({"secretKey": "sk_test_1:x"}, "secretKey"),
        ({"secretKey": "sk_test_1\n"}, "secretKey"),
        ({"secretKey": "sk_test_é"}, "secretKey"),
        ({"secretKey": "sk_test_1", "returnUrl": "javascript:1"}, "returnUrl"),
        ({}, "secretKey"),
    ],
)
def test_a_key_of_another_kind_is_named(config: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        converted(config, GcashConfig)
    assert caught.value.field == field


def test_the_key_chooses_the_environment_and_is_never_shown() -> None:
    assert (TEST.live, LIVE.live) == (False, True)
    assert TEST.url == "https://api.paymongo.com/v1"
    assert "sk_test" not in repr(TEST)
    assert VECTOR["secret"] not in repr(TEST)


def test_the_manifest_says_what_paymongo_can_and_takes() -> None:
    profile = MANIFEST.described()
    assert (profile.refunds, profile.partial_refunds, profile.callbacks) == (True, True, True)
    assert not profile.cancels
    assert not issubclass(MANIFEST.client, Cancels)
    assert profile.below_minimum(php("19.99")) == php("20.00")
    assert profile.above_maximum(php("100000.01")) == php("100000.00")
    assert profile.above_maximum(php("100000.00")) is None
    assert not profile.promises.finds_by_our_reference


@pytest.mark.parametrize(
    ("amount", "fee"), [("500.00", 27_50), ("499.99", 27_50), ("20.00", 10_70)]
)
def test_the_fee_is_three_and_a_half_per_cent_and_ten_pesos(amount: str, fee: int) -> None:
    assert MANIFEST.profile.fees[0].quote(php(amount), Bearer.MERCHANT).minor == fee

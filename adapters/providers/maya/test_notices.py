"""What is peculiar to Maya's callbacks: a flattened string is signed, by a key of all merchants."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.scenery import Recorded
from adapters.providers.maya import MANIFEST, notices
from adapters.providers.maya.scene import ATTEMPT, a_client, fixture, php
from adapters.providers.maya.simulated_callbacks import flat
from adapters.providers.maya.simulated_key import public_pem, sign
from adapters.providers.maya.wire import proof
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, Pending, Succeeded
from domain.ports.providers import Callback, Notice

VECTOR: Mapping[str, Any] = fixture("webhook_signature_vector_synthetic")
HEADERS: Mapping[str, str] = {name.lower(): value for name, value in VECTOR["headers"].items()}
BODY: bytes = msgspec.json.encode(VECTOR["body"])
SENT_MS = int(HEADERS["x-maya-webhook-timestamp"])
SENT = datetime.fromtimestamp(SENT_MS / 1000, UTC)
TOLERANCE = timedelta(milliseconds=VECTOR["tolerance_ms"])


def receive(
    body: bytes = BODY, headers: Mapping[str, str] = HEADERS, at: datetime = SENT
) -> Notice:
    client = a_client(Recorded(), webhook_public_keys=(VECTOR["test_public_key_pem"],))
    return client.receive(Callback(body, headers), at)


def of_the_simulator(body: Mapping[str, Any], raw: bytes | None = None) -> Notice:
    """What a body says when it was signed as the simulator signs."""
    signature = sign(flat(body, "00ff"))
    headers = {**HEADERS, "x-maya-webhook-signature": f" v1={signature} , nonce=00ff"}
    client = a_client(Recorded(), webhook_public_keys=(public_pem(),))
    return client.receive(Callback(raw or msgspec.json.encode(body), headers), SENT)


def a_body(**other: Any) -> dict[str, Any]:
    given = {"metadata": {"proof": proof("sk-1", ATTEMPT)}, "requestReferenceNumber": ATTEMPT}
    return {**VECTOR["body"], **given, **other}


@pytest.mark.parametrize("case", fixture("canonical_string_cases")["cases"])
def test_the_canonical_string_is_the_published_one(case: Mapping[str, Any]) -> None:
    body = notices.DECODER.decode(msgspec.json.encode(case["payload"]))
    assert notices.canonical(body, case["nonce"]) == case["canonical"]


def test_the_vector_verifies() -> None:
    nonce = HEADERS["x-maya-webhook-signature"].split(",")[0].removeprefix("nonce=")
    assert notices.canonical(notices.DECODER.decode(BODY), nonce) == VECTOR["canonical_string"]
    said = receive()
    assert said.id == f"{VECTOR['body']['id']}:PAYMENT_SUCCESS"
    assert said.attempt_id == "ORDER-1001"
    assert isinstance(said.answer, Succeeded)
    assert said.answer.amount == php("1000.10")


@given(st.integers(0, len(BODY) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_a_forgery(byte: int, bit: int) -> None:
    """Or it changed nothing that is read: a blank, or the name of what is empty."""
    body = bytearray(BODY)
    body[byte] ^= 1 << bit
    try:
        said = receive(bytes(body))
    except Forged:
        return
    assert said == receive()


@given(st.integers(0, 255), st.integers(0, 7))
def test_a_flipped_bit_of_the_signature_is_a_forgery(byte: int, bit: int) -> None:
    nonce, _, signature = HEADERS["x-maya-webhook-signature"].partition(",v1=")
    raw = bytearray.fromhex(signature)
    raw[byte] ^= 1 << bit
    with pytest.raises(Forged):
        receive(headers={**HEADERS, "x-maya-webhook-signature": f"{nonce},v1={raw.hex()}"})


@pytest.mark.parametrize(
    "text",
    ["", "nonce=00", "v1=00", "nonce=,v1=00", "nonce=zz,v1=00", "nonce=00,nonce=00,v1=00", ",,=,"],
)
def test_a_malformed_signature_is_a_forgery(text: str) -> None:
    with pytest.raises(Forged):
        receive(headers={**HEADERS, "x-maya-webhook-signature": text})


@pytest.mark.parametrize("text", ["", "soon", "-1", str(SENT_MS // 1000), "٣" * 13, "9" * 400])
def test_a_time_that_is_not_in_milliseconds_is_a_forgery(text: str) -> None:
    with pytest.raises(Forged):
        receive(headers={**HEADERS, "x-maya-webhook-timestamp": text})


def test_an_old_or_early_callback_is_refused() -> None:
    for at in (SENT + TOLERANCE, SENT - TOLERANCE):
        assert receive(at=at).attempt_id == "ORDER-1001"
    second = timedelta(seconds=1)
    for at in (SENT + TOLERANCE + second, SENT - TOLERANCE - second):
        with pytest.raises(Forged):
            receive(at=at)


def test_a_signature_of_another_key_is_refused() -> None:
    client = a_client(Recorded(), webhook_public_keys=(public_pem(),))
    with pytest.raises(Forged):
        client.receive(Callback(BODY, HEADERS), SENT)
    with pytest.raises(Forged):  # an address whose keys nobody knows
        a_client(Recorded(), base_url="https://x.example").receive(Callback(BODY, HEADERS), SENT)
    both = (public_pem(), VECTOR["test_public_key_pem"])
    client = a_client(Recorded(), webhook_public_keys=both)
    assert client.receive(Callback(BODY, HEADERS), SENT) == receive()


@pytest.mark.parametrize(
    ("written", "signed"),
    [
        ("100.00", "100"),
        ("100.0", "100"),
        ("199.50", "199.5"),
        ("0.10", "0.1"),
        ("1e2", "100"),
        ("805322262599", "805322262599"),
        ("12345678901234567890", "12345678901234567000"),
        ("-0.5", "-0.5"),
    ],
)
def test_numbers_are_signed_as_javascript_writes_them(written: str, signed: str) -> None:
    body = notices.DECODER.decode(f'{{"a":{written},"b":"100.00"}}')
    assert notices.canonical(body, "n") == f"a={signed}&b=100.00&nonce=n"


def test_a_number_with_zeros_at_the_end_is_read_exactly() -> None:
    body = a_body(amount=100)
    raw = msgspec.json.encode(body).replace(b'"amount":100,', b'"amount":100.00,')
    assert b"100.00" in raw
    said = of_the_simulator(body, raw)
    assert isinstance(said.answer, Succeeded)
    assert said.answer.amount == php("100.00")


def test_lists_are_flattened_by_index() -> None:
    body = {"items": [{"n": "a"}, {"n": "b"}, {}, []], "none": [None, ""]}
    assert notices.canonical(body, "n") == "items.0.n=a&items.1.n=b&nonce=n"


def test_a_callback_with_our_proof_is_believed() -> None:
    said = of_the_simulator(a_body())
    assert said.trusted
    assert said.attempt_id == ATTEMPT


@pytest.mark.parametrize(
    "other",
    [
        {"metadata": {}},
        {"metadata": None},
        {"metadata": "proof"},
        {"metadata": {"proof": proof("sk-2", ATTEMPT)}},
        {"requestReferenceNumber": "att_another"},
        {"requestReferenceNumber": None},
        {"description": "a&id=b"},  # the signed string could be cut at another place
    ],
)
def test_anothers_payment_under_our_reference_is_a_hint(other: Mapping[str, Any]) -> None:
    assert not of_the_simulator(a_body(**other)).trusted


def test_the_older_events_hold_a_checkout() -> None:
    excerpt = fixture("messages")["webhook_legacy_checkout_success_excerpt"]
    said = of_the_simulator({**excerpt, "canPayPal": False})
    assert said.id == f"{excerpt['id']}:PAYMENT_SUCCESS"
    assert said.attempt_id == excerpt["requestReferenceNumber"]
    assert (said.trusted, said.answer) == (False, None)  # the excerpt tells no amount
    total = {"amount": "10.50", "currency": "PHP", "value": 0}
    whole = of_the_simulator({**a_body(amount=None), **excerpt, "totalAmount": total})
    assert whole.answer == Succeeded(amount=php("10.50"), provider_reference=excerpt["id"])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("PAYMENT_FAILED", Declined),
        ("PAYMENT_EXPIRED", Declined),
        ("PAYMENT_CANCELLED", Declined),
        ("AUTHORIZED", Pending),
        ("AUTH_FAILED", Pending),
        ("INVENTED_TOMORROW", type(None)),
    ],
)
def test_every_event_is_told_by_its_status(status: str, kind: type) -> None:
    said = of_the_simulator(a_body(status=status))
    assert isinstance(said.answer, kind)
    assert said.id.endswith(f":{status}")


def test_signed_nonsense_is_invalid() -> None:
    with pytest.raises(Invalid):
        of_the_simulator({"hello": "world"})
    for raw in (b"", b"null", b"[]", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}", b"\xff"):
        with pytest.raises(Forged):
            receive(raw)


def test_it_is_recognised_by_its_header() -> None:
    assert MANIFEST.recognises(Callback(BODY, HEADERS))
    assert not MANIFEST.recognises(Callback(BODY, {}))

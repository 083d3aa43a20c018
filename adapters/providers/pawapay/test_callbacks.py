"""pawaPay's callbacks: signed by RFC 9421 where that is switched on, else a hint."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.provider_kit.simulator import Action, Outgoing
from adapters.providers.pawapay import wire
from adapters.providers.pawapay.notices import recognises
from adapters.providers.pawapay.scene import (
    ATTEMPT,
    HOOK,
    REFUND,
    Scene,
    T,
    a_charge,
    an_order,
    fixture,
    money,
)
from adapters.providers.pawapay.signatures import verify, verify_headers
from adapters.providers.pawapay.simulated_signature import headers, public_pem
from domain.errors import Forged, Invalid
from domain.payments.outcome import Declined, Succeeded
from domain.ports.providers import Callback, Notice

pytestmark = pytest.mark.anyio
CAPTURED: dict[str, Any] = fixture("callback.captured")
KEYS = {CAPTURED["key"]["id"]: CAPTURED["key"]["key"]}
THEN = datetime(2026, 9, 23, 13, 55, 11, tzinfo=UTC)


def of(outgoing: Outgoing, **changed: str) -> Callback:
    return Callback(outgoing.body, {**outgoing.headers, **changed})


def signed(body: Any, at: datetime, url: str = HOOK) -> Callback:
    raw = msgspec.json.encode(body)
    return Callback(raw, headers(url, raw, at))


async def paid(scene: Scene, action: Action = Action.APPROVE) -> Outgoing:
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.pawapay.act(ATTEMPT, action)
    (sent,) = scene.pawapay.take_due(scene.clock.now())
    return sent


# Signatures


def test_a_callback_captured_from_the_sandbox_verifies() -> None:
    verify_headers(CAPTURED["headers"], THEN, KEYS, CAPTURED["url"])


@pytest.mark.parametrize(
    "url",
    [
        CAPTURED["url"] + "/payouts",
        "https://elsewhere.example/api/v1/webhooks/pawapay",
        "",
    ],
)
def test_what_was_sent_to_another_address_is_forged(url: str) -> None:
    with pytest.raises(Forged):
        verify_headers(CAPTURED["headers"], THEN, KEYS, url)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature-date": "2026-09-23T13:55:11.673817314Z"},
        {"content-type": "text/plain"},
        {"content-digest": "sha-512=:AAAA:"},
        {"signature": "sig-pp=:AAAA:"},
        {"signature": "sig-xx=:AAAA:"},
        {"signature": ""},
        {"signature-input": 'sig-pp=("@method");alg="ecdsa-p256-sha256";created=1790171710'},
        {"signature-input": "sig-pp=()"},
    ],
)
def test_what_was_changed_is_forged(changed: Mapping[str, str]) -> None:
    with pytest.raises(Forged):
        verify_headers({**CAPTURED["headers"], **changed}, THEN, KEYS, CAPTURED["url"])


@pytest.mark.parametrize("minutes", [-10, 10, 60 * 24])
def test_what_is_too_old_or_from_the_future_is_forged(minutes: int) -> None:
    at = THEN + timedelta(minutes=minutes)
    with pytest.raises(Forged):
        verify_headers(CAPTURED["headers"], at, KEYS, CAPTURED["url"])


def test_an_unknown_key_is_forged() -> None:
    with pytest.raises(Forged):
        verify_headers(CAPTURED["headers"], THEN, {"HTTP_EC_P256_KEY:2": public_pem()}, HOOK)
    with pytest.raises(Forged):
        verify_headers(CAPTURED["headers"], THEN, {"HTTP_EC_P256_KEY:1": public_pem()}, HOOK)


async def test_the_digest_is_of_the_body() -> None:
    scene = Scene()
    sent = await paid(scene)
    changed = Callback(sent.body.replace(b"1500.00", b"1.00"), sent.headers)
    with pytest.raises(Forged):
        scene.client.receive(changed, scene.clock.now())


def test_the_default_port_is_no_part_of_the_address() -> None:
    body = b"{}"
    at = THEN
    sent = headers("https://shop.example/hook", body, at)
    keys = {"HTTP_EC_P256_KEY:1": public_pem()}
    for url in ("https://shop.example/hook", "https://SHOP.example:443/hook"):
        verify(Callback(body, sent), at, keys, url)
    with pytest.raises(Forged):
        verify(Callback(body, sent), at, keys, "https://shop.example:8443/hook")


@pytest.mark.parametrize("raw", [True, False])
def test_a_signature_may_be_two_numbers_as_in_the_rfc_or_in_der(raw: bool) -> None:
    key = derive_private_key(12345, SECP384R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    made = int(THEN.timestamp())
    listed = '("@method" "@authority" "@path" "content-digest")'
    params = f'{listed};created={made};keyid="k";alg="ecdsa-p384-sha384"'
    digest = headers("https://a.example/x", b"{}", THEN)["content-digest"]
    base = (
        f'"@method": POST\n"@authority": a.example\n"@path": /x\n"content-digest": {digest}\n'
        f'"@signature-params": {params}'
    )
    signature = key.sign(base.encode(), ECDSA(SHA384()))
    if raw:
        signature = b"".join(one.to_bytes(48, "big") for one in decode_dss_signature(signature))
    told = {
        "content-digest": digest,
        "signature-input": f"s={params}",
        "signature": f"s=:{base64.b64encode(signature).decode()}:",
    }
    verify(Callback(b"{}", told), THEN, {"k": pem}, "https://a.example/x")
    with pytest.raises(Forged):
        verify(Callback(b"{}", told), THEN, {"k": public_pem()}, "https://a.example/x")


# What they say


async def test_a_signed_and_proven_callback_is_believed_to_the_ngwee() -> None:
    scene = Scene()
    sent = await paid(scene)
    notice = scene.client.receive(of(sent), scene.clock.now())
    assert (notice.trusted, notice.attempt_id) == (True, ATTEMPT)
    assert notice.provider_reference == wire.reference(ATTEMPT)
    assert notice.answer == Succeeded(
        amount=money("1500.00"), provider_reference=wire.reference(ATTEMPT)
    )


async def test_a_declined_one_says_why() -> None:
    scene = Scene()
    notice = scene.client.receive(of(await paid(scene, Action.DECLINE)), scene.clock.now())
    assert isinstance(notice.answer, Declined)
    assert notice.answer.failure.provider_code == "PAYMENT_NOT_APPROVED"


async def test_one_that_another_merchant_has_pawapay_sign_is_only_a_hint() -> None:
    """The keys are pawaPay's for all: whoever enters our address can name our reference."""
    scene = Scene()
    await paid(scene)
    stranger = scene.account(apiToken="pawapay-sim-other")
    charge = wire.deposit(a_charge("1500.00"), "pawapay-sim-other")
    told = {
        "depositId": wire.reference(ATTEMPT),
        "status": "COMPLETED",
        "amount": "1500.00",
        "currency": "ZMW",
        "clientReferenceId": ATTEMPT,
        "payer": charge["payer"],
    }
    now = scene.clock.now()
    theirs = charge["metadata"][0]
    for metadata in (None, {}, theirs, [theirs], {"proof": ""}, {"proof": 5}, "x", [5]):
        notice = scene.client.receive(signed({**told, "metadata": metadata}, now), now)
        assert (notice.trusted, notice.attempt_id) == (False, ATTEMPT)
    assert stranger.receive(signed({**told, "metadata": theirs}, now), now).trusted


async def test_a_proof_counts_also_when_its_name_was_lost() -> None:
    scene = Scene()
    scene.pawapay.company.loses_names = True
    sent = await paid(scene)
    assert "proof" not in msgspec.json.decode(sent.body)["metadata"]
    assert scene.client.receive(of(sent), scene.clock.now()).trusted


async def test_a_reference_that_the_id_does_not_follow_from_is_not_ours() -> None:
    scene = Scene()
    sent = await paid(scene)
    told = msgspec.json.decode(sent.body)
    told["depositId"] = wire.reference("att_01J9ZW7QK3M8X5N2V4T6R8Y0BC02")
    notice = scene.client.receive(signed(told, scene.clock.now()), scene.clock.now())
    assert (notice.trusted, notice.attempt_id) == (False, None)


async def test_without_signatures_a_callback_only_makes_us_ask() -> None:
    scene = Scene(signedCallbacks=False)
    scene.pawapay.company.signs = False
    sent = await paid(scene)
    assert "signature" not in sent.headers
    notice = scene.client.receive(of(sent), scene.clock.now())
    assert (notice.trusted, notice.attempt_id) == (False, ATTEMPT)
    lie = Callback(sent.body.replace(b"1500.00", b"1501.00"))
    assert scene.client.receive(lie, scene.clock.now()).id != notice.id


async def test_where_signatures_are_switched_on_an_unsigned_one_is_refused() -> None:
    scene = Scene()
    sent = await paid(scene)
    with pytest.raises(Forged):
        scene.client.receive(Callback(sent.body), scene.clock.now())
    nowhere = scene.account(callbackUrl="")
    with pytest.raises(Forged):
        nowhere.receive(of(sent), scene.clock.now())


async def refunded(scene: Scene) -> Outgoing:
    await paid(scene)
    await scene.client.refund(an_order(), timeout_s=T)
    scene.clock.pass_(seconds=30)
    (sent,) = scene.pawapay.take_due(scene.clock.now())
    return sent


async def test_a_refunds_callback_says_which_refund_came_back() -> None:
    scene = Scene()
    sent = await refunded(scene)
    assert msgspec.json.decode(sent.body).keys() >= fixture("refund.callback").keys() - {
        "customerMessage"
    }
    notice = scene.client.receive(of(sent), scene.clock.now())
    assert (notice.trusted, notice.refund_id, notice.attempt_id) == (True, REFUND, None)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount == money("1500.00")


async def test_a_refunds_callback_that_is_not_proven_says_nothing() -> None:
    scene = Scene()
    told = msgspec.json.decode((await refunded(scene)).body)
    now = scene.clock.now()
    others: tuple[dict[str, Any], ...] = (
        {"metadata": {}},
        {"clientReferenceId": None},
        {"clientReferenceId": "rfd_X"},
    )
    for other in others:
        notice: Notice = scene.client.receive(signed({**told, **other}, now), now)
        assert (notice.refund_id, notice.attempt_id, notice.answer) == (None, None, None)
    unsigned = scene.account(signedCallbacks=False)
    with pytest.raises(Invalid):
        unsigned.receive(Callback(msgspec.json.encode(told)), now)


def test_the_published_refund_callback_is_not_ours_and_is_recognised() -> None:
    scene = Scene()
    now = scene.clock.now()
    sent = signed(fixture("refund.callback"), now)
    assert recognises(sent)
    assert scene.client.receive(sent, now).answer is None
    assert not recognises(Callback(sent.body))


@pytest.mark.parametrize("body", [{}, {"status": "COMPLETED"}, {"depositId": 5}, []])
def test_nonsense_is_invalid(body: object) -> None:
    scene = Scene()
    now = scene.clock.now()
    with pytest.raises(Invalid):
        scene.client.receive(signed(body, now), now)

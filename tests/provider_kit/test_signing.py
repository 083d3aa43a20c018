"""Proofs of who is speaking, and what clients share on the wire."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.provider_kit.http import (
    Credentials,
    Undecodable,
    deadline,
    decode,
    json_request,
    shown,
    unusable,
)
from adapters.provider_kit.signing import basic, hmac_sha256_hex, rsa_sha256_verifies, same
from adapters.provider_kit.transport import MOST_BODY, Request, Response
from tests.contracts.provider_worlds import HandClock

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_basic_is_user_and_password() -> None:
    """The example of RFC 7617, and a key without a password."""
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic("sk") == "Basic c2s6"


def test_hmac_is_the_one_of_rfc_4231() -> None:
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_sha256_hex("Jefe", b"what do ya want for nothing?") == expected


@pytest.mark.parametrize(
    ("given", "expected", "equal"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("", "a", False),
        ("", "", False),
        ("é\udcff", "e", False),
    ],
)
def test_comparison_takes_any_text(given: str, expected: str, equal: bool) -> None:
    assert same(given, expected) is equal


def test_an_rsa_signature_verifies_raw_and_in_hexadecimal() -> None:
    good = KEY.sign(b"data", padding.PKCS1v15(), SHA256())
    assert rsa_sha256_verifies(PEM, good, b"data")
    assert rsa_sha256_verifies(PEM, good.hex(), b"data")
    assert not rsa_sha256_verifies(PEM, good, b"date")
    for wrong in (b"", good[:-1], good + b"\0", "", "zz", good.hex()[:-1], "é"):
        assert not rsa_sha256_verifies(PEM, wrong, b"data")


def test_another_kind_of_key_is_refused_in_words() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for wrong in (pem, "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"):
        with pytest.raises(ValueError, match=r".+"):
            rsa_sha256_verifies(wrong, b"", b"")


class Shape(msgspec.Struct):
    secret: list[int]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"canary",
        b'{"secret":"canary"}',
        b'{"secret":[1,"canary"]}',
        b'"\xff"',
        b'{"secret":' + b"[" * 100_000,
        b"[" * 100_000,
        b" " * (MOST_BODY + 1),
    ],
)
def test_what_cannot_be_decoded_is_told_without_its_words(body: bytes) -> None:
    with pytest.raises(Undecodable) as caught:
        decode(body, Shape)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_fits_is_decoded() -> None:
    assert decode(b'{"secret":[1,2],"more":0}', Shape).secret == [1, 2]
    assert decode(b"[1]", list[int]) == [1]


def test_nothing_shown_holds_a_secret() -> None:
    class Keys(Credentials, frozen=True):
        secret_key: str = "canary"

    request = json_request(
        "POST", "https://a.example/pay?token=canary", {"a": "canary"}, {"authorization": "canary"}
    )
    answer = Response(500, {"content-type": "canary" * 20}, b"canary")
    seen = (
        f"{Keys()!r} {shown(request)} {Request('GET', 'https://x/', {'a': 'canary'})!r} {answer!r}"
    )
    assert "canary" not in seen
    assert len(unusable(answer).reason) < 90


def test_calls_share_one_deadline() -> None:
    clock = HandClock()
    left = deadline(clock, 10)
    clock.pass_(seconds=4)
    assert left() == 6
    clock.pass_(seconds=40)
    assert left() == 0

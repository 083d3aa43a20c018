"""Amounts, references and keys, for every one that there can be."""

import base64
import string

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.registry import converted
from adapters.providers.gcash_alipayplus import MANIFEST, keys, refunds, signatures, wire
from adapters.providers.gcash_alipayplus import simulated_gate as gate
from adapters.providers.gcash_alipayplus.scene import a_charge, a_config, fixture
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money

AMOUNTS = st.builds(
    Money,
    st.integers(min_value=1, max_value=10**12),
    st.sampled_from(sorted(MANIFEST.profile.currencies)).map(currency),
)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(AMOUNTS)
def test_an_amount_goes_and_comes_as_the_same_minor_units(amount: Money) -> None:
    sent = wire.units(amount)
    assert sent == {"currency": amount.currency.code, "value": str(amount.minor)}
    assert msgspec.convert(sent, wire.Amount).money() == amount


@pytest.mark.parametrize("value", ["", "-1", "1.00", "1e3", "١", " 1", "1 ", "9" * 19, "0x1", "+1"])
def test_what_is_no_amount_is_none(value: str) -> None:
    assert wire.Amount("PHP", value).money() is None
    assert wire.Amount("QQQ", "1").money() is None


@given(st.text(CROCKFORD, min_size=26, max_size=26))
def test_a_refunds_key_has_no_special_character_and_leads_back(ulid: str) -> None:
    key = refunds.key(f"rfd_{ulid}")
    assert set(key) <= set(string.ascii_letters + string.digits)
    assert len(key) <= 64
    assert refunds.refund_of(key) == f"rfd_{ulid}"


def leaves(body: object) -> list[object]:
    if isinstance(body, dict):
        return [leaf for one in body.values() for leaf in leaves(one)]
    return [body]


@given(AMOUNTS, st.text(max_size=400), st.booleans())
def test_every_leaf_is_a_string(amount: Money, description: str, tell: bool) -> None:
    charge = a_charge(amount=amount.major, description=description)
    config = a_config(tell_buyer=tell, settlement_currency="USD")
    body = wire.payment(charge, config)
    assert all(isinstance(one, str) for one in leaves(body))
    assert len(body["order"]["orderDescription"]) <= 256
    assert ("buyer" in body["order"]) is tell


def test_the_request_is_the_published_one() -> None:
    documented = fixture("messages")["pay_request"]
    body = wire.payment(a_charge(), a_config())
    assert {*documented} <= {*body}
    assert body["paymentMethod"] == documented["paymentMethod"]
    assert {*body["order"]} == {*documented["order"]}
    assert body["paymentAmount"] == {"currency": "PHP", "value": "150000"}


def test_the_signed_string_and_both_signatures_are_the_published_ones() -> None:
    vector = fixture("signature_vector_synthetic")
    pem = vector["test_public_key_pem"]
    for side, time in (("request", "request_time"), ("response", "response_time")):
        said, asked = vector[side], vector["request"]
        data = signatures.signed_string(
            asked["path"], asked["client_id"], said[time], said["raw_body"].encode()
        )
        assert data == said["string_to_sign"].encode()
        given_ = said["headers"].get("Signature") or said["headers"]["signature"]
        assert signatures.verifies(pem, given_, data)
        assert not signatures.verifies(pem, given_, data + b" ")
        assert not signatures.verifies(pem, given_.replace("RSA256", "none"), data)
        assert not signatures.verifies(gate.alipay_pem(), given_, data)


@given(st.binary(max_size=200))
def test_what_we_sign_verifies_and_nothing_else(data: bytes) -> None:
    value = signatures.header(gate.merchant_key(), "1", data)
    text = gate.public_pem(gate.merchant_key())
    assert signatures.verifies(text, value, data)
    assert not signatures.verifies(text, value, data + b"x")


def der(key: str) -> str:
    """As a dashboard shows it: one line, without its frame."""
    return "".join(key.strip().splitlines()[1:-1])


def test_keys_may_come_in_pem_or_as_a_dashboard_shows_them() -> None:
    pem, bare = a_config(), a_config(private_key=der(gate.merchant_pem()))
    assert keys.private(bare.private_key).private_numbers() == (
        keys.private(pem.private_key).private_numbers()
    )
    old = gate.merchant_key().private_bytes(
        Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    keys.private(base64.b64encode(old).decode())
    assert keys.public_pem(der(gate.alipay_pem())) == gate.alipay_pem()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("clientId", ""),
        ("clientId", "a b"),
        ("clientId", "a\nb"),
        ("keyVersion", "1,signature=x"),
        ("privateKey", "no key"),
        ("privateKey", gate.alipay_pem()),
        ("alipayPublicKey", "AAAA"),
        ("alipayPublicKey", gate.merchant_pem()),
        ("notifyUrl", "ftp://x"),
        ("colour", "blue"),
    ],
)
def test_a_wrong_configuration_names_its_field_and_shows_no_key(field: str, value: str) -> None:
    right = {
        "clientId": "sim_demo",
        "privateKey": gate.merchant_pem(),
        "alipayPublicKey": gate.alipay_pem(),
    }
    converted(right, MANIFEST.config)
    with pytest.raises(Invalid) as wrong:
        converted({**right, field: value}, MANIFEST.config)
    assert wrong.value.field == field
    assert "PRIVATE" not in str(wrong.value)


def test_a_key_of_another_kind_is_refused() -> None:
    curve = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(ValueError, match="RSA"):
        keys.private(curve.decode())


@pytest.mark.parametrize(
    ("client_id", "api"),
    [
        ("SANDBOX_5Y01", "/ams/sandbox/api/v1"),
        ("5Y01", "/ams/api/v1"),
        ("sandbox_5Y", "/ams/api/v1"),
    ],
)
def test_a_sandbox_client_has_its_own_path(client_id: str, api: str) -> None:
    assert a_config(client_id=client_id).api == api

"""A token is believed for its signature alone, whatever it says of itself."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit import jwt

SECRET = "a shared secret"
CLAIMS = {"id": "zc_1", "amount": 5000}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


@given(st.dictionaries(st.text(), st.integers() | st.text()), st.text(min_size=1))
def test_what_was_signed_is_read_with_that_secret_only(said: dict[str, object], key: str) -> None:
    token = jwt.signed(said, key)
    assert msgspec.json.decode(jwt.claims(token, key) or b"") == msgspec.to_builtins(said)
    assert jwt.claims(token, key + "x") is None


@given(st.data())
def test_no_character_can_be_changed(data: st.DataObject) -> None:
    token = jwt.signed(CLAIMS, SECRET)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="latin-1").filter(lambda one: one != token[place]))
    changed = f"{token[:place]}{other}{token[place + 1 :]}"
    assert jwt.claims(changed, SECRET) in (None, jwt.claims(token, SECRET))


@pytest.mark.parametrize("alg", ["none", "None", "HS512", "RS256", "hs256", ""])
def test_no_other_algorithm_is_a_token(alg: str) -> None:
    _, body, mac = jwt.signed(CLAIMS, SECRET).split(".")
    for signature in (mac, ""):
        assert jwt.claims(f"{part({'alg': alg})}.{body}.{signature}", SECRET) is None


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "x" * 99_999])
def test_nonsense_is_no_token(token: str) -> None:
    assert jwt.claims(token, SECRET) is None


def test_without_a_secret_nothing_is_believed() -> None:
    assert jwt.claims(jwt.signed(CLAIMS, ""), "") is None

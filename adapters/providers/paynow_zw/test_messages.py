"""Paynow's forms and hashes: order, case, blanks, and how little a hash proves."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.http import Undecodable
from adapters.providers.paynow_zw import simulated_books
from adapters.providers.paynow_zw.messages import MOST_BYTES, digest, read, sealed
from adapters.providers.paynow_zw.scene import KEY, fixture, update

VECTORS = fixture("hash_vectors")["vectors"]
BY_MESSAGE = [one for one in VECTORS if "message" in one]
NAMES = st.text("abcdefgh", min_size=1, max_size=8).filter(lambda name: name != "hash")
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["source"])
def test_the_published_vectors_hold(vector: dict[str, object]) -> None:
    told = vector.get("ordered_values")
    values = told or [value for _, value in parse_qsl(str(vector["message"]))]
    assert isinstance(values, list)
    assert digest(values, str(vector["key"])) == vector["hash"]


@pytest.mark.parametrize("vector", BY_MESSAGE, ids=lambda one: one["source"])
@pytest.mark.parametrize("name", ["hash", "Hash", "HASH"])
def test_a_published_message_is_proven_whatever_the_case_of_its_names(
    vector: dict[str, str], name: str
) -> None:
    body = f"{vector['message']}&{name}={vector['hash']}".encode()
    assert read(body).proven(vector["key"])
    assert read(body).proven(vector["key"].upper())
    assert not read(body).proven(KEY.replace("3", "4"))


def test_a_message_is_hashed_in_its_own_order() -> None:
    pairs = update().decode().split("&")
    sorted_ = "&".join(sorted(pairs))
    assert read(update()).proven(KEY)
    assert not read(sorted_.encode()).proven(KEY)


def test_a_plus_is_a_blank_and_a_plus_sign_is_not() -> None:
    assert read(b"status=Awaiting+Delivery&a=1%2B1").status == "awaiting delivery"
    assert read(b"status=Awaiting+Delivery&a=1%2B1").get("a") == "1+1"


@pytest.mark.parametrize("seal", [digest([" a ", "Ok"], KEY), digest(["a", "Ok"], KEY)])
def test_blanks_around_a_value_may_or_may_not_have_been_hashed(seal: str) -> None:
    assert read(f"x=+a+&status=Ok&hash={seal}".encode()).proven(KEY)


def test_a_message_without_a_hash_is_not_proven() -> None:
    assert not read(b"status=Ok").proven(KEY)
    assert not read(b"status=Ok&hash=").proven(KEY)


def test_a_hash_is_of_values_run_together_so_their_borders_and_names_can_be_moved() -> None:
    """Why a status update is only a hint."""
    genuine = update(paynowreference="2056297", amount="15.00")
    moved = genuine.replace(b"=2056297&amount=15.00", b"=205629&amount=715.00")
    assert read(moved).get("amount") == "715.00"
    assert read(moved).proven(KEY)
    assert read(genuine.replace(b"amount=", b"total=")).proven(KEY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"Ok",
        b'{"status":"Ok"}',
        b"amount=1.00",  # no status
        b"status=Ok&Status=Error",
        b"status=%ff",
        b"status=Ok&",
        b"status=Ok" + b"&a=1" * 60,
        b"status=Ok&a=" + b"1" * MOST_BYTES,
    ],
)
def test_what_is_no_message_is_not_read(body: bytes) -> None:
    with pytest.raises(Undecodable):
        read(body)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_what_is_sent_is_proven_at_the_other_side(fields: dict[str, str]) -> None:
    pairs = [*fields.items(), ("id", "1201"), ("status", "Message")]
    body = sealed(pairs, KEY)
    _, asked = simulated_books.asked_of(body)
    assert {name: asked[name] for name, _ in pairs} == {name: text.strip() for name, text in pairs}
    assert read(body).proven(KEY)

"""Amounts, numbers, words and references to pawaPay's wire and back."""

import re
from decimal import Decimal
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.transport import Response
from adapters.providers.pawapay import wire
from adapters.providers.pawapay.scene import a_charge
from adapters.providers.pawapay.simulated_books import PREFIXES, decimal, minor_of, network
from domain.currencies import currency
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Succeeded

IDS = st.from_regex(r"(att|rfd)_[0-9A-HJKMNP-TV-Z]{26}[0-9]{2}", fullmatch=True)
ZMW = currency("ZMW")


@given(st.integers(1, 10**12))
def test_an_amount_is_a_string_without_zeros_at_its_end_and_comes_back_exactly(minor: int) -> None:
    amount = Money(minor, ZMW)
    text = wire.deposit(a_charge(amount=amount.major), "t")["amount"]
    assert minor_of(text) == minor  # as the other side reads it
    assert Decimal(text) == Decimal(amount.major)
    assert re.fullmatch(r"[0-9]+(\.[0-9]?[1-9])?", text)
    told = {"depositId": wire.reference("a"), "status": "COMPLETED", "currency": "ZMW"}
    found = {"status": "FOUND", "data": {**told, "amount": decimal(minor)}}
    said = wire.status(Response(200, {}, msgspec.json.encode(found)), "a")
    assert isinstance(said, Succeeded)
    assert said.amount == amount


@given(st.lists(IDS, min_size=2, max_size=50, unique=True))
def test_references_are_uuids_of_version_4_and_never_the_same(ids: list[str]) -> None:
    references = [wire.reference(one) for one in ids]
    assert len(set(references)) == len(ids)
    for one, again in zip(references, map(wire.reference, ids), strict=True):
        assert one == again
        assert UUID(one).version == 4
        assert UUID(one).variant == "specified in RFC 4122"


@given(st.sampled_from(sorted(wire.NETWORKS)), st.integers(0, 2), st.integers(0, 9_999_999))
def test_each_number_goes_to_its_own_network(name: str, prefix: int, rest: int) -> None:
    phone = f"+260{wire.NETWORKS[name].prefixes[prefix]}{rest:07d}"
    charge = a_charge(customer=Customer(phone=phone))
    assert wire.misdirected(charge) is None
    account = wire.deposit(charge, "t")["payer"]["accountDetails"]
    assert account == {"phoneNumber": phone[1:], "provider": name}
    assert network(account["phoneNumber"]) == name  # as the other side sees it


@given(st.text(max_size=400))
def test_words_are_letters_digits_and_spaces_of_a_length_that_it_takes(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9 ]{4,22}", wire.words(text))


@given(st.lists(IDS, min_size=2, max_size=20, unique=True), st.text(min_size=1, max_size=40))
def test_a_proof_is_of_one_reference_and_one_account(ids: list[str], token: str) -> None:
    assert len({wire.proof(token, one) for one in ids}) == len(ids)
    assert wire.proof(token, ids[0]) != wire.proof(f"{token}x", ids[0])


def test_both_sides_know_the_same_networks() -> None:
    ours = {
        name: tuple(f"{one.code}{prefix}" for prefix in one.prefixes)
        for name, one in wire.NETWORKS.items()
    }
    assert ours == PREFIXES

"""Amounts, numbers, references and words to Paynow's wire and back."""

from typing import Any
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.paynow_zw import wire
from adapters.providers.paynow_zw.config import CURRENCIES
from adapters.providers.paynow_zw.messages import sealed
from adapters.providers.paynow_zw.scene import (
    KEY,
    a_charge,
    a_config,
    a_payer,
    answered,
    update,
)
from adapters.providers.paynow_zw.simulated_books import cents
from domain.currencies import currency
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Succeeded

ATTEMPTS = st.from_regex(r"att_[0-9A-HJKMNP-TV-Z]{26}[0-9]{2}", fullmatch=True)


def fields(charge: Any, method: str | None = None, **config: Any) -> dict[str, str]:
    """What arrives at the other side."""
    body = sealed(wire.request(charge, a_config(**config), method), KEY)
    return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))


@given(st.sampled_from(CURRENCIES), st.integers(1, 10**14))
def test_an_amount_has_two_decimals_and_comes_back_exactly(code: str, minor: int) -> None:
    amount = Money(minor, currency(code))
    sent = fields(a_charge(amount), currency=code)["amount"]
    assert cents(sent) == minor  # as the other side reads it
    assert sent[-3] == "."
    config = a_config(currency=code)
    for text in (sent, f"{minor // 100:,}.{minor % 100:02d}"):
        charge = a_charge(amount)
        said = wire.found(answered(update(amount=text)), charge.attempt_id, config)
        assert isinstance(said, Succeeded)
        assert said.amount == amount


@given(st.sampled_from([(wire.ECOCASH, "ecocash"), (wire.ONEMONEY, "onemoney")]), st.integers(0))
def test_a_number_is_sent_as_it_is_dialled_at_home(network: Any, number: int) -> None:
    known, method = network
    for prefix in known.prefixes:
        rest = known.length - len(prefix)
        national = f"{prefix}{number % 10**rest:0{rest}d}"
        charge = a_charge(customer=a_payer(phone=f"+263{national}"))
        assert wire.wallet(charge, a_config()) == method
        sent = fields(charge, method)
        assert (sent["phone"], sent["method"], sent["authphone"]) == (
            f"0{national}",
            method,
            f"0{national}",
        )
        assert wire.wallet(a_charge(customer=a_payer(phone=f"+263{national}1")), a_config()) is None


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_number_of_another_country_is_not_told(phone: str) -> None:
    sent = fields(a_charge(customer=a_payer(phone=phone)))
    if not phone.startswith("+263") or len(phone) != len("+263771234567"):
        assert "authphone" not in sent
    else:
        assert f"+263{sent['authphone'][1:]}" == phone


@given(ATTEMPTS)
def test_the_attempt_itself_is_reference_and_trace(attempt: str) -> None:
    sent = fields(a_charge(attempt_id=attempt))
    assert (sent["reference"], sent["merchanttrace"]) == (attempt, attempt)
    assert len(sent["merchanttrace"]) <= 32


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_words_make_a_message_that_the_other_side_can_prove(text: str, name: str) -> None:
    charge = a_charge(description=text, customer=Customer(name=name, email="a@example.com"))
    sent = fields(charge)
    assert sent["additionalinfo" if wire.words(text) else "amount"]
    assert len(sent.get("additionalinfo", "")) <= wire.LONGEST

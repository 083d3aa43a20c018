"""Amounts to Stripe's wire and back, for every currency; times and forms."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.stripe import MANIFEST, amounts, wire
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.forms import form
from adapters.providers.stripe.scene import NOON, a_charge
from adapters.providers.stripe.simulated_books import minor_of
from adapters.providers.stripe.simulated_forms import fields
from domain.currencies import CURRENCIES, currency
from domain.money import Money

CODES = sorted(MANIFEST.profile.currencies)
CONFIG = StripeConfig(secret_key="sk_test_1")


@given(st.sampled_from(CODES), st.integers(1, 10**9))
def test_what_is_written_is_what_the_other_side_takes(code: str, number: int) -> None:
    amount = Money(number * amounts.step(code), currency(code))
    units = amounts.written(amount)
    assert units is not None
    assert minor_of(units, code.lower()) == amount.minor  # by the simulator's own table
    assert amounts.read(units, code.lower()) == amount


@given(st.sampled_from(CODES), st.integers(1, 10**9))
def test_what_is_off_the_step_is_not_sent(code: str, minor: int) -> None:
    amount = Money(minor, currency(code))
    off = MANIFEST.profile.off_step(amount) is not None
    assert (amounts.written(amount) is None) == off


@pytest.mark.parametrize(
    ("minor", "code", "units"),
    [
        (1000, "USD", 1000),
        (500, "JPY", 500),
        (5, "ISK", 500),  # no decimals in the standard, two here
        (500_00, "MGA", 500),  # the other way round
        (5120, "KWD", 5120),
        (175_00, "HUF", 17500),
        (1000_00, "UZS", 100_000),
    ],
)
def test_documented_amounts(minor: int, code: str, units: int) -> None:
    assert amounts.written(Money(minor, currency(code))) == units


@pytest.mark.parametrize(
    ("minor", "code"), [(5124, "KWD"), (5, "UGX"), (1, "MGA"), (0, "USD"), (-1, "USD"), (1, "CLF")]
)
def test_what_stripe_does_not_take_is_not_written(minor: int, code: str) -> None:
    assert amounts.written(Money(minor, currency(code))) is None


@pytest.mark.parametrize(
    ("units", "code"),
    [(None, "usd"), (1, None), (-1, "usd"), (1, "isk"), (1, "qqq"), (9**99, "usd")],
)
def test_what_is_no_amount_is_not_read_as_one(units: int | None, code: str | None) -> None:
    assert amounts.read(units, code) is None


def test_every_currency_is_of_the_standard() -> None:
    assert set(CODES) <= set(CURRENCIES)
    assert len(CODES) == sum(len(one.split()) for one in (amounts.ZERO, amounts.TWO, amounts.THREE))


@given(st.integers(0, 3 * 86_400))
def test_a_page_closes_when_the_payment_does_within_what_stripe_permits(seconds: int) -> None:
    at = wire.closes_at(a_charge(expires_at=NOON + timedelta(seconds=seconds)))
    assert NOON + wire.SHORTEST <= at <= NOON + wire.LONGEST
    if wire.SHORTEST.total_seconds() <= seconds <= wire.LONGEST.total_seconds():
        assert at == NOON + timedelta(seconds=seconds)


@given(st.text(max_size=300), st.text(max_size=600))
def test_words_arrive_as_they_are_and_never_too_long(description: str, reference: str) -> None:
    try:
        (description + reference).encode()
    except UnicodeEncodeError:
        return
    charge = a_charge(description=description, reference=reference)
    said = fields(form(wire.page(charge, 2500, CONFIG)).decode())
    name = said["line_items"]["0"]["price_data"]["product_data"]["name"]
    assert 0 < len(name) <= 250
    assert name == (description.strip() or reference.strip() or "Payment")[:250]
    assert said["metadata"].get("reference", "") == reference[:500]


def test_a_form_nests_in_brackets_and_leaves_out_what_is_none() -> None:
    raw = form({"a": 1, "b": {"c": True, "d": None}, "e": [{"f": "x&y"}, "z"]}).decode()
    assert parse_qsl(raw) == [("a", "1"), ("b[c]", "true"), ("e[0][f]", "x&y"), ("e[1]", "z")]


@pytest.mark.parametrize("email", ["", "ana", "ana@", "ana@host", "a b@x.example", "a@x.example\n"])
def test_an_e_mail_that_stripe_would_refuse_is_left_out(email: str) -> None:
    customer = a_charge().customer
    charge = a_charge(customer=type(customer)(id="c1", email=email, phone="+12025551111"))
    said = form(wire.page(charge, 2500, CONFIG)).decode()
    assert "customer_email" not in said
    assert "5551111" not in said  # nor does Stripe learn the phone

"""Every amount of every currency that is declared, and every attempt: there and back."""

import re
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.transport import Response
from adapters.providers.paynow_gg import MANIFEST, wire
from adapters.providers.paynow_gg.config import CODES
from adapters.providers.paynow_gg.resources import Order
from adapters.providers.paynow_gg.scene import Scene, a_charge, a_config, a_lookup
from domain.currencies import currency
from domain.ids import PaymentId, attempt_id
from domain.money import Money
from domain.payments.outcome import Declined, Succeeded, Unknown
from domain.ports.providers import Prepared

codes = st.sampled_from(CODES)
minors = st.integers(1, wire.MOST_UNITS)
ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
payments = st.text(ULID, min_size=26, max_size=26).map(lambda text: PaymentId(f"pay_{text}"))


def order(total: int, tax: int = 0, code: str = "usd", gift: int = 0) -> Order:
    return Order(
        id="1",
        status="completed",
        currency=code,
        total_amount=total,
        tax_amount=tax,
        giftcard_usage_amount=gift,
    )


@given(code=codes, minor=minors)
def test_what_is_asked_for_is_what_an_order_of_it_says(code: str, minor: int) -> None:
    config = a_config(currency=code)
    assert wire.untaken(Money(minor, currency(code)), config) is None
    body = wire.checkout(a_charge(minor=minor, code=code), "1", config)
    (line,) = body["lines"]
    price = line["inline_product"]["price"] * line["quantity"]
    said = wire.outcome(order(price, code=code.lower()), config)
    assert isinstance(said, Succeeded)
    assert said.amount == Money(minor, currency(code))


@given(price=st.integers(1, 5000), pieces=st.integers(1, 400_000))
def test_a_product_is_sold_as_often_as_the_amount_needs(price: int, pieces: int) -> None:
    config = a_config(productId="77", productPrice=price)
    amount = Money(price * pieces, currency("USD"))
    assert wire.untaken(amount, config) is None
    (line,) = wire.checkout(a_charge(minor=amount.minor), "1", config)["lines"]
    assert (line["product_id"], line["quantity"]) == ("77", pieces)
    if price > 1:
        off = wire.untaken(Money(amount.minor + 1, currency("USD")), config)
        assert isinstance(off, Declined)


@given(minor=minors, tax=st.integers(0, 10**6))
def test_tax_on_top_is_not_ours_and_tax_within_is(minor: int, tax: int) -> None:
    for config, total in ((a_config(taxOnTop=True), minor + tax), (a_config(), minor)):
        said = wire.outcome(order(total, tax), config)
        assert isinstance(said, Succeeded)
        assert said.amount == Money(minor, currency("USD"))


@given(total=st.integers(-10, 10**6), gift=st.integers(-10, 10**6), tax=st.integers(-10, 10**6))
def test_no_amount_is_made_up(total: int, gift: int, tax: int) -> None:
    said = wire.outcome(order(total, tax, gift=gift), a_config())
    if min(gift, tax, total - gift) < 0:
        assert isinstance(said, Unknown)
    else:
        assert isinstance(said, Succeeded)
        assert said.amount.minor == total - gift, "what a gift card paid is no money"


@given(first=payments, second=payments)
def test_a_products_name_in_addresses_is_the_attempts_alone(
    first: PaymentId, second: PaymentId
) -> None:
    slugs = {
        wire.slug(replace(a_charge(), attempt_id=attempt_id(one, number)))
        for one in (first, second)
        for number in (1, 2)
    }
    assert len(slugs) == 2 * len({first, second})
    assert all(re.fullmatch(r"att-[0-9a-z]{28}", one) for one in slugs)


@given(minor=minors)
def test_another_currency_is_never_charged(minor: int) -> None:
    said = wire.untaken(Money(minor, currency("EUR")), a_config(currency="USD"))
    assert isinstance(said, Declined)
    assert said.elsewhere


@pytest.mark.anyio
@pytest.mark.parametrize("code", CODES)
async def test_the_company_charges_what_was_asked_for(code: str) -> None:
    """Echo: parsed from the wire by the simulator alone."""
    scene = Scene(currency=code)
    scene.paynow.company.currency = code.lower()
    charge = await scene.pay(a_charge(minor=123_457, code=code))
    (booked,) = scene.paynow.books()
    assert (booked.amount_minor, booked.currency) == (123_457, code)
    assert booked.reference == charge.attempt_id
    said = await scene.client.find(a_lookup(charge), timeout_s=5)
    assert isinstance(said, Succeeded)
    assert said.amount == charge.amount


@pytest.mark.anyio
async def test_ids_are_strings_of_digits_and_nothing_else() -> None:
    scene = Scene()
    charge = await scene.pay(a_charge())
    flake = scene.sale().order_id
    assert int(flake) > 2**53, "a float would have rounded it"
    assert f'"{flake}"'.encode() in msgspec.json.encode(scene.sale().order())
    for wrong in (int(flake), float(flake), f"{flake}\n", "", "x"):
        body = msgspec.json.encode({"id": wrong})
        said = wire.prepared(Response(200, {}, body))
        assert not isinstance(said, Prepared)
    assert wire.customer_in(charge.provider_reference) is not None


def test_every_declared_currency_counts_cents() -> None:
    assert MANIFEST.profile.currencies == frozenset(CODES)
    assert {currency(code).exponent for code in CODES} == {2}

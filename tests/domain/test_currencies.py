"""The currency table against an independent copy of ISO 4217."""

import pytest
from iso4217 import Currency as Listed

from domain.currencies import CURRENCIES, currency
from domain.errors import Invalid

# The standard gives these no number of decimals: nothing can be counted in them.
UNCOUNTABLE = {
    *("XAG", "XAU", "XPD", "XPT"),  # metals
    *("XBA", "XBB", "XBC", "XBD"),  # European bond units
    *("XDR", "XSU", "XUA"),  # units of account
    *("XTS", "X" * 3),  # tests, and no currency
}


def test_every_currency_with_decimals_is_known_with_the_same_number_of_them() -> None:
    listed = {one.code: one.exponent for one in Listed}
    assert {code: one.exponent for code, one in CURRENCIES.items()} == {
        code: exponent for code, exponent in listed.items() if code not in UNCOUNTABLE
    }
    assert {code for code, exponent in listed.items() if exponent is None} == UNCOUNTABLE


@pytest.mark.parametrize("code", ["", "php", "PH", "PHPP", "X" * 3, "XAU", "ZZZ", " PHP", "ＰＨＰ"])
def test_other_words_are_refused_naming_the_field(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        currency(code)
    assert refused.value.field == "currency"


def test_a_currency_knows_its_own_code() -> None:
    assert all(one.code == code for code, one in CURRENCIES.items())

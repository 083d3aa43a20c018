"""Which addresses are public, against Python's own tables as a second opinion."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.webhooks.networks import address, is_public

FOURS = st.integers(0, 2**32 - 1).map(IPv4Address)
SIXES = st.one_of(
    st.integers(0, 2**128 - 1).map(IPv6Address),
    st.integers(0, 2**125 - 1).map(lambda low: IPv6Address((1 << 125) + low)),  # 2000::/3
)


@given(one=st.one_of(FOURS, SIXES))
def test_nothing_is_public_that_python_knows_to_be_special(one: IPv4Address | IPv6Address) -> None:
    if is_public(one):
        assert one.is_global
        assert not one.is_multicast


@given(inside=FOURS)
def test_no_form_that_carries_another_address_is_public(inside: IPv4Address) -> None:
    low = int(inside)
    for high in ("::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"):
        assert not is_public(IPv6Address(int(IPv6Address(high)) + low))
    assert not is_public(IPv6Address((0x2002 << 112) + (low << 80)))  # 6to4
    assert not is_public(IPv6Address((0x20010000 << 96) + (low ^ 0xFFFFFFFF)))  # Teredo


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00::1"])
def test_an_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", ["127.1", "0177.0.0.1", "2130706433", "0x7f.0.0.1", "a", ""])
def test_only_the_full_form_is_an_address(text: str) -> None:
    assert address(text) is None

"""A tenant's limits, its accounts, its keys."""

from dataclasses import replace

import pytest

from domain.money import Money
from domain.tenants.tenant import Limit, Setup
from tests.builders import JPY, NOW, USD, a_tenant, an_account, an_api_key, later, php


def test_a_payment_is_a_hundred_thousand_pesos_at_most_by_default() -> None:
    """S1.11"""
    tenant = a_tenant()
    assert tenant.limit_for(php("100000.00"), "maya") is None
    assert tenant.limit_for(php("100000.01"), "maya") == php("100000.00")


def test_a_limit_is_of_its_currency() -> None:
    assert a_tenant().limit_for(Money(10**12, USD), "maya") is None


def test_a_methods_own_limit_replaces_the_general_one() -> None:
    limits = (Limit(php("100.00")), Limit(php("500.00"), "maya"), Limit(Money(5, JPY), "gcash"))
    tenant = a_tenant(limits=limits)
    assert tenant.limit_for(php("500.00"), "maya") is None
    assert tenant.limit_for(php("500.01"), "maya") == php("500.00")
    assert tenant.limit_for(php("100.01"), "gcash") == php("100.00")


def test_an_active_account_comes_before_one_that_is_switched_off() -> None:
    off, on = an_account(active=False), an_account()
    assert Setup(a_tenant(), (off, on)).at("maya") == (on, off)
    assert Setup(a_tenant(), (on,)).at("gcash") == ()


@pytest.mark.parametrize(
    ("second", "is_live"), [(0, True), (59.999999, True), (60, False), (61, False)]
)
def test_a_key_opens_until_it_expires(second: float, is_live: bool) -> None:
    assert an_api_key(expires_at=later(60)).is_live(later(second)) is is_live


def test_a_revoked_key_opens_nothing() -> None:
    key = an_api_key()
    assert key.is_live(NOW)
    assert not replace(key, revoked_at=NOW).is_live(NOW)

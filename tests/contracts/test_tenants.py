"""The contract of Tenants: who there is, their accounts and keys."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import DuplicateKey, NotFound, StaleVersion
from domain.fees.schedule import FeeSchedule
from domain.ids import AccountId, KeyId, TenantId
from domain.money import Money
from domain.tenants.api_key import EVERY_SCOPE, Scope
from domain.tenants.market import Market
from domain.tenants.tenant import Limit, Policy, Strategy
from tests.builders import (
    ACME,
    JPY,
    OTHER,
    PHP,
    a_payment,
    a_tenant,
    an_account,
    an_api_key,
    later,
    payment_id,
    php,
)
from tests.storages import Storage

pytestmark = pytest.mark.anyio

SECOND = 1.0  # how old an answer may be
NEW = TenantId("ten_new")
RICH = a_tenant(
    NEW,
    name="Łódź “Tickets” 🎟",
    created_at=later(0.000001),
    policy=Policy(Strategy.SPLIT, ("gcash", "maya"), {"maya": 0, "gcash": 100}, 7),
    limits=(Limit(php("100000.00")), Limit(Money(10**15, JPY), "maya")),
)
FEES = (
    FeeSchedule(currency=PHP, rate_bps=250, fixed_minor=1500),
    FeeSchedule(
        currency=JPY,
        rate_bps=1,
        fixed_minor=2,
        floor_minor=3,
        cap_minor=4,
        valid_from=later(0.5),
        valid_until=later(9),
    ),
)


async def test_a_tenant_is_read_back_with_every_field(storage: Storage) -> None:
    await storage.tenants.add(RICH)
    setup = await storage.tenants.setup(NEW)
    assert (setup.tenant, setup.accounts) == (RICH, ())


async def test_a_tenant_that_is_not_there_is_not_found(storage: Storage) -> None:
    for ask in (storage.tenants.setup(NEW), storage.tenants.save(RICH)):
        with pytest.raises(NotFound):
            await ask


async def test_a_tenant_just_added_is_there_although_it_was_just_missing(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await storage.tenants.setup(NEW)
    await storage.tenants.add(RICH)
    assert (await storage.tenants.setup(NEW)).tenant == RICH


async def test_a_tenant_is_added_once(storage: Storage) -> None:
    with pytest.raises(DuplicateKey):
        await storage.tenants.add(a_tenant(ACME, name="Impostor"))
    assert (await storage.tenants.setup(ACME)).tenant.name == "Acme Tickets"


async def test_saving_replaces_policy_limits_and_name_and_no_more(storage: Storage) -> None:
    await storage.tenants.save(replace(RICH, id=ACME))
    expected = replace(RICH, id=ACME, created_at=a_tenant().created_at)
    assert (await storage.tenants.setup(ACME)).tenant == expected


async def test_tenants_are_listed_newest_first(storage: Storage) -> None:
    for second, name in ((3, "ten_c"), (1, "ten_a"), (2, "ten_b")):
        await storage.tenants.add(a_tenant(TenantId(name), created_at=later(second)))
    newest = [tenant.id for tenant in await storage.tenants.all(3)]
    assert newest == ["ten_c", "ten_b", "ten_a"]
    assert {tenant.id for tenant in await storage.tenants.all(100)} == {*newest, ACME, OTHER}


async def test_an_account_is_read_back_with_every_field(storage: Storage) -> None:
    account = an_account(
        sealed=bytes(range(256)),
        created_at=later(0.000001),
        fees=FEES,
        active=False,
        market=Market("ZM", "ZMW"),
    )
    nowhere = an_account("mtn_momo", market=Market(None, "EUR"))
    for one in (account, nowhere):
        await storage.tenants.add_account(one)
        assert await storage.tenants.account(one.id) == one


async def test_a_setup_has_the_tenants_accounts_and_no_others(storage: Storage) -> None:
    mine = [an_account("maya"), an_account("gcash", active=False)]
    for account in (*mine, an_account("stripe", OTHER)):
        await storage.tenants.add_account(account)
    accounts = (await storage.tenants.setup(ACME)).accounts
    assert sorted(accounts, key=lambda one: one.id) == sorted(mine, key=lambda one: one.id)


async def test_active_accounts_at_a_provider_are_found_across_tenants(storage: Storage) -> None:
    oldest = an_account("maya", OTHER, fees=FEES)
    same_age = [
        an_account("maya", tenant, id=AccountId(f"acc_{name}"), created_at=later(1))
        for name, tenant in (("a", ACME), ("b", OTHER))
    ]
    for account in (
        *reversed(same_age),
        oldest,
        an_account("maya", id=AccountId("acc_off"), active=False),
        an_account("gcash"),
    ):
        await storage.tenants.add_account(account)
    assert list(await storage.tenants.accounts_at("maya", 10)) == [oldest, *same_age]
    assert list(await storage.tenants.accounts_at("maya", 2)) == [oldest, same_age[0]]
    assert list(await storage.tenants.accounts_at("nobody", 10)) == []


async def test_an_account_switched_off_or_on_again_is_found_so(storage: Storage) -> None:
    account = an_account()
    await storage.tenants.add_account(account)
    await storage.tenants.save_account(replace(account, active=False))
    assert list(await storage.tenants.accounts_at("maya", 10)) == []
    await storage.tenants.save_account(replace(account, active=True, version=1))
    assert list(await storage.tenants.accounts_at("maya", 10)) == [replace(account, version=2)]


async def test_an_account_is_added_once(storage: Storage) -> None:
    await storage.tenants.add_account(an_account())
    with pytest.raises(DuplicateKey):
        await storage.tenants.add_account(an_account(sealed=b"other"))


async def test_an_account_that_is_not_there_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await storage.tenants.account(AccountId("acc_404"))


async def test_an_account_is_changed(storage: Storage) -> None:
    account = an_account()
    await storage.tenants.add_account(account)
    wanted = replace(
        account, active=False, fees=FEES, sealed=b"\x00", deadlines={"charge": 7, "query": 3}
    )
    await storage.tenants.save_account(wanted)
    changed = await storage.tenants.account(account.id)
    assert changed == replace(wanted, version=1)
    assert (await storage.tenants.setup(ACME)).accounts == (changed,)


async def test_the_second_writer_of_one_version_loses(storage: Storage) -> None:
    account = an_account()
    await storage.tenants.add_account(account)
    await storage.tenants.save_account(replace(account, active=False))
    with pytest.raises(StaleVersion):
        await storage.tenants.save_account(replace(account, sealed=b"late"))
    with pytest.raises(StaleVersion):
        await storage.tenants.save_account(replace(account, id=AccountId("acc_404")))


async def test_a_tenant_cannot_change_anothers_account(storage: Storage) -> None:
    await storage.tenants.add_account(an_account())
    with pytest.raises(StaleVersion):
        await storage.tenants.save_account(replace(an_account(), tenant_id=OTHER, sealed=b"x"))
    storage.clock.advance(SECOND)
    assert await storage.tenants.account(an_account().id) == an_account()


@pytest.mark.parametrize("scopes", [EVERY_SCOPE, frozenset(), frozenset({Scope.PAYMENTS_READ})])
async def test_a_key_is_read_back_with_every_field(
    storage: Storage, scopes: frozenset[Scope]
) -> None:
    key = an_api_key(
        name="Kasse 1 – ü",
        digest=bytes(range(32)),
        scopes=scopes,
        created_at=later(0.000001),
        rate_per_minute=100_000,
        expires_at=later(3600),
    )
    await storage.tenants.add_key(key)
    assert await storage.tenants.key(key.id) == key
    assert list(await storage.tenants.keys(ACME)) == [key]


async def test_a_key_that_is_not_there_is_none(storage: Storage) -> None:
    assert await storage.tenants.key(KeyId("key_404")) is None


async def test_a_key_just_added_is_there_although_it_was_just_missing(storage: Storage) -> None:
    assert await storage.tenants.key(an_api_key().id) is None
    await storage.tenants.add_key(an_api_key())
    assert await storage.tenants.key(an_api_key().id) == an_api_key()


async def test_a_key_is_added_once(storage: Storage) -> None:
    await storage.tenants.add_key(an_api_key())
    with pytest.raises(DuplicateKey):
        await storage.tenants.add_key(an_api_key(name="impostor"))


async def test_a_revoked_key_is_known_as_revoked_within_a_second(storage: Storage) -> None:
    await storage.tenants.add_key(an_api_key())
    assert await storage.tenants.key(an_api_key().id) == an_api_key()
    await storage.tenants.revoke_key(an_api_key().id, later(5))
    storage.clock.advance(SECOND)
    key = await storage.tenants.key(an_api_key().id)
    assert key == an_api_key(revoked_at=later(5))
    assert key is not None
    assert not key.is_live(later(5))


async def test_a_key_is_revoked_once(storage: Storage) -> None:
    """The first moment stands: that is when it stopped to open anything."""
    await storage.tenants.add_key(an_api_key())
    await storage.tenants.revoke_key(an_api_key().id, later(5))
    await storage.tenants.revoke_key(an_api_key().id, later(9))
    storage.clock.advance(SECOND)
    assert await storage.tenants.key(an_api_key().id) == an_api_key(revoked_at=later(5))


async def test_a_key_that_is_not_there_cannot_be_revoked(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await storage.tenants.revoke_key(KeyId("key_404"), later(5))


async def test_a_tenants_keys_are_its_own_and_the_revoked_too(storage: Storage) -> None:
    for key in (an_api_key(1), an_api_key(2), an_api_key(3, OTHER)):
        await storage.tenants.add_key(key)
    await storage.tenants.revoke_key(an_api_key(2).id, later(5))
    mine = {key.id: key for key in await storage.tenants.keys(ACME)}
    assert mine == {
        an_api_key(1).id: an_api_key(1),
        an_api_key(2).id: an_api_key(2, revoked_at=later(5)),
    }


async def test_whose_payment_it_is_can_be_asked(storage: Storage) -> None:
    for payment in (a_payment(1), a_payment(2, tenant_id=OTHER)):
        async with storage.units(payment.tenant_id) as unit:
            unit.payments.add(payment)
            await unit.commit()
    owners = [storage.tenants.tenant_of(payment_id(number)) for number in (1, 2, 3)]
    assert await asyncio.gather(*owners) == [ACME, OTHER, None]

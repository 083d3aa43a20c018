"""The contract of Wallets, Rewards and Spends: a balance moves with its journal, once."""

import asyncio
from dataclasses import replace

import pytest

from domain.currencies import POINTS
from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import PaymentId, SpendId, TenantId
from domain.money import Money
from domain.tenants.reward_rule import RewardRule
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet
from tests.builders import ACME, KWD, OTHER, PHP, USD, a_paid_payment, later
from tests.storages import Storage
from tests.wallets.builders import a_reward, a_spend, a_wallet, points

pytestmark = pytest.mark.anyio


async def rewarded(storage: Storage, minor: int = 150) -> tuple[Wallet, Reward]:
    """A paid payment, its reward, and the wallet that holds it."""
    payment = a_paid_payment()
    reward = a_reward(payment)
    async with storage.units(ACME) as unit:
        unit.payments.add(payment)
        unit.rewards.add(reward)
        await unit.commit()
    async with storage.units(ACME) as unit:
        wallet = unit.wallets.add(a_wallet().reward(reward, points(minor), later(1)))
        unit.rewards.save(reward.granted(points(minor)))
        await unit.commit()
    found = await the_reward(storage)
    assert found is not None
    return wallet, found


async def the_wallet(storage: Storage, tenant_id: TenantId = ACME) -> Wallet | None:
    async with storage.units(tenant_id) as unit:
        return await unit.wallets.of("cus_42", POINTS)


async def the_reward(storage: Storage, tenant_id: TenantId = ACME) -> Reward | None:
    async with storage.units(tenant_id) as unit:
        return await unit.rewards.of(a_paid_payment().id)


async def spent(storage: Storage, spend: Spend) -> Spend:
    async with storage.units(ACME) as unit:
        unit.spends.add(spend)
        await unit.commit()
    return spend


async def postings(storage: Storage) -> list[str]:
    page = await storage.ledger.entries(ACME, a_wallet().account, None, 50)
    return [one.journal_id for one in page.entries]


async def test_a_wallet_is_read_back_with_every_field(storage: Storage) -> None:
    wallet, _ = await rewarded(storage)
    assert await the_wallet(storage) == wallet
    assert wallet == a_wallet(150, updated_at=later(1))
    assert list(await storage.wallets.wallets(ACME, "cus_42")) == [wallet]


async def test_there_is_no_wallet_before_the_first_credit(storage: Storage) -> None:
    assert await the_wallet(storage) is None
    assert list(await storage.wallets.wallets(ACME, "cus_42")) == []


async def test_a_reward_is_read_back_with_every_field(storage: Storage) -> None:
    payment = a_paid_payment()
    rule = RewardRule(Money(101, PHP), Money(7, KWD))
    reward = a_reward(payment, rule=rule, created_at=later(3.5), customer_id="cüs 💸")
    async with storage.units(ACME) as unit:
        unit.payments.add(payment)
        unit.rewards.add(reward)
        await unit.commit()
    assert await the_reward(storage) == reward
    async with storage.units(ACME) as unit:
        unit.rewards.save(reward.granted(Money(14, KWD)))
        await unit.commit()
    assert await the_reward(storage) == replace(reward, granted_minor=14, version=1)


async def test_a_spend_is_read_back_with_every_field(storage: Storage) -> None:
    spend = await spent(storage, a_spend(7, amount=Money(7, USD), reason="“été”", reference="r"))
    async with storage.units(ACME) as unit:
        assert await unit.spends.get(spend.id) == spend
        unit.spends.save(spend.reverse(Money(3, USD), later(9)))
        await unit.commit()
    async with storage.units(ACME) as unit:
        found = await unit.spends.get(spend.id)
    assert found == replace(spend, reversed_minor=3, reversed_at=later(9), version=1)


async def test_wallets_are_listed_by_unit(storage: Storage) -> None:
    await rewarded(storage)
    others = [
        replace(a_wallet(number=2), unit=USD),
        replace(a_wallet(number=3), unit=KWD),
        replace(a_wallet(number=4), customer_id="cus_4"),
    ]
    async with storage.units(ACME) as unit:
        for one in others:
            unit.wallets.add(one)
        await unit.commit()
    found = await storage.wallets.wallets(ACME, "cus_42")
    assert [one.unit.code for one in found] == ["KWD", "PTS", "USD"]


async def test_another_tenant_sees_none_of_it(storage: Storage) -> None:
    await rewarded(storage)
    spend = await spent(storage, a_spend())
    assert await the_wallet(storage, OTHER) is None
    assert await the_reward(storage, OTHER) is None
    assert list(await storage.wallets.wallets(OTHER, "cus_42")) == []
    async with storage.units(OTHER) as unit:
        with pytest.raises(NotFound):
            await unit.spends.get(spend.id)


async def test_another_tenants_wallet_is_not_stored(storage: Storage) -> None:
    async with storage.units(OTHER) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            unit.wallets.add(a_wallet())


async def test_a_customer_has_one_wallet_in_a_unit(storage: Storage) -> None:
    await rewarded(storage)
    async with storage.units(ACME) as unit:
        unit.wallets.add(a_wallet(number=2))
        with pytest.raises(DuplicateKey):
            await unit.commit()


async def test_the_balance_and_its_journal_are_stored_together(storage: Storage) -> None:
    wallet, reward = await rewarded(storage)
    assert await postings(storage) == [f"jrn_{1:026d}W0000"]
    async with storage.units(ACME) as unit:
        unit.wallets.save(wallet.reward(reward, points(-50), later(2)))
        unit.rewards.save(reward.granted(points(-50)))
        await unit.commit()
    assert await postings(storage) == [f"jrn_{1:026d}W0001", f"jrn_{1:026d}W0000"]
    found = await the_wallet(storage)
    assert found is not None
    assert (found.balance_minor, found.version) == (100, 1)


async def test_a_stale_wallet_moves_nothing(storage: Storage) -> None:
    wallet, reward = await rewarded(storage)
    async with storage.units(ACME) as unit:
        unit.wallets.save(wallet.spend(a_spend(10)))
        await unit.commit()
    async with storage.units(ACME) as unit:
        unit.wallets.save(wallet.reward(reward, points(50), later(2)))
        unit.rewards.save(reward.granted(points(50)))
        with pytest.raises(StaleVersion):
            await unit.commit()
    found = await the_wallet(storage)
    assert found is not None
    assert found.balance_minor == 140
    assert await the_reward(storage) == reward


async def test_a_journal_that_was_posted_before_moves_nothing(storage: Storage) -> None:
    """The second line of defence: the version fits, and yet the same move is refused."""
    wallet, reward = await rewarded(storage)
    same = replace(reward, version=0)  # it would get the first journal's id
    async with storage.units(ACME) as unit:
        unit.wallets.save(wallet.reward(same, points(150), later(2)))
        with pytest.raises(DuplicateKey):
            await unit.commit()
    assert await the_wallet(storage) == wallet


async def test_a_stale_reward_moves_nothing(storage: Storage) -> None:
    wallet, reward = await rewarded(storage)
    async with storage.units(ACME) as unit:
        unit.rewards.save(replace(reward, version=0).granted(points(1)))
        unit.wallets.save(wallet.reward(reward, points(1), later(2)))
        with pytest.raises(StaleVersion):
            await unit.commit()
    assert await the_wallet(storage) == wallet


async def test_a_payment_has_one_reward(storage: Storage) -> None:
    _, reward = await rewarded(storage)
    async with storage.units(ACME) as unit:
        unit.rewards.add(a_reward())
        with pytest.raises(DuplicateKey):
            await unit.commit()
    assert await the_reward(storage) == reward


async def test_a_spend_is_stored_and_reversed_once(storage: Storage) -> None:
    spend = await spent(storage, a_spend())
    async with storage.units(ACME) as unit:
        unit.spends.add(spend)
        with pytest.raises(DuplicateKey):
            await unit.commit()
    for refused in (False, True):
        async with storage.units(ACME) as unit:
            unit.spends.save(spend.reverse(None, later(1)))
            if refused:
                with pytest.raises(StaleVersion):
                    await unit.commit()
            else:
                await unit.commit()


async def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        assert await unit.rewards.of(PaymentId("pay_nobody")) is None
        with pytest.raises(NotFound):
            await unit.spends.get(SpendId("spd_nobody"))


async def test_of_twenty_moves_of_one_version_one_is_stored(storage: Storage) -> None:
    wallet, _ = await rewarded(storage)

    async def spend(number: int) -> bool:
        async with storage.units(ACME) as unit:
            unit.wallets.save(wallet.spend(a_spend(1, number)))
            unit.spends.add(a_spend(1, number))
            try:
                await unit.commit()
            except Conflict:
                return False
        return True

    assert sum(await asyncio.gather(*(spend(one) for one in range(20)))) == 1
    found = await the_wallet(storage)
    assert found is not None
    assert found.balance_minor == 149
    assert len(await postings(storage)) == 2

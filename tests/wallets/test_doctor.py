"""The doctor adds wallets up again, and asks what each payment has granted."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace

import pytest

from adapters.memory.audit import MemoryAudit
from adapters.sql.audit import SqlAudit
from adapters.sql.database import running_database
from domain.audit.dossier import Check
from domain.audit.laws import breaches
from domain.payments.intent import Customer
from domain.ports.audit import Audit, Stray
from tests.builders import ACME, StillClock
from tests.storages import Storage
from tests.wallets.till import Till, a_till

pytestmark = pytest.mark.anyio


@pytest.fixture
async def till(storage: Storage) -> Till:
    return await a_till(storage)


@pytest.fixture
async def audit(storage_url: str | None, till: Till) -> AsyncIterator[Audit]:
    if storage_url is None:
        yield MemoryAudit(till.world.database)
        return
    async with running_database(storage_url, StillClock()) as database:
        yield SqlAudit(lambda: database.engine, database.url, database.path is None)


async def found(audit: Audit) -> list[tuple[Check, str, str]]:
    """By the laws of each payment."""
    return [
        (one.check, one.row, one.told)
        for dossier in await audit.dossiers(ACME, None, 100)
        for one in breaches(dossier)
    ]


async def test_what_use_cases_store_is_clean(till: Till, audit: Audit) -> None:
    payment = await till.pay("150.00")
    await till.pay("20.00", "k2")
    await till.spend(10)
    await till.world.give_back(payment, "55.00")
    await till.world.work(5)
    assert await found(audit) == []
    assert await audit.strays(ACME, 10) == []


async def test_a_reward_that_a_job_is_about_to_grant_is_no_breach(till: Till, audit: Audit) -> None:
    payment = await till.world.pay(customer=Customer(id="cus_42"), method="maya")
    till.world.companies.maya.pay(payment.attempts[0].id)
    await till.world.get(ACME, payment.id, refresh=True)
    (dossier,) = await audit.dossiers(ACME, None, 10)
    assert dossier.reward is not None
    assert dossier.rewarding
    assert breaches(dossier) == []


async def test_a_reward_that_nobody_grants_is_a_breach(till: Till, audit: Audit) -> None:
    payment = await till.pay("150.00")
    (dossier,) = await audit.dossiers(ACME, None, 10)
    assert dossier.reward is not None
    assert not dossier.rewarding
    lost = replace(dossier, reward=replace(dossier.reward, granted_minor=9))
    assert [(one.check, one.row) for one in breaches(lost)] == [(Check.WALLETS, payment.id)]
    assert "6 PTS are due" in breaches(lost)[0].told


async def test_a_balance_that_is_not_the_sum_of_its_entries_is_found(
    till: Till, audit: Audit, storage_url: str | None
) -> None:
    await till.pay("150.00")
    wallet = await till.wallet()
    assert wallet is not None
    if storage_url is None:
        shelf = till.world.database.shelf(ACME)
        shelf.wallets["cus_42", "PTS"] = replace(wallet, balance_minor=16)
    elif storage_url.startswith("sqlite"):
        path = storage_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE wallets SET balance_minor = 16")
    else:
        async with till.world.units(ACME) as unit:  # a bug: a move without a posting
            unit.wallets.save(replace(wallet, balance_minor=16))
            await unit.commit()
    told = "holds 16, its entries add up to 15"
    assert await audit.strays(ACME, 10) == [Stray(Check.WALLETS, wallet.id, told)]

"""A payment that is shown again is read anew when it moved, and only then."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.sql.database import Database
from adapters.sql.lately import MOST, Lately
from adapters.sql.payments import NOT_SEEN, SHOW
from domain.errors import NotFound
from domain.ids import TenantId
from domain.payments.payment import Payment
from domain.ports.unit_of_work import Units
from tests.builders import ACME, OTHER, a_payment, current, payment_id, said, succeeded

pytestmark = pytest.mark.anyio


async def shown(units: Units, tenant_id: TenantId = ACME, number: int = 1) -> Payment:
    async with units(tenant_id) as unit:
        return await unit.payments.show(payment_id(number))


async def stored(database: Database, payment: Payment) -> Payment:
    async with database.units(ACME) as unit:
        kept = unit.payments.add(payment)
        await unit.commit()
    return kept


async def paid(units: Units, payment: Payment) -> None:
    async with units(ACME) as unit:
        attempt = current(payment)
        unit.payments.save(payment.hear(attempt.id, said(succeeded(attempt.charged))))
        await unit.commit()


async def test_the_same_value_is_shown_until_it_moves(database: Database) -> None:
    payment = await stored(database, a_payment())
    first = await shown(database.units)
    assert await shown(database.units) is first
    await paid(database.units, payment)
    moved = await shown(database.units)
    assert moved.status != first.status
    assert await shown(database.units) is moved


async def test_a_move_by_another_process_is_seen_at_once(database: Database) -> None:
    payment = await stored(database, a_payment())
    first = await shown(database.units)
    other = replace(database.units, lately=Lately())
    await paid(other, payment)
    assert (await shown(database.units)).version == first.version + 1


async def test_a_version_that_went_back_is_seen_as_well(database: Database) -> None:
    """A backup was restored under the running process."""
    await stored(database, a_payment())
    first = await shown(database.units)
    database.units.lately.keep(replace(first, version=7))
    assert await shown(database.units) == first


async def test_nobody_is_shown_what_another_tenant_was_shown(database: Database) -> None:
    await stored(database, a_payment())
    await shown(database.units)
    with pytest.raises(NotFound):
        await shown(database.units, OTHER)


async def test_only_the_latest_are_remembered() -> None:
    lately = Lately()
    payments = [a_payment(number) for number in range(MOST + 2)]
    for payment in payments[:MOST]:
        lately.keep(payment)
    assert lately.get(ACME, payments[0].id) is payments[0]  # asked for: the second goes first
    lately.keep(payments[MOST])
    assert lately.get(ACME, payments[0].id) is payments[0]
    assert lately.get(ACME, payments[1].id) is None


async def test_nothing_comes_back_of_what_was_seen(database: Database) -> None:
    payment = await stored(database, a_payment())

    async def rows(seen: int) -> Sequence[Sequence[Any]]:
        found = await database.reads.rows(ACME, SHOW, {"id": payment.id, "seen": seen})
        return list(found)

    assert len(await rows(NOT_SEEN)) == 1
    assert await rows(payment.version) == []

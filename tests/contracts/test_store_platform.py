"""Work without a tenant: claims, platform reads, whose a callback's reference is."""

import asyncio
from typing import Final

import pytest
from sqlalchemy import bindparam, select, update

from adapters.sql.writes import Insert, Value, WriteSet
from domain.errors import Rejected
from tests import sql_store_tables as t
from tests import sql_store_world as w
from tests.sql_store_world import ACME, OTHER, World, event, first

pytestmark = pytest.mark.anyio
world = w.world
READY: Final = (
    select(t.jobs.c.tenant_id, t.jobs.c.id)
    .where(t.jobs.c.state == "ready", t.jobs.c.run_at <= bindparam("now"))
    .order_by(t.jobs.c.run_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
CLAIM: Final = (
    update(t.jobs)
    .where(t.jobs.c.id.in_(READY.with_only_columns(t.jobs.c.id).scalar_subquery()))
    .values(state="leased", token=bindparam("new_token"))
    .returning(t.jobs.c.id, t.jobs.c.tenant_id)
)
JOBS: Final = select(t.jobs.c.id, t.jobs.c.state).order_by(t.jobs.c.id)


def job(job_id: str, run_at: int, tenant: str = ACME) -> WriteSet:
    row: dict[str, Value] = {"id": job_id, "state": "ready", "run_at": run_at, "token": None}
    return WriteSet(tenant, [Insert(t.jobs, row)])


async def test_claims_take_each_row_once_and_run_beside_groups(world: World) -> None:
    await world.commit(*(job(f"j{n}", n, ACME if n % 2 else OTHER) for n in range(10)))
    claims = (
        world.gate.returning(CLAIM, {"now": 7, "most": 3, "new_token": f"w{n}"}) for n in range(4)
    )
    rows = [tuple(row) for found in await asyncio.gather(*claims) for row in found]
    assert sorted(rows) == [(f"j{n}", ACME if n % 2 else OTHER) for n in range(8)]
    states = await world.reads.platform_rows(JOBS, {})
    assert [row[1] for row in states] == ["leased"] * 8 + ["ready"] * 2


async def test_a_claim_that_is_refused_stores_nothing(world: World) -> None:
    await world.commit(job("j1", 1))
    broken = update(t.jobs).values(run_at=None, state="leased").returning(t.jobs.c.id)
    with pytest.raises(Rejected):
        await world.gate.returning(broken, {})
    assert [tuple(row) for row in await world.reads.platform_rows(JOBS, {})] == [("j1", "ready")]
    assert await world.commit(event()) == [None]


async def test_the_tenant_of_a_callbacks_reference_is_found_among_all(world: World) -> None:
    await world.committer.commit(first("p", tenant=OTHER))
    whose = select(t.attempts.c.tenant_id).where(t.attempts.c.id == bindparam("reference"))
    [row] = await world.reads.platform_rows(whose, {"reference": "p"}, every_tenant=True)
    assert row[0] == OTHER
    assert await world.payment("p") is None, "the next read is one tenant's again"


async def test_a_list_behind_in_is_refused_because_it_has_no_fixed_text(world: World) -> None:
    listed = select(t.jobs.c.id).where(t.jobs.c.id.in_(bindparam("ids", expanding=True)))
    with pytest.raises(ValueError, match="IN"):
        await world.reads.platform_rows(listed, {"ids": "j1"})

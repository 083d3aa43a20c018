"""The two statements that claim: by rank, and in turns.

One predicate finds what waits and what a dead worker left: run_at is the lease's end too. What a
priority stands behind is rank_at - run_at, so whoever moves the one moves the other.
"""

from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    union_all,
    update,
)

from adapters.sql import tables as t
from adapters.sql.rows.job import JOB_COLUMNS
from adapters.sql.rows.values import SECOND_US
from adapters.sql.tables.columns import where
from domain.ports.jobs import FURTHEST, SUSPICIOUS, JobKind

TENANTS: Final = 256  # that a fair claim looks at; the next one goes on behind the last of them
NOBODY: Final = ",,"  # of the list of tenants who get none
FURTHEST_US: Final = int(FURTHEST.total_seconds()) * SECOND_US
# A newer version may run beside this one: what it enqueues is left to it.
KNOWN: Final = where("kind IN ({})".format(", ".join(f"'{kind}'" for kind in JobKind)))

_jobs: Final = t.jobs.c
MOVED: Final[dict[str, Any]] = {
    "run_at": bindparam("until"),
    "rank_at": _jobs.rank_at - _jobs.run_at + bindparam("until"),
}
_LOST: Final = case((and_(_jobs.leased, _jobs.crashes < SUSPICIOUS), 1), else_=0)
# Bounded by rank first: without it a claim would read all that is due some day.
_DUE: Final = and_(
    t.DUE, KNOWN, _jobs.rank_at <= bindparam("horizon"), _jobs.run_at <= bindparam("now")
)


def _first(most: ColumnElement[int], *more: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_jobs.id, _jobs.tenant_id)
        .where(_DUE, *more)
        .order_by(_jobs.rank_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )


def _claimed(due: CTE, *more: Any) -> Update:
    """The CTE is evaluated once; a sub-select behind IN may be run again and lock more rows."""
    return (
        update(t.jobs)
        .values(
            **MOVED,
            leased=true(),
            version=_jobs.version + 1,
            tries=_jobs.tries + 1,
            crashes=_jobs.crashes + _LOST,
        )
        .where(_jobs.id == due.c.id, _jobs.tenant_id == due.c.tenant_id)
        .returning(*JOB_COLUMNS, *more)
    )


def _walk() -> CTE:
    """Tenants with open jobs in the order of their ids, one look into the index each."""
    start = select(func.min(_jobs.tenant_id).label("tenant_id"), literal(1).label("step"))
    walk = start.where(t.DUE, _jobs.tenant_id > bindparam("served")).cte("walk", recursive=True)
    after = select(func.min(_jobs.tenant_id)).where(t.DUE, _jobs.tenant_id > walk.c.tenant_id)
    onwards = select(after.correlate(walk).scalar_subquery(), walk.c.step + 1)
    return walk.union_all(onwards.where(walk.c.tenant_id.is_not(None), walk.c.step < TENANTS))


def _in_turns() -> Update:
    walk, limit = _walk(), bindparam("limit", type_=t.jobs.c.rank_at.type)
    but = bindparam("but", type_=Text())
    theirs = (
        select(_jobs.id)
        .where(_DUE, _jobs.tenant_id == walk.c.tenant_id)
        .order_by(_jobs.rank_at)
        .limit(literal_column("1", Integer))
        .with_for_update(skip_locked=True)
        .correlate(walk)
        .scalar_subquery()
    )
    asked = select(theirs.label("id"), walk.c.tenant_id).where(
        walk.c.tenant_id.is_not(None),
        # Whoever stands between two commas of the list is not served.
        func.replace(but, literal(",") + walk.c.tenant_id + ",", "") == but,
    )
    each = asked.cte("each").prefix_with("MATERIALIZED", dialect="postgresql")
    turn = (
        select(each.c.id, each.c.tenant_id).where(each.c.id.is_not(None)).limit(limit).cte("turn")
    )
    taken = select(func.count()).select_from(turn).scalar_subquery()
    mine = exists().where(turn.c.id == _jobs.id, turn.c.tenant_id == _jobs.tenant_id)
    rest = _first(limit - taken, not_(mine), but == NOBODY).cte("rest")
    due = union_all(select(turn.c.id, turn.c.tenant_id), select(rest.c.id, rest.c.tenant_id)).cte(
        "due"
    )
    return _claimed(
        due,
        taken,
        select(func.max(turn.c.tenant_id)).scalar_subquery(),
        select(func.count(walk.c.tenant_id)).scalar_subquery(),
        select(func.max(walk.c.tenant_id)).scalar_subquery(),
    )


CLAIM: Final = _claimed(_first(bindparam("limit")).cte("due"))
FAIR: Final = _in_turns()

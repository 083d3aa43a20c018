"""Wallets, for the doctor: what a page of payments has granted, and balances that don't add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sql import tables as t
from adapters.sql.rows.wallet import REWARD_COLUMNS, reward_of
from domain.ids import TenantId
from domain.wallets.reward import Reward

_jobs, _rewards, _moved = t.jobs.c, t.rewards.c, t.transfers.c
PREFIX: Final = "reward:"

REWARDS: Final = select(*REWARD_COLUMNS).where(
    _rewards.tenant_id == bindparam("tenant_id"),
    _rewards.payment_id >= bindparam("first"),
    _rewards.payment_id <= bindparam("last"),
)
OPEN: Final = select(_jobs.id).where(
    _jobs.tenant_id == bindparam("tenant_id"),
    _jobs.id >= bindparam("first_job"),
    _jobs.id <= bindparam("last_job"),
    t.DUE,
)


@dataclass(slots=True)
class Granted:
    """Of the payments of a page, by their ids."""

    rewards: dict[str, Reward] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)  # those with a job that sees to it


async def granted(connection: AsyncConnection, span: Mapping[str, Any]) -> Granted:
    """`span` has tenant_id, and first and last of the payments' ids."""
    found, tenant_id = Granted(), TenantId(span["tenant_id"])
    for row in await connection.execute(REWARDS, dict(span)):
        found.rewards[row[0]] = reward_of(row, tenant_id)
    if found.rewards:
        jobs = {
            "tenant_id": tenant_id,
            "first_job": f"{PREFIX}{span['first']}:",
            "last_job": f"{PREFIX}{span['last']}:~",  # after every version
        }
        found.open = {row[0].split(":")[1] for row in await connection.execute(OPEN, jobs)}
    return found


def unbalanced() -> Select[Any]:
    """Wallets whose balance is not the sum of their entries: what they hold, and that sum."""
    total = _sum(_moved.credit) - _sum(_moved.debit)
    return (
        select(t.wallets.c.id, t.wallets.c.balance_minor, total)
        .where(t.wallets.c.tenant_id == bindparam("tenant_id"), t.wallets.c.balance_minor != total)
        .order_by(t.wallets.c.id)
        .limit(bindparam("limit"))
    )


def _sum(side: Any) -> Any:
    """Of one side of a wallet's account, from that side's index."""
    minor = (
        select(func.sum(_moved.amount_minor))
        .where(
            _moved.tenant_id == t.wallets.c.tenant_id,
            side == literal("wallet:") + t.wallets.c.id,
            _moved.currency == t.wallets.c.unit,
        )
        .scalar_subquery()
    )
    return func.coalesce(minor, 0)

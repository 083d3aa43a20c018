"""What is worked on, for the doctor: attempts and refunds whose job is open."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sql import tables as t

_jobs = t.jobs.c
OPEN: Final = select(_jobs.id).where(
    _jobs.tenant_id == bindparam("tenant_id"),
    or_(
        _jobs.id.in_(bindparam("ids", expanding=True)),
        and_(_jobs.id >= bindparam("first_job"), _jobs.id <= bindparam("last_job")),
    ),
    t.DUE,
)


async def worked_on(
    connection: AsyncConnection, span: Mapping[str, Any], rows: Sequence[str]
) -> set[str]:
    """Of `rows`, ids of attempts and refunds, and some others. `span` has tenant_id, and first and
    last of their payments' ids.

    The job of a refund that came back has a number behind its name; only a surplus's can, and
    its id begins with its payment's.
    """
    jobs = await connection.execute(
        OPEN,
        {
            "tenant_id": span["tenant_id"],
            "ids": [f"{'inquire' if one.startswith('att_') else 'refund'}:{one}" for one in rows],
            "first_job": f"refund:rfd_{span['first'][4:]}",
            "last_job": f"refund:rfd_{span['last'][4:]}~",  # after every attempt and number
        },
    )
    return {row[0].split(":")[1] for row in jobs}

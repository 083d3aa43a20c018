"""The ledger, for the doctor: payments' journals as raw rows, and journals that lack some."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sql import tables as t
from adapters.sql.rows.ledger import KINDS, TRANSFER_COLUMNS
from domain.audit.dossier import Posted

_of, _moved = t.journals.c, t.transfers.c
HEADER: Final = (_of.payment_id, _of.id, _of.kind, _of.subject, _of.size)
WIDTH: Final = len(HEADER)
_THEIRS: Final = and_(_moved.journal_id == _of.id, _moved.tenant_id == _of.tenant_id)

JOURNALS: Final = (
    select(*HEADER, *TRANSFER_COLUMNS)
    .join_from(t.journals, t.transfers, _THEIRS, isouter=True)
    .where(
        _of.tenant_id == bindparam("tenant_id"),
        _of.payment_id >= bindparam("first"),
        _of.payment_id <= bindparam("last"),
    )
    .order_by(_of.payment_id, _of.id, _moved.position)
)


async def journals_of(
    connection: AsyncConnection, span: Mapping[str, Any]
) -> Mapping[str, Sequence[Posted]]:
    """By payment. `span` has tenant_id, and first and last of the payments' ids."""
    found: dict[str, list[Posted]] = defaultdict(list)
    rows = await connection.execute(JOURNALS, dict(span))
    for (payment_id, name, kind, subject, size), mine in groupby(rows, itemgetter(*range(WIDTH))):
        moved = [tuple(row[WIDTH:]) for row in mine if row[WIDTH] is not None]
        one = Posted(id=name, kind=KINDS[kind], subject=subject, size=size, transfers=moved)
        found[payment_id].append(one)
    return found


def incomplete() -> Select[Any]:
    """Journals of no payment that lack transfers: their size, and how many they have."""
    rows = select(func.count()).where(_THEIRS).correlate(t.journals).scalar_subquery()
    return (
        select(_of.id, _of.size, rows)
        .where(_of.tenant_id == bindparam("tenant_id"), _of.payment_id.is_(None), _of.size != rows)
        .order_by(_of.id)
        .limit(bindparam("limit"))
    )

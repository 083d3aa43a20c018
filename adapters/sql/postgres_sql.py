"""PostgreSQL: its settings, the one statement of a group, and what its errors mean."""

from collections.abc import Collection, Sequence
from typing import Final

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from adapters.sql.statements import on_conflict
from adapters.sql.writes import ORDER, Shape, WriteSet, meaning
from domain.errors import NotStored, Unavailable

DIALECT: Final = dialect()  # type: ignore[no-untyped-call]
TIMEOUT_S: Final = 5.0  # one round trip; then the connection is given up
COMBINATIONS: Final = 64  # statements made for just their shapes, each prepared and kept
LOCK_MS: Final = 1000  # for a row that another process holds; the first attempt at a group
REPLAY_LOCK_MS: Final = 100  # for the halves, of which one is known to wait for nothing good
SESSION: Final = {
    "jit": "off",  # compiling costs more than any of these statements
    "statement_timeout": str(int(TIMEOUT_S * 1000)),  # the server gives up when we do
    "lock_timeout": str(LOCK_MS),
    "idle_in_transaction_session_timeout": "10000",  # ms; locks of a process that hangs
}
BY_KEY: Final = SESSION | {  # with a new table's statistics PostgreSQL scans and hashes
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
LOST: Final = (  # nobody answered, or the server ended the session; TimeoutError is an OSError
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
AGAIN: Final = (  # nothing is wrong with the statement itself: deadlock, a changed schema …
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
DOWN: Final = (  # a full disk, too many connections, a row somebody holds
    *LOST,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)


class TryAgain(Unavailable):
    """Lost before COMMIT was sent, a deadlock …: nothing is stored, and a second try may pass."""


async def connect(dsn: str, settings: dict[str, str]) -> "asyncpg.Connection[asyncpg.Record]":
    """Raises Unavailable, within TIMEOUT_S. Statements stay prepared as long as the connection."""
    try:
        return await asyncpg.connect(
            dsn,
            timeout=TIMEOUT_S,
            command_timeout=TIMEOUT_S,
            statement_cache_size=4 * COMBINATIONS,
            max_cached_statement_lifetime=0,  # else prepared anew every five minutes
            max_cacheable_statement_size=0,  # else one of 15 kB is prepared at each group
            server_settings=settings,
        )
    except (asyncpg.PostgresError, *LOST) as error:
        raise Unavailable(str(error) or type(error).__name__) from error


class Statements:
    """The text for a group's shapes.

    Shapes combine in thousands of ways and each text is prepared and planned at its first use
    (about a millisecond), so after COMBINATIONS of them one text with all shapes serves the rest:
    a shape without lines costs some microseconds.
    """

    def __init__(self) -> None:
        self._known: dict[frozenset[Shape], tuple[tuple[Shape, ...], str]] = {}
        self._every: frozenset[Shape] = frozenset()

    def serving(self, shapes: Collection[Shape]) -> tuple[tuple[Shape, ...], str]:
        """The shapes in the order of the text's parameters, and the text."""
        wanted = frozenset(shapes)
        if (found := self._known.get(wanted)) is not None:
            return found
        self._every |= wanted
        if len(self._known) >= COMBINATIONS:
            wanted = self._every
        if (found := self._known.get(wanted)) is None:
            ordered = tuple(sorted(wanted, key=ORDER))
            found = self._known[wanted] = ordered, statement(ordered)
        return found


def statement(shapes: Sequence[Shape]) -> str:
    """One CTE a shape; the answer is an array: how many rows each of the updates found."""
    parts, found, place = [], [], 0
    for number, shape in enumerate(shapes):
        columns = shape.columns
        types = (shape.table.c[name].type.compile(DIALECT) for name in columns)
        batch = f"unnest({', '.join(f'${place + i}::{kind}[]' for i, kind in enumerate(types, 1))})"
        place += len(columns)
        parts.append(f"w{number} AS ({body(shape, batch)})")
        if shape.kind == "update":
            found.append(f"(SELECT count(*) FROM w{number})")  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT ARRAY[{', '.join(found)}]::bigint[]"


def body(shape: Shape, batch: str) -> str:
    """What becomes of the lines of one shape; names come from the metadata alone."""
    table, columns = shape.table.name, ", ".join(shape.columns)
    if shape.kind == "update":
        sets = "".join(f"{name} = b.{name}, " for name in shape.names)
        same = " AND ".join(f"t.{name} = b.{name}" for name in ("tenant_id", *shape.key, "version"))
        return (
            f"UPDATE {table} t SET {sets}version = t.version + 1"  # noqa: S608
            f" FROM {batch} AS b({columns}) WHERE {same} RETURNING 1"
        )
    insert = f"INSERT INTO {table} ({columns}) SELECT * FROM {batch}"  # noqa: S608
    return insert if shape.kind == "insert" else insert + on_conflict(shape)


def explained(error: Exception, group: Sequence[WriteSet] = ()) -> NotStored:
    """What the server's refusal means to a unit that was alone in its transaction."""
    if isinstance(error, NotStored):
        return error
    if isinstance(error, AGAIN):
        return TryAgain(str(error))
    if isinstance(error, (*DOWN, asyncpg.ReadOnlySQLTransactionError)):  # the latter: a standby
        return Unavailable(str(error))
    return meaning(group, str(getattr(error, "constraint_name", None)))(str(error))

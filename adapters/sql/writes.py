"""What a unit of work wants written, as data, and who takes it. No I/O and no driver here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol

from sqlalchemy import MetaData, Table, UniqueConstraint
from sqlalchemy.schema import sort_tables_and_constraints
from sqlalchemy.sql.base import Executable

from adapters.sql.counters import Counters
from domain.errors import Conflict, NotStored, Rejected

Value = str | int | bytes | bool | None
Row = Mapping[str, Value]
"""Driver-native values: SQLAlchemy's bind processors don't run. Ids as text, times as whole
microseconds; never tenant_id. SQLite gives a bool back as 0 or 1."""
Line = tuple[Value, ...]
"""A write's values in its shape's order of columns, the tenant first."""
Record = Sequence[Any]
"""A row that was read, its columns in the statement's order."""
Kind = Literal["update", "upsert", "insert"]

TENANT_ID: Final = re.compile(r"[A-Za-z0-9_]{1,64}")  # safe in a comma list and in a SQL literal
SHAPES: Final = 1024  # kinds of writes remembered; repositories have some dozens
ORDER: Final = attrgetter("order")
RANK: Final = {"update": 0, "upsert": 1, "insert": 2}
NO_ERRORS: Final[Mapping[str, type[Conflict]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Writes that may share one statement. There is one of each, so they compare by identity."""

    kind: Kind
    table: Table
    key: tuple[str, ...]
    names: tuple[str, ...]
    columns: tuple[str, ...] = field(init=False)  # of a line, in its order
    key_width: int = field(init=False)  # the first columns of an update's or upsert's line
    order: tuple[Any, ...] = field(init=False)  # one for all writers, lest two wait in a ring

    def __post_init__(self) -> None:
        guard = ("version",) if self.kind == "update" else ()
        put = object.__setattr__
        put(self, "columns", ("tenant_id", *self.key, *guard, *self.names))
        put(self, "key_width", 1 + len(self.key))
        place = parents_first(self.table.metadata).index(self.table)
        put(self, "order", (RANK[self.kind], place, self.key, self.names))


@lru_cache(SHAPES)
def shape(kind: Kind, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Shape:
    """A wrong name fails in the repository that wrote it, not in somebody else's group."""
    all_names = (*key, *names, *(("version",) if kind == "update" else ()))
    distinct = {"tenant_id", *all_names}
    if len(distinct) <= len(all_names) or not distinct <= {*table.c.keys()}:
        raise ValueError(f"{table.name}: {all_names} has tenant_id, a double or an unknown name")
    if kind == "upsert" and {"tenant_id", *key} not in _unique_keys(table):
        raise ValueError(f"{table.name}: tenant_id and {key} are not a key of it")
    return Shape(kind, table, key, names)


def parents_first(metadata: MetaData) -> list[Table | None]:
    """Tables before those that refer to them; where they refer in a ring, by name."""
    tables = sorted(metadata.tables.values(), key=attrgetter("name"))
    ordered = sort_tables_and_constraints(tables)  # type: ignore[no-untyped-call]
    return [each for each, _ in ordered]


def _unique_keys(table: Table) -> list[set[str]]:
    unique = [known for known in table.constraints if isinstance(known, UniqueConstraint)]
    return [{*known.columns.keys()} for known in (table.primary_key, *unique)]


@dataclass(slots=True)  # not frozen: that would triple the cost of making six of them a payment
class Insert:
    """A new row. `errors` says what the breach of a constraint means, by the constraint's name.

    A foreign key has no name on SQLite: don't declare its breach.
    """

    table: Table
    row: Row
    errors: Mapping[str, type[Conflict]] = field(default_factory=lambda: NO_ERRORS)
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.shape = shape("insert", self.table, (), (*self.row,))

    def line(self, tenant_id: str) -> Line:
        return (tenant_id, *self.row.values())


@dataclass(slots=True)
class GuardedUpdate:
    """Change the row under `key` if it still has `expected_version`, and add one to its version.

    Raises StaleVersion at commit otherwise. `values` names neither key columns nor version, and
    may be empty: that guards a row a decision rests on. `errors` as for Insert.
    """

    table: Table
    key: Row
    expected_version: int
    values: Row
    errors: Mapping[str, type[Conflict]] = field(default_factory=lambda: NO_ERRORS)
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.shape = shape("update", self.table, (*self.key,), (*self.values,))

    def line(self, tenant_id: str) -> Line:
        return (tenant_id, *self.key.values(), self.expected_version, *self.values.values())


@dataclass(slots=True)
class Upsert:
    """Insert the row, or replace the other columns of the row with these `key` columns.

    `key` names a primary or unique key without tenant_id. The last to commit wins: for
    preferences and the like, never for money.
    """

    table: Table
    row: Row
    key: tuple[str, ...]
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rest = tuple(name for name in self.row if name not in self.key)
        self.shape = shape("upsert", self.table, self.key, rest)

    def line(self, tenant_id: str) -> Line:
        return (tenant_id, *(self.row[name] for name in (*self.key, *self.shape.names)))


Write = Insert | GuardedUpdate | Upsert


@dataclass(slots=True)
class WriteSet:
    """All or nothing. A row is named at most once; the order of the writes means nothing.

    Raises ValueError for a tenant id that is not 1 to 64 letters, digits or underscores.
    """

    tenant_id: str
    writes: Sequence[Write]
    lines: list[tuple[Shape, Line]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Every line begins with this unit's tenant: no repository can name another."""
        tenant_id = checked(self.tenant_id)
        self.lines = [(write.shape, write.line(tenant_id)) for write in self.writes]


def meaning(group: Sequence[WriteSet], constraint: str) -> type[NotStored]:
    """What the breach of this constraint means to a unit; Rejected if no repository said."""
    for unit in group:
        for write in unit.writes:
            if isinstance(write, Insert | GuardedUpdate) and constraint in write.errors:
                return write.errors[constraint]
    return Rejected


def merged(group: Sequence[WriteSet]) -> dict[Shape, list[Line]]:
    """The group's lines by shape, in the order that all writers keep."""
    found: dict[Shape, list[Line]] = {}
    for unit in group:
        for shape, line in unit.lines:
            if (lines := found.get(shape)) is None:
                found[shape] = [line]
            else:
                lines.append(line)
    return {shape: found[shape] for shape in sorted(found, key=ORDER)}


def checked(tenant_id: str) -> str:
    """The tenant id, if it can name but one tenant to the row-level policy."""
    if not TENANT_ID.fullmatch(tenant_id):
        raise ValueError("a tenant id is 1 to 64 letters, digits or underscores")
    return tenant_id


class Reads(Protocol):
    """Committed rows. Statements are built once, at import; point reads, not reports.

    Raises Unavailable when the database can't answer, Overloaded when too many reads wait.
    """

    async def rows(self, tenant_id: str, statement: Executable, values: Row) -> Sequence[Record]:
        """One tenant's rows. The statement has a bind named tenant_id, filled here."""

    async def platform_rows(
        self, statement: Executable, values: Row, *, every_tenant: bool = False
    ) -> Sequence[Record]:
        """Rows without a tenant: tenants, API keys, provider accounts, jobs.

        `every_tenant` passes the row-level policies that admit the setting '*', which the
        migrations give to the few tables where a callback's reference is looked up, to learn
        whose it is. Nothing else may use it.
        """

    async def close(self) -> None: ...


class Committer(Protocol):
    async def commit(self, unit: WriteSet) -> None:
        """Return once the unit is durable. Raises NotStored (by its subclasses) or CommitUnknown.

        A caller cancelled while its unit waits takes it back; once it is being written the
        outcome is decided without the caller, who has to read it.
        """


class Store(Protocol):
    counters: Counters

    async def write(self, group: Sequence[WriteSet]) -> Sequence[Exception | None]:
        """One answer for each unit, in order; None is durable. Never called twice at a time.

        Units of a group have independent answers. Ends within the store's own deadline.
        """

    async def returning(self, statement: Executable, values: Row) -> Sequence[Record]:
        """Run one writing statement in its own transaction and give its rows: claims of jobs.

        Platform work: it has no tenant, so it touches only tables without row-level security.
        Raises Rejected, Unavailable (nothing stored) or CommitUnknown (its answer was lost).
        """

    async def of_tenant(
        self, tenant_id: str, statement: Executable, values: Row
    ) -> Sequence[Record]:
        """The same under one tenant's policies, where there are any: retention. The statement has
        a bind named tenant_id, filled here."""
        return await self.returning(statement, {**values, "tenant_id": checked(tenant_id)})

    async def close(self) -> None:
        """After the committer. What is being written is finished first."""

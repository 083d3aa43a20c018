"""Example tables for the storage contract, and their DDL on both databases.

Every table begins with tenant_id; constraints have names, the same on both databases.
"""

import sqlite3
from contextlib import closing

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    }
)
Part = Column[str] | Column[int] | Index | CheckConstraint | ForeignKeyConstraint


def table(name: str, *parts: Part, key: str = "id") -> Table:
    primary = PrimaryKeyConstraint("tenant_id", key)
    return Table(name, metadata, text("tenant_id"), *parts, primary, sqlite_with_rowid=False)


def text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def whole(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def version() -> Column[int]:
    return Column("version", Integer, nullable=False)


keys = table(
    "keys",
    text("key"),
    text("fingerprint"),
    text("payment_id"),
    text("answer", nullable=True),
    version(),
    key="key",
)
payments = table(
    "payments",
    text("id"),
    whole("minor"),
    text("currency"),
    text("status"),
    text("reference", nullable=True),
    version(),
)
attempts = table(
    "attempts",
    text("id"),
    text("payment_id"),
    text("provider"),
    text("status"),
    version(),
    Index("attempts_payment", "tenant_id", "payment_id"),
)
ledger = table(
    "ledger",
    text("id"),
    text("payment_id"),
    text("account"),
    whole("minor"),
    text("currency"),
    Index("ledger_payment", "tenant_id", "payment_id"),
)
outbox = table("outbox", text("id"), text("kind"), text("body"))
preferences = table("preferences", text("name"), text("value"), whole("seen"), key="name")
stages = table(  # what only some tests need: a plain index beside a unique one, CHECK, a parent
    "stages",
    text("id"),
    text("name"),
    whole("percent"),
    text("parent_id", nullable=True),
    version(),
    Index("stages_by_name", "tenant_id", "name"),
    Index("stages_name", "tenant_id", "name", unique=True),
    CheckConstraint("percent <= 100", name="percent"),
    ForeignKeyConstraint(["tenant_id", "parent_id"], ["stages.tenant_id", "stages.id"]),
)
jobs = table(  # the platform's: no row-level security
    "jobs", text("id"), text("state"), whole("run_at"), text("token", nullable=True)
)
PLATFORM = (jobs,)

# || '' keeps the planner from answering the policy with an index: with a bare tenant_id it read
# every row of the tenant to update one of them.
POLICY = (
    "tenant_id || '' = ANY ((SELECT string_to_array(current_setting('app.tenants', true), ','))"
    "::text[])"
)
FOR_CALLBACKS = "CREATE POLICY callbacks ON attempts FOR SELECT USING ((SELECT {}) = '*')".format(
    "current_setting('app.tenants', true)"
)


def sqlite_schema(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for each in metadata.sorted_tables:
            connection.execute(str(CreateTable(each).compile(dialect=sqlite.dialect())))
            for index in each.indexes:
                connection.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
        connection.commit()


def postgres_schema() -> str:
    """Made by the owner; the role app passes the policies."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    parts = []
    for each in metadata.sorted_tables:
        parts += [
            f"DROP TABLE IF EXISTS {each.name} CASCADE",
            str(CreateTable(each).compile(dialect=dialect)),
            *(str(CreateIndex(index).compile(dialect=dialect)) for index in each.indexes),
            f"GRANT SELECT, INSERT, UPDATE ON {each.name} TO app",
        ]
        if each not in PLATFORM:
            parts += [
                f"ALTER TABLE {each.name} ENABLE ROW LEVEL SECURITY",
                f"CREATE POLICY tenant ON {each.name} USING ({POLICY})",
            ]
    return ";\n".join([*parts, FOR_CALLBACKS])

"""What migrations are written in: kinds of columns and tables, and the locks on them."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

# || '' keeps the planner from answering the policy with an index: with a bare tenant_id it read
# every row of the tenant to update one of them.
POLICY: Final = (
    "tenant_id || '' = ANY"
    " ((SELECT string_to_array(current_setting('app.tenants', true), ','))::text[])"
)


def postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def table(name: str, *parts: Any, rowid: bool = True) -> None:
    op.create_table(name, *parts, sqlite_with_rowid=rowid)


def partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    rule = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rule, postgresql_where=rule)


def text(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.Text(collation="C" if postgres() else None), nullable=nullable)


def number(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def small(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def blob(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def flag(name: str) -> Any:
    return sa.Column(name, sa.Boolean(), nullable=False)


def of_payment(table: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["payment_id", "tenant_id"],
        ["payments.id", "payments.tenant_id"],
        name=f"fk_{table}_payments",
    )


def of_tenant(table: str) -> Any:
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=f"fk_{table}_tenants")


def secure(tables: Iterable[str]) -> None:
    """Row-level security, forced on the owner too. Nothing on SQLite."""
    if not postgres():
        return
    for name in tables:
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {name} USING ({POLICY}) WITH CHECK ({POLICY})")


def append_only(tables: Iterable[str]) -> None:
    """Triggers that refuse to change or remove a row. PostgreSQL's function is of 0001."""
    for name in tables:
        if postgres():
            op.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
                " FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            )

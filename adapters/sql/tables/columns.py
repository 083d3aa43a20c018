"""What the tables are made of: kinds of columns and constraints, one naming convention."""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    literal_column,
)

NAMES: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

metadata = MetaData(naming_convention=NAMES)


def text(name: str, **more: Any) -> Column[Any]:
    return Column(name, Text, nullable=more.pop("nullable", False), **more)


def maybe(name: str) -> Column[Any]:
    return text(name, nullable=True)


def number(name: str, **more: Any) -> Column[Any]:
    return Column(name, BigInteger, nullable=more.pop("nullable", False), **more)


def flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def blob(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, LargeBinary, nullable=nullable)


def small(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=nullable)


def one_of(column: str, words: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """Only these words: a new one is a migration, and old code never meets it unprepared."""
    known = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({known})", name=column)


def of_payment() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["payment_id", "tenant_id"], ["payments.id", "payments.tenant_id"])


def of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"])


def where(condition: str) -> Any:
    """Of a partial index, and of statements that shall use it: a bound value would not."""
    return literal_column(condition)


def partial(name: str, condition: Any, *columns: Column[Any], unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)

"""A Core statement as text and an order of values: compiled once, not at each read."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.sql.writes import Row, Shape, Value

STATEMENTS: Final = 512  # remembered; built at import they are some hundreds at most


@dataclass(frozen=True, slots=True)
class Prepared:
    """The text for the driver, the names of its values by position, and its literals."""

    text: str
    names: tuple[str, ...]
    literals: Row

    def arguments(self, values: Row) -> list[Value]:
        """By position. Raises KeyError for a bind nobody filled."""
        known = {**self.literals, **values} if self.literals else values
        return [known[name] for name in self.names]


@lru_cache(STATEMENTS)  # bounded: a statement built anew for each call is slow, but no leak
def prepared(statement: Executable, dialect: Dialect) -> Prepared:
    """Raises ValueError for a list behind IN: its length would change the text."""
    done: SQLCompiler = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if done.post_compile_params:
        raise ValueError("a bound list behind IN has no fixed text: bind each value by its name")
    names = tuple(done.positiontup or ())
    literals = {
        name: bind.effective_value for name, bind in done.binds.items() if not bind.required
    }
    return Prepared(str(done), names, literals)


def on_conflict(shape: Shape) -> str:
    """The end of an upsert, the same in both databases."""
    key = ", ".join(("tenant_id", *shape.key))
    sets = ", ".join(f"{name} = excluded.{name}" for name in shape.names)
    return f" ON CONFLICT ({key}) DO " + (f"UPDATE SET {sets}" if sets else "NOTHING")

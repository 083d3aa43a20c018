"""SQLAlchemy's engines: for lists and for migrations. Payments go past them."""

import sqlite3
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.sql import postgres_sql
from adapters.sql.sqlite_sql import BUSY_S

LISTS: Final = 4  # connections, or threads on SQLite, that read lists
CHECKOUT_S: Final = 1.0  # for a free one; then the list is refused
READ_ONLY: Final = postgres_sql.SESSION | {"default_transaction_read_only": "on"}


def for_lists(url: str, path: str | None) -> AsyncEngine:
    """Connects at the first list; its connections can't write."""
    options: dict[str, Any] = {
        "pool_size": LISTS,
        "max_overflow": 0,
        "pool_timeout": CHECKOUT_S,
        "pool_pre_ping": path is None,
        "hide_parameters": True,  # names and e-mail addresses stay out of errors
    }
    if path is None:

        async def connect(*_: Any, **__: Any) -> Any:
            return await postgres_sql.connect(url, READ_ONLY)

        return create_async_engine("postgresql+asyncpg://", async_creator=connect, **options)
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", connect_args={"timeout": BUSY_S}, **options
    )
    event.listen(engine.sync_engine, "connect", _never_write)
    return engine


def _never_write(connection: sqlite3.Connection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()

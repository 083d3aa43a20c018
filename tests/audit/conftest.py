"""The doctor looks into every storage."""

from tests.storages import (
    postgres_database,
    postgres_url,
    sqlite_template,
    sqlite_url,
    storage,
    storage_url,
)

__all__ = [
    "postgres_database",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "storage",
    "storage_url",
]

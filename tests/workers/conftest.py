"""Worker processes over the databases that several processes may share."""

import pytest

from tests.storages import postgres_database, postgres_url, sqlite_template, sqlite_url

__all__ = ["postgres_database", "postgres_url", "shared_url", "sqlite_template", "sqlite_url"]


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def shared_url(request: pytest.FixtureRequest) -> str:
    """Of an empty database with this version's tables."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url

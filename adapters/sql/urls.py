"""Where the database is."""

from typing import Final

from domain.errors import Invalid

SQLITE: Final = "sqlite:///"
POSTGRES: Final = ("postgresql://", "postgres://")


def sqlite_path(url: str) -> str | None:
    """The file of `sqlite:///relative.db` or `sqlite:////absolute.db`; None for PostgreSQL.

    Raises Invalid for anything else. The url may hold a password, so it is not repeated.
    """
    if url.startswith(POSTGRES):
        return None
    path = url.removeprefix(SQLITE)
    if path == url or not path or path.startswith(":") or "?" in path:
        raise Invalid(
            "must be sqlite:///path/to/file.db (three slashes, or four for an absolute path)"
            " or postgresql://user:password@host/name",
            "database_url",
        )
    return path

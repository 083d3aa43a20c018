"""Fixtures every test may use."""

from typing import Any

import pytest

from tests.postgres import postgres_cluster

__all__ = ["postgres_cluster"]


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Async tests run on asyncio with uvloop, as production does."""
    return "asyncio", {"use_uvloop": True}

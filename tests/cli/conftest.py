"""A shell for each test."""

import pytest

from tests.cli.shell import Shell, a_shell


@pytest.fixture
def shell() -> Shell:
    """One tenant with accounts at Maya, GCash and cash."""
    return a_shell()

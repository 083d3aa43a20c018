"""What docs/guarantees.md names is there to be run."""

import re
from typing import Final

import pytest

from tests.architecture.rules import ROOT

TEXT: Final = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
NAMED: Final = sorted(set(re.findall(r"`((?:tests|adapters)/[\w/]+\.py)(?:::(\w+))?`", TEXT)))


def test_there_are_guarantees() -> None:
    assert len(NAMED) > 40


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_guarantee_is_shown_by_a_test_that_is_there(path: str, name: str) -> None:
    source = (ROOT / path).read_text("utf-8")
    assert not name or re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)

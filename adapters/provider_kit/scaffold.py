"""A third party's package to begin with: the template, renamed, ready to be installed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.errors import Invalid

TEMPLATE: Final = Path(__file__).parent / "template"
CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
MODULES: Final = ("__init__", "client", "wire", "simulator")
PROJECT: Final = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "cauri-{dashed}"
version = "0.1.0"
description = "{title} for Cauri"
requires-python = ">=3.11"
dependencies = ["cauri"]

[project.entry-points."cauri.providers"]
{code} = "cauri_{code}:MANIFEST"
"""
TESTS: Final = '''\
"""What every provider must do; `cauri provider verify {code}` asks the same."""

import asyncio

import pytest

from adapters.provider_kit.conformance.behaviour import Behaviour
from adapters.provider_kit.conformance.suite import asked_of, run
from cauri_{code} import MANIFEST


@pytest.mark.parametrize("behaviour", asked_of(MANIFEST), ids=lambda one: one.name)
def test_it_does_what_all_must(behaviour: Behaviour) -> None:
    for variant in behaviour.each:
        asyncio.run(run(behaviour, variant, MANIFEST))
'''
README: Final = """\
# {title} for Cauri

    pip install -e .
    cauri provider verify {code}
    cauri account connect --provider {code} --config account.json

What is invented here is to be replaced: `wire.py` first, then `simulator.py` from the company's
documents, never from the client. `source` in `__init__.py` names the document and its date.
"""


def written(code: str, folder: Path) -> list[Path]:
    """Write the package. Raises Invalid naming the field; what is there is never overwritten."""
    if not CODE.fullmatch(code):
        raise Invalid("must be 2 to 40 of a-z, 0-9 and _, beginning with a letter", "name")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid("must be a new or an empty folder", "at")
    paths: list[Path] = []
    for name, text in files(code).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def files(code: str) -> Mapping[str, str]:
    """Every file of the package by its path in it."""
    title = code.replace("_", " ").title()
    words = {"code": code, "dashed": code.replace("_", "-"), "title": title}
    found = {
        "pyproject.toml": PROJECT.format(**words),
        "README.md": README.format(**words),
        "tests/test_conformance.py": TESTS.format(**words),
    }
    for module in MODULES:
        text = (TEMPLATE / f"{module}.py").read_text("utf-8")
        found[f"cauri_{code}/{module}.py"] = _renamed(text, code, title)
    return found


def _renamed(text: str, code: str, title: str) -> str:
    text = text.replace("adapters.provider_kit.template", f"cauri_{code}")
    text = text.replace("Example Money", title).replace('"example"', f'"{code}"')
    return re.sub(r"\bExample(Config|Provider|Simulator)\b", title.replace(" ", "") + r"\1", text)

"""The house rules hold, and each of them can be broken."""

from typing import Final

import pytest

from tests.architecture.rules import (
    LAYERS,
    ROOT,
    RULES,
    Rule,
    Source,
    complaints,
    documented_errors,
    documented_ports,
    finished_text,
    no_floats_in_domain,
    nothing_left_for_later,
    plain_names,
    portable_text,
    pure_core,
    short_files,
    short_functions,
    tracked,
    world_at_the_edge,
)

FILES: Final = tracked()
SOURCES: Final = [
    Source(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    for path in FILES
    if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (*LAYERS, "tests")
]
OTHERS: Final = {".md", ".html", ".css", ".toml", ".ini", ".yml", ".yaml", ".mako", ".sql", ""}

LATER = "TO" + "DO: write it"
LONG = "def f():\n" + "    pass\n" * 40

GUILTY: Final[list[tuple[Rule, str, str]]] = [
    (plain_names, "domain/a.py", "class TokenManager: ..."),
    (plain_names, "domain/a.py", "class UnitHelpers: ..."),
    (plain_names, "domain/a.py", "class ClockImpl: ..."),
    (plain_names, "domain/a.py", "class BaseProvider: ..."),
    (plain_names, "domain/a.py", "class IPayments: ..."),
    (plain_names, "domain/string_utils.py", ""),
    (short_functions, "domain/a.py", LONG),
    (short_functions, "adapters/a.py", LONG.replace("def", "async def")),
    (short_files, "domain/a.py", "x = 1\n" * 251),
    (documented_ports, "domain/ports/a.py", "class Clock:\n    def now(self) -> int: ..."),
    (documented_ports, "domain/ports/a.py", "class Clock:\n    async def now(self) -> int: ..."),
    (documented_errors, "domain/errors.py", "class Stale(Exception): ..."),
    (nothing_left_for_later, "domain/a.py", f"x = 1  # {LATER}"),
    (nothing_left_for_later, "domain/a.py", f'"""{LATER}"""'),
    (pure_core, "domain/a.py", "import msgspec"),
    (pure_core, "domain/a.py", "import application.payments"),
    (pure_core, "domain/a.py", "from . import money"),
    (pure_core, "application/a.py", "def f():\n    from adapters.sql import store"),
    (no_floats_in_domain, "domain/a.py", "x = float(1)"),
    (world_at_the_edge, "domain/a.py", "import datetime\ndatetime.datetime.now()"),
    (world_at_the_edge, "domain/a.py", "from datetime import datetime as d\nd.now()"),
    (world_at_the_edge, "adapters/http/a.py", "from time import time\ntime()"),
    (world_at_the_edge, "application/a.py", "import uuid\nuuid.uuid4()"),
    (world_at_the_edge, "application/a.py", "from uuid import uuid4\nf(new=uuid4)"),
    (world_at_the_edge, "application/a.py", "import random\nrandom.choice([1])"),
    (world_at_the_edge, "application/a.py", "from random import random\nrandom()"),
    (world_at_the_edge, "application/a.py", "from random import Random\nRandom()"),
    (world_at_the_edge, "application/a.py", "from random import SystemRandom as R\nR(1)"),
    (world_at_the_edge, "adapters/sql/a.py", "import os\nos.environ['HOME']"),
    (world_at_the_edge, "entrypoints/api.py", "from os import getenv\ngetenv('HOME')"),
    (world_at_the_edge, "adapters/http/a.py", "print(1)"),
]
INNOCENT: Final[list[tuple[Rule, str, str]]] = [
    (
        plain_names,
        "domain/a.py",
        "class IllegalTransition: ...\nclass Baseline: ...\nclass Id: ...",
    ),
    (short_functions, "domain/a.py", LONG.removesuffix("    pass\n")),
    (short_functions, "tests/a.py", LONG),
    (short_files, "domain/a.py", "x = 1\n" * 250),
    (short_files, "adapters/sql/migrations/versions/a.py", "x = 1\n" * 251),
    (documented_ports, "domain/ports/a.py", 'class C:\n    def now(self):\n        """UTC."""'),
    (pure_core, "application/a.py", "import decimal, collections.abc\nfrom domain import money"),
    (world_at_the_edge, "adapters/system/clock.py", "import time\ntime.time()"),
    (world_at_the_edge, "adapters/http/a.py", "import time\ntime.perf_counter()"),
    (world_at_the_edge, "application/a.py", "from random import Random\nr: Random = Random(7)"),
    (world_at_the_edge, "entrypoints/settings.py", "import os\nos.environ"),
    (world_at_the_edge, "entrypoints/demo.py", "print(1)"),
    (world_at_the_edge, "domain/a.py", "def f(now, random):\n    return random.time(now)"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    assert not (found := complaints(rule, SOURCES)), "\n" + "\n".join(found)


@pytest.mark.parametrize(("rule", "path", "text"), GUILTY)
def test_a_rule_catches_what_it_forbids(rule: Rule, path: str, text: str) -> None:
    found = complaints(rule, [Source(path, text)])
    assert len(found) == 1
    assert found[0].startswith(f"{path}:")


@pytest.mark.parametrize(("rule", "path", "text"), INNOCENT)
def test_a_rule_spares_what_it_allows(rule: Rule, path: str, text: str) -> None:
    assert complaints(rule, [Source(path, text)]) == []


def test_every_rule_was_shown_to_fail() -> None:
    assert {rule for rule, _, _ in GUILTY} == set(RULES)


def test_no_file_names_a_registry_or_this_machine() -> None:
    found = []
    for path in FILES:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT)
        found += [f"{name}:{line}: {what}" for line, what in portable_text(text)]
    assert not found, "\n" + "\n".join(found)


def test_no_other_text_leaves_something_for_later() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in FILES
        if path.suffix in OTHERS and path.name != "LICENSE"
        for line, what in finished_text(path.read_text("utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "index = https://" + "pypi" + ".org/simple",
        "files." + "pythonhosted" + ".org",
        "deb." + "debian" + ".org",
        "src=//cdn." + "jsdelivr" + ".net/npm/x",
        "open('" + "/".join(["", "work", "main", "a.txt"]) + "')",
        "see " + "/".join(["", "work", "shared", "house.md"]),
        "/".join(["", "root", ".cache"]),
    ],
)
def test_a_name_of_a_registry_or_this_machine_is_caught(text: str) -> None:
    assert next(portable_text("first line\n" + text))[0] == 2


@pytest.mark.parametrize("text", ["application/work/main.py", "debian:12", "pip install cauri"])
def test_ordinary_text_is_spared(text: str) -> None:
    assert list(portable_text(text)) == []


def test_a_reminder_in_any_text_is_caught() -> None:
    assert list(finished_text(LATER))

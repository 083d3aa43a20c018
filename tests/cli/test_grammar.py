"""The words of the command line: all documented, all connected, and there at once."""

import inspect
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

import click
import pytest
from click.testing import CliRunner

from adapters.cli.grammar.payments import STATUSES
from adapters.cli.grammar.tenants import SCOPES, STRATEGIES
from adapters.cli.main import build
from domain.payments.status import PaymentStatus
from domain.tenants.api_key import Scope
from domain.tenants.tenant import Strategy
from tests.cli.shell import imported

HEAVY = {
    "litestar",
    "sqlalchemy",
    "rich",
    "aiohttp",
    "cryptography",
    "msgspec",
    "dishka",
    "asyncio",
}
PROCESSES = {"serve", "worker", "migrate", "simulator", "simulate", "demo"}


class Recorder:
    """Remembers what it was told to run."""

    def __init__(self, status: int = 0) -> None:
        self.ran: list[tuple[str, Mapping[str, Any]]] = []
        self.status = status

    def run(self, command: str, options: Mapping[str, Any]) -> int:
        self.ran.append((command, options))
        return self.status


def every_command(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


COMMANDS = dict(every_command(build(Recorder())))


def words_for(command: click.Command) -> list[str]:
    """The least that the command can be called with."""
    words: list[str] = []
    for one in command.params:
        if one.required:
            word = "-" if isinstance(one.type, click.File) else "x"
            words += [one.opts[0], "maya"] if isinstance(one, click.Option) else [word]
    return words


def target(path: str) -> str:
    runner = Recorder()
    command = COMMANDS[path]
    result = CliRunner().invoke(build(runner), [*path.split(), *words_for(command)])
    assert result.exit_code == 0, result.output
    return runner.ran[0][0]


def arguments(call: Any) -> set[str]:
    """By name; those of a TypedDict when that is what it takes."""
    found: set[str] = set()
    for one in inspect.signature(call).parameters.values():
        if one.kind is inspect.Parameter.VAR_KEYWORD:
            found |= get_type_hints(one.annotation.__args__[0]).keys()
        elif one.name != "self":
            found.add(one.name)
    return found


@pytest.mark.parametrize("words", ["", "payments", "pay", "tenant create"])
def test_help_imports_nothing_heavy(words: str) -> None:
    code = f"""
import sys
from click.testing import CliRunner
from adapters.cli.main import build
class Nobody:
    def run(self, command, options): raise AssertionError
before = set(sys.modules)
sys.argv = ["cauri", *{words.split()!r}, "--help"]
try:
    build(Nobody()).main(prog_name="cauri")
except SystemExit as end:
    assert not end.code
print("MODULES", *sys.modules, file=sys.stderr)
"""
    code = code.replace("from click.testing import CliRunner\n", "")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in told.stderr.partition("MODULES")[2].split()}
    assert "click" in loaded
    assert not loaded & HEAVY
    assert "Usage: cauri" in told.stdout


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_says_what_it_does_and_shows_an_example(path: str) -> None:
    result = CliRunner().invoke(build(Recorder()), [*path.split(), "--help"], prog_name="cauri")
    assert result.exit_code == 0
    assert COMMANDS[path].help
    assert f"cauri {path}" in result.output.partition("Example:")[2]
    short = COMMANDS[path].get_short_help_str(80)
    assert not short.endswith("...")


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_has_help(path: str) -> None:
    for one in COMMANDS[path].params:
        if isinstance(one, click.Option):
            assert one.help, f"{path} {one.opts}"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_reaches_the_command_by_its_name(path: str) -> None:
    command = target(path)
    if command in PROCESSES:
        return
    wanted = arguments(imported(command).__call__)
    assert wanted == {one.name for one in COMMANDS[path].params}
    assert "json" in wanted


def test_every_process_is_run_under_its_own_name() -> None:
    assert {target(path) for path in COMMANDS} & PROCESSES == PROCESSES


@pytest.mark.parametrize("name", sorted({path.split()[0] for path in COMMANDS if " " in path}))
def test_no_list_of_commands_cuts_a_sentence_short(name: str) -> None:
    told = CliRunner().invoke(build(Recorder()), [name, "--help"]).output
    listed = told.partition("Commands:")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--port", "65536"],
        ["simulator", "--port", "-1"],
        ["worker", "--batch", "0"],
        ["simulate", "--payments", "0"],
        ["simulate", "--seed", "0"],
    ],
)
def test_a_number_out_of_bounds_starts_nothing(words: list[str]) -> None:
    runner = Recorder()
    assert CliRunner().invoke(build(runner), words).exit_code == 2
    assert runner.ran == []


def test_choices_are_the_words_of_the_domain() -> None:
    assert set(STRATEGIES) == set(Strategy)
    assert set(SCOPES) == set(Scope)
    assert set(STATUSES) == set(PaymentStatus)


def test_the_root_lists_every_command_and_the_exit_statuses() -> None:
    told = CliRunner().invoke(build(Recorder()), ["--help"]).output
    for path in COMMANDS:
        assert f"  {path.split()[0]} " in told
    assert "Exit status:" in told
    assert "5   unknown outcome" in told


def test_the_exit_status_is_the_runners() -> None:
    assert CliRunner().invoke(build(Recorder(4)), ["serve"]).exit_code == 4


def test_a_tenant_may_stand_in_the_environment() -> None:
    runner = Recorder()
    CliRunner().invoke(build(runner), ["key", "list"], env={"CAURI_TENANT": "ten_1"})
    assert runner.ran[0][1]["tenant"] == "ten_1"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (
            ["serve", "--host", "::", "--port", "0", "--data-dir", "d", "--no-worker"],
            {"host": "::", "port": 0, "data_dir": "d", "no_worker": True},
        ),
        (
            ["serve", "--data", "d"],
            {"host": None, "port": None, "data_dir": "d", "no_worker": False},
        ),
        (["worker", "--once"], {"batch": None, "data_dir": None, "once": True}),
        (["migrate", "--json"], {"data_dir": None, "check": False, "json": True}),
        (["simulator"], {"host": None, "port": None}),
        (
            ["simulate", "--seed", "7", "--payments", "20", "--faults", "heavy"],
            {
                "seed": 7,
                "payments": 20,
                "faults": "heavy",
                "providers": None,
                "sqlite": False,
                "shrink": False,
                "json": False,
            },
        ),
        (
            ["demo", "--port", "0"],
            {"host": None, "port": 0, "data_dir": None, "json": False},
        ),
    ],
)
def test_what_processes_are_told(words: list[str], wanted: dict[str, Any]) -> None:
    runner = Recorder()
    CliRunner().invoke(build(runner), words)
    assert runner.ran == [(words[0], wanted)]

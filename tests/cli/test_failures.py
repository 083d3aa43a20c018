"""An error is one line that says what to do, and an exit status that means something."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
import pytest
from click.testing import CliRunner

from adapters.cli.failures import ROWS
from adapters.cli.main import build
from domain import errors

SPEAKS_FOR_ITSELF = (
    errors.Forged,  # only a callback can be
    errors.Stale,
    errors.NotStored,
    errors.Rejected,
)


class Failing:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def run(self, command: str, options: Mapping[str, Any]) -> int:
        raise self.error


def run(error: BaseException, *words: str) -> Any:
    return CliRunner().invoke(build(Failing(error)), [*words, "key", "list"])


def every_error(kind: type[errors.CauriError] = errors.CauriError) -> Iterator[Any]:
    for one in kind.__subclasses__():
        if one.__module__ != errors.__name__:
            continue  # an adapter's own kind of one of them
        yield one
        yield from every_error(one)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.PaymentNotRefundable(), 1),
        (errors.RefundExceedsPayment(), 1),
        (errors.NotVerifiable(), 1),
        (errors.Forbidden(), 1),
        (errors.Invalid("is wrong", "amount"), 2),
        (errors.AmountAboveLimit(), 2),
        (errors.KeyReused(), 2),
        (errors.Unreadable(), 2),
        (errors.NotFound(), 3),
        (errors.KeyInProgress(), 4),
        (errors.Overloaded(), 4),
        (errors.Unavailable(), 4),
        (errors.StaleVersion(), 4),
        (errors.NoProviderAvailable(), 4),
        (errors.CommitUnknown(), 5),
        (errors.Rejected(), 70),
        (ValueError("a bug"), 70),
        (BaseExceptionGroup("of one", [errors.NotFound()]), 3),
    ],
)
def test_each_error_has_its_status_and_one_line(error: BaseException, status: int) -> None:
    result = run(error)
    assert result.exit_code == status
    assert result.stderr.startswith("cauri: ")
    assert result.stderr.count("\n") == 1
    assert not result.stdout


@pytest.mark.parametrize("kind", list(every_error()))
def test_every_error_of_the_domain_is_in_the_table(kind: type[errors.CauriError]) -> None:
    known = any(one in ROWS for one in kind.__mro__)
    assert known or kind in SPEAKS_FOR_ITSELF


def test_codes_are_the_apis() -> None:
    from adapters.http.problems import CODES

    for kind, row in ROWS.items():
        if kind in CODES:
            assert CODES[kind] == row.code  # type: ignore[index]


def test_an_error_names_its_field_and_what_to_do() -> None:
    assert run(errors.Invalid("is wrong", "amount")).stderr == "cauri: amount: is wrong\n"
    told = run(errors.CommitUnknown()).stderr
    assert "repeat with the same --key" in told
    assert "--debug" in run(ValueError("a\nbug")).stderr


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("payment pay_9", "there is no payment pay_9 (check the id, and --tenant)"),
        ("payment ", "there is no payment (check the id, and --tenant)"),
        ("event evt_9 was not sent", "event evt_9 was not sent (check the id, and --tenant)"),
        ("no tenant; see: cauri tenant list", "no tenant; see: cauri tenant list"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence_with_one_hint(told: str, line: str) -> None:
    assert run(errors.NotFound(told)).stderr == f"cauri: {line}\n"


def test_an_error_is_json_for_scripts() -> None:
    error = errors.Invalid("is wrong", "amount")
    result = CliRunner().invoke(build(Failing(error)), ["key", "list", "--json"])
    assert not result.stdout
    assert json.loads(result.stderr) == {
        "code": "validation_failed",
        "detail": "is wrong",
        "errors": [{"field": "amount", "message": "is wrong"}],
    }


@pytest.mark.parametrize("words", [["--debug"], []])
def test_a_traceback_is_shown_only_on_demand(words: list[str]) -> None:
    error = ValueError("a bug")
    result = run(error, *words)
    assert (result.exception is error) is bool(words)
    environ = {"CAURI_DEBUG": "1"} if words else {}
    told = CliRunner().invoke(build(Failing(error)), ["key", "list"], env=environ)
    assert (told.exception is error) is bool(words)


@pytest.mark.parametrize("error", [BrokenPipeError(), click.Abort(), click.UsageError("so not")])
def test_what_click_knows_better_is_left_to_it(error: BaseException) -> None:
    result = run(error)
    assert "internal_error" not in result.output
    assert result.exit_code in (1, 2)

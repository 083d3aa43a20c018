"""statements import: what matches, what is left, and what is refused."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.statements import MOST_COLUMNS, WORDS
from adapters.statements.columns import FORMS, columns_of
from domain.ports.providers import Providers
from domain.statements.match import Fate
from tests.cli.shell import Shell, Wiring
from tests.offline import a_counter_world
from tests.statements.files import COLUMNS, Line, a_camt, a_csv, an_mt940

GUIDE = Path(__file__).parents[2] / "docs" / "statements.md"


@pytest.fixture
def shell() -> Shell:
    world = asyncio.run(a_counter_world())
    wiring = Wiring(world)
    wiring.known[Providers] = world.companies
    return Shell(world, wiring)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "statement"


def pay(shell: Shell, amount: str = "1500.00") -> Any:
    return shell.json("pay", amount, "SDG", "--country", "SD", "--method", "bankak")


def named(payment: Any, amount: str = "1500.00", number: str = "FT1") -> Line:
    return Line(f"from {payment['nextAction']['referenceCode']}", amount, number)


def test_every_credit_is_told_and_what_matches_is_paid(shell: Shell, file: Path) -> None:
    first, second = pay(shell), pay(shell)
    lines = (named(first), named(second, "1400.00", "FT2"), Line("rent", "-20.00", "FT3"))
    for data, form in ((an_mt940(*lines), "MT940"), (a_camt(*lines), "camt.053")):
        file.write_bytes(data)
        words = ("statements", "import", str(file), "--provider", "bankak")
        assert shell.json(*words, "--dry-run")["dryRun"]
        told = shell.json(*words)
        assert (told["format"], told["dryRun"], told["notPayments"]) == (form, False, 1)
        assert [one["paymentId"] for one in told["data"]] == [first["id"], second["id"]]
        assert told["data"][1]["dueAmount"] == "1500.00"
        assert {name for name, count in told["counts"].items() if count} == {
            "matched" if form == "MT940" else "already_matched",
            "amount_differs",
        }
    assert shell.json("status", first["id"])["status"] == "succeeded"
    assert shell.json("status", second["id"])["status"] == "awaiting_verification"
    assert "attempt.on_statement" in shell("timeline", first["id"]).stdout


def test_people_are_told_what_is_left_to_them(shell: Shell, file: Path) -> None:
    payment, other = pay(shell), pay(shell)
    lines = (named(payment), named(payment, number="FT2"), Line("words", "1500.00", "FT3"))
    file.write_bytes(a_camt(*lines))
    words = ("statements", "import", str(file), "--provider", "bankak")
    dry = " ".join(shell(*words, "--dry-run").stdout.split())
    assert "1 would match, 0 matched before, 1 for a person, 1 without a reference" in dry
    assert dry.endswith("Nothing was stored.")
    told = " ".join(shell(*words).stdout.split())
    assert f"{payment['id']} another line has paid it" in told
    assert f"perhaps {other['id']}" in told
    assert "1 matched, 0 matched before" in told


def test_another_operators_import_is_the_second_pair_of_eyes(shell: Shell, file: Path) -> None:
    payment = pay(shell, "9000.00")
    file.write_bytes(an_mt940(named(payment, "9000.00")))
    words = ("statements", "import", str(file), "--provider", "bankak")
    assert shell.json(*words)["data"][0]["result"] == "waits_for_another"
    assert shell.json(*words, "--operator", "grace")["data"][0]["result"] == "matched"


def test_the_columns_of_a_csv_stand_in_a_file(shell: Shell, file: Path, tmp_path: Path) -> None:
    payment, columns = pay(shell), tmp_path / "columns.json"
    file.write_bytes(a_csv(named(payment)))
    words = ("statements", "import", str(file), "--provider", "bankak")
    status, told = shell.refused(*words)
    assert (status, "say which column is what" in told) == (2, True)
    for wrong in (b"{", b"[]", b"\xff", b" " * (MOST_COLUMNS + 1)):
        columns.write_bytes(wrong)
        status, told = shell.refused(*words, "--columns", str(columns))
        assert (status, told.startswith("cauri: columns: must be")) == (2, True)
    columns.write_text(json.dumps(COLUMNS), "utf-8")
    assert shell.json(*words, "--columns", str(columns))["counts"]["matched"] == 1


def test_a_file_that_is_not_there_or_wrong_is_one_line(shell: Shell, file: Path) -> None:
    words = ("statements", "import", str(file), "--provider", "bankak")
    assert "No such file" in shell(*words).stderr
    file.write_bytes(an_mt940(Line("x")).replace(b"SDG1500", b"SDG1600"))
    status, told = shell.refused(*words)
    assert status == 2
    assert told.startswith("cauri: file: line 1: the balances don't add up")
    status, told = shell.refused(*words[:-1], "cash")
    assert (status, told) == (2, "cauri: provider: no bank statement tells of its payments")


def test_the_guide_tells_every_result_and_its_columns_are_right() -> None:
    guide = GUIDE.read_text("utf-8")
    assert set(WORDS) == set(Fate)
    assert all(f"`{fate}`" in guide for fate in Fate)
    assert all(f"`{form}`" in guide for form in FORMS)
    columns_of(json.loads(guide.partition("```json")[2].partition("```")[0]))

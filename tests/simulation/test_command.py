"""`cauri simulate`, as it is typed."""

import json

import pytest

from domain.errors import Invalid
from entrypoints.simulation.cast import PAIR
from entrypoints.simulation.command import perform
from tests.simulation.mutants import MUTANTS


def test_it_says_that_no_law_was_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert perform({"payments": 25, "seed": 3}) == 0
    said = capsys.readouterr().out
    assert said.startswith("25 payments in 2 runs, seeds 3 to 4, light faults")
    assert said.endswith("No law was broken: every company's books and ours are one story.\n")


def test_a_broken_law_is_told_with_the_command_to_have_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with MUTANTS["no write-ahead commit"]():
        options = {"payments": 40, "seed": 3, "faults": "heavy", "providers": ",".join(PAIR)}
        status = perform({**options, "shrink": True})
    said = capsys.readouterr().out
    assert status == 1
    assert said.startswith("BROKEN  intent is stored before money moves: p")
    again = "--payments 20 --faults heavy --providers cash,gcash,maya --shrink"
    assert f"cauri simulate --seed 3 {again}" in said
    assert "\nwith    cash, gcash, maya\n" in said


def test_json_has_all_that_a_script_wants(capsys: pytest.CaptureFixture[str]) -> None:
    with MUTANTS["no write-ahead commit"]():
        pair = ",".join(PAIR)
        assert perform({"payments": 20, "seed": 3, "json": True, "providers": pair}) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["seed"], told["payments"], told["faults"]) == (3, 20, "light")
    assert told["broken"]["law"] == "intent is stored before money moves"
    assert told["broken"]["seed"] == 3
    assert told["broken"]["providers"] == told["providers"] == list(PAIR)


def test_it_runs_with_whom_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert perform({"payments": 20, "seed": 3, "providers": " stripe,octo"}) == 0
    assert "\nwith octo, stripe\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"payments": 0}, "payments"),
        ({"seed": 0}, "seed"),
        ({"faults": "none"}, "faults"),
        ({"providers": "maya,mayo"}, "providers"),
    ],
)
def test_what_cannot_be_simulated_is_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        perform(options)
    assert refused.value.field == field

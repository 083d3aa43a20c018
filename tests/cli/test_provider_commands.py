"""provider new, verify, matrix: what they print, and how they exit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from adapters.cli.provider import Verdict, Workshop
from domain.errors import Invalid
from tests.cli.shell import Shell


class Bench(Workshop):
    """One provider that fails as it is told."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}
        self.given: list[Mapping[str, Any] | None] = []

    def write(self, code: str, folder: str) -> Sequence[str]:
        if code == "maya":
            raise Invalid("there is a provider maya; choose another code", "name")
        return [f"{folder}/pyproject.toml"]

    async def verify(self, code: str, config: Mapping[str, Any] | None) -> AsyncIterator[Verdict]:
        self.given.append(config)
        for name in ("it_pays", "it_finds"):
            yield Verdict(name, self.wrong.get(name), "money in")

    def row(self, code: str) -> Mapping[str, Any]:
        return {"code": code, "countries": ["ZM"], "cancel": False, "deviations": {}}

    def codes(self) -> Sequence[str]:
        return ["acme_pay"]

    def page(self) -> str:
        return "# Providers\n"


@pytest.fixture
def bench(shell: Shell) -> Bench:
    made = Bench()
    shell.wiring.known[Workshop] = made
    return made


def test_a_new_provider_is_written_and_the_next_step_told(shell: Shell, bench: Bench) -> None:
    told = shell("provider", "new", "acme_pay", "--at", "here").stdout
    assert "here/pyproject.toml" in told
    assert "cauri provider verify acme_pay" in told
    assert shell.json("provider", "new", "acme_pay", "--at", "here") == {
        "code": "acme_pay",
        "files": ["here/pyproject.toml"],
    }
    assert shell.refused("provider", "new", "maya", "--at", "here")[0] == 2


def test_each_behaviour_is_told_and_a_failure_is_an_exit_status(shell: Shell, bench: Bench) -> None:
    told = shell("provider", "verify", "acme_pay")
    assert told.exit_code == 0
    assert "pass  it pays" in told.stdout
    assert told.stdout.count("Money in") == 1
    assert "countries: ZM; cancel: no; deviations: -" in told.stdout
    bench.wrong["it_finds"] = "rubbish.py:7: assert found"
    failed = shell("provider", "verify", "acme_pay")
    assert failed.exit_code == 1
    assert "FAIL  it finds" in failed.stdout
    assert "1 of 2 behaviours passed" in failed.stdout
    report = shell.json("provider", "verify", "acme_pay", status=1)
    assert report["failures"] == 1
    assert report["behaviours"][1]["told"] == "rubbish.py:7: assert found"


def test_a_sandboxs_credentials_are_read_and_never_shown(shell: Shell, bench: Bench) -> None:
    words = ("provider", "verify", "acme_pay", "--config", "-")
    told = shell(*words, stdin='{"api_key": "key-of-the-sandbox"}')
    assert bench.given == [{"api_key": "key-of-the-sandbox"}]
    assert "key-of-the-sandbox" not in told.output


def test_the_matrix_is_the_page_and_may_be_tried_first(shell: Shell, bench: Bench) -> None:
    assert shell("provider", "matrix").stdout == "# Providers\n"
    assert bench.given == []
    assert shell.json("provider", "matrix")["data"][0]["code"] == "acme_pay"
    bench.wrong["it_pays"] = "no"
    tried = shell("provider", "matrix", "--tried")
    assert tried.exit_code == 1
    assert "acme_pay: it_pays: no" in tried.stdout

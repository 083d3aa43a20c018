"""Commands are built from the types of their fields, over a database that is ready, or is not."""

import getpass
import json
from pathlib import Path

import pytest

from domain.errors import Unavailable
from entrypoints.commands import operator, perform
from entrypoints.settings import Settings
from tests.postgres import Cluster

pytestmark = pytest.mark.anyio

DOCTOR = "adapters.cli.doctor:Examine", {"no_probes": True, "json": True}
LIST = "adapters.cli.tenants:ListTenants", {"limit": 10, "json": True}


def shared(url: str) -> Settings:
    return Settings(
        database_url=url,
        public_url="https://pay.example",
        master_key="11" * 32,
        pepper="22" * 32,
    )


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_a_user_without_a_name_is_an_operator(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def nameless() -> str:
        raise error("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert operator() == "operator"
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert operator() == "ada"


async def test_on_one_machine_a_command_finds_its_schema_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=str(tmp_path / "new"), public_url="https://pay.example")
    assert await perform(*LIST, settings) == 0
    assert json.loads(capsys.readouterr().out) == {"data": [], "nextCursor": None}
    assert await perform(*DOCTOR, settings) == 0
    assert json.loads(capsys.readouterr().out)["clean"]


@pytest.mark.postgres
async def test_the_doctor_runs_on_a_schema_that_is_not_current_and_says_so(
    postgres_cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = shared(postgres_cluster.owner_dsn(postgres_cluster.new_database()))
    with pytest.raises(Unavailable, match="cauri migrate"):
        await perform(*LIST, settings)
    assert await perform(*DOCTOR, settings) == 1
    told = json.loads(capsys.readouterr().out)
    (wrong,) = [one for one in told["checks"] if one["status"] == "breach"]
    assert wrong["first"][0]["row"] == "schema"
    assert "cauri migrate" in wrong["first"][0]["message"]


async def test_the_doctor_says_that_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert await perform(*DOCTOR, shared("postgresql://app@127.0.0.1:1/none")) == 1
    told = json.loads(capsys.readouterr().out)
    (wrong,) = [one for one in told["checks"] if one["status"] == "breach"]
    assert "can't be reached" in wrong["first"][0]["message"]

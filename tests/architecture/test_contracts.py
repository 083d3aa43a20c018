"""The import contracts hold, and each of them can be broken."""

import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from importlinter.cli import lint_imports

ROOT: Final = Path(__file__).parents[2]
CONTRACTS: Final = ROOT / "importlinter.ini"

VERDICT: Final = re.compile(r"^(.+) (KEPT|BROKEN)\b", re.MULTILINE)

INNOCENT: Final = {
    "domain/money.py": "import decimal",
    "application/pay.py": "import domain.money",
    "adapters/http/app.py": "import litestar, dishka, uvicorn, application.pay",
    "adapters/sql/store.py": "import sqlalchemy, alembic, asyncpg, domain.money",
    "adapters/provider_kit/client.py": "import aiohttp",
    "adapters/providers/acme/wire.py": "import adapters.provider_kit.client",
    "adapters/providers/bank/wire.py": "import adapters.provider_kit.client",
    "entrypoints/api.py": "import dishka, adapters.http.app, adapters.providers.acme.wire",
    "tests/test_all.py": "import entrypoints.api",
}
GUILTY: Final = {
    "Dependencies point inwards": {"domain/bad.py": "import application.pay"},
    "Domain and application import the standard library only": {"domain/bad.py": "import msgspec"},
    "Adapters do not know each other, and only entrypoints know a provider": {
        "adapters/http/bad.py": "import adapters.providers.acme.wire",
    },
    "Providers do not know each other": {
        "adapters/providers/bank/bad.py": "import adapters.providers.acme.wire",
    },
    "SQLAlchemy and the database drivers stay in adapters.sql": {
        "adapters/memory/bad.py": "import sqlalchemy",
    },
    "Litestar stays in adapters.http": {"adapters/telemetry/bad.py": "import litestar"},
    "uvicorn stays in entrypoints and adapters.http": {"adapters/cli/bad.py": "import uvicorn"},
    "aiohttp stays in adapters.provider_kit and adapters.webhooks": {
        "adapters/providers/acme/bad.py": "import aiohttp"
    },
    "NATS and Redis stay in adapters.bell": {"adapters/sql/bad.py": "import nats"},
    "dishka stays in entrypoints and adapters.http": {"adapters/sql/bad.py": "import dishka"},
    "Production code never imports tests": {"entrypoints/bad.py": "import tests.test_all"},
    "No cycles among siblings": {
        "domain/fees/one.py": "import domain.ledger.two",
        "domain/ledger/two.py": "import domain.fees.one",
    },
}


@pytest.fixture
def loggers() -> Iterator[None]:
    """The linter switches off every logger that it finds; later tests read theirs."""
    yield
    for one in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(one, logging.Logger):
            one.disabled = False


@pytest.mark.usefixtures("loggers")
def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(CONTRACTS), no_cache=True, no_logo=True) == 0


def verdicts(folder: Path, modules: dict[str, str]) -> dict[str, str]:
    """Write the modules as a tree of packages, lint it, and read KEPT or BROKEN per contract."""
    shutil.copy(CONTRACTS, folder)
    for name, text in modules.items():
        module = folder / name
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(text + "\n")
        for package in module.relative_to(folder).parents[:-1]:
            (folder / package / "__init__.py").touch()
    command = "from importlinter.cli import lint_imports_command as run; run()"
    options = ["--config", CONTRACTS.name, "--no-cache", "--no-logo"]
    answer = subprocess.run(
        [sys.executable, "-c", command, *options],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = dict(VERDICT.findall(answer.stdout))
    assert told, answer.stdout + answer.stderr
    return told


def test_an_innocent_tree_keeps_every_contract(tmp_path: Path) -> None:
    assert verdicts(tmp_path, INNOCENT) == dict.fromkeys(GUILTY, "KEPT")


@pytest.mark.parametrize("contract", GUILTY)
def test_a_violation_is_reported(contract: str, tmp_path: Path) -> None:
    assert verdicts(tmp_path, INNOCENT | GUILTY[contract])[contract] == "BROKEN"

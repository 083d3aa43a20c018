"""A third party's provider: written from the template, installed, found, and held to the suite."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.provider_kit.scaffold import files, written
from domain.errors import Invalid
from tests.architecture.rules import ROOT

Python = Callable[..., subprocess.CompletedProcess[str]]
KNOWN = "from adapters.providers import discover; print(*sorted(discover()))"
RUN = "from entrypoints.cli import main; main()"


def distributed(site: Path, code: str, entry: str, **modules: str) -> None:
    """What an installer leaves of a package: its modules and its metadata."""
    info = site / f"cauri_{code}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: cauri-{code}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[cauri.providers]\n{entry}\n")
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text)


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """A fresh process in which the packages of tmp_path/site are installed."""

    def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            text=True,
            check=False,
            env={
                "PYTHONPATH": f"{tmp_path / 'site'}:{ROOT}",
                "CAURI_DATA_DIR": str(tmp_path / "data"),
                "PATH": "/usr/bin:/bin",
            },
        )

    return run


@pytest.mark.slow
def test_what_is_written_is_installed_found_and_passes(tmp_path: Path, python: Python) -> None:
    package, site = tmp_path / "package", tmp_path / "site"
    written("acme_pay", package)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--target", str(site), str(package)),
        ],
        check=True,
    )
    assert "acme_pay" in python(KNOWN).stdout.split()
    told = python(RUN, "provider", "verify", "acme_pay", "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    report: dict[str, Any] = json.loads(told.stdout)
    assert report["failures"] == 0
    assert report["capabilities"]["name"] == "Acme Pay"
    assert len(report["behaviours"]) > 20
    listed = python(RUN, "provider", "matrix").stdout
    assert "| `acme_pay` | Acme Pay |" in listed


@pytest.mark.slow
def test_a_provider_that_believes_rubbish_is_told_where(tmp_path: Path, python: Python) -> None:
    site = tmp_path / "site"
    entry = "acme_pay = cauri_acme_pay:MANIFEST"
    distributed(site, "acme_pay", entry)
    written("acme_pay", tmp_path / "package")
    (tmp_path / "package" / "cauri_acme_pay").rename(site / "cauri_acme_pay")
    wire = site / "cauri_acme_pay" / "wire.py"
    gullible = wire.read_text().replace(
        "        return unusable(answer)\n    if record.status",
        "        return Declined(failure=DOWN, elsewhere=True)\n    if record.status",
    )
    assert gullible != wire.read_text()
    wire.write_text(gullible)
    told = python(RUN, "provider", "verify", "acme_pay", "--json")
    assert told.returncode == 1
    report = json.loads(told.stdout)
    wrong = {one["behaviour"]: one["told"] for one in report["behaviours"] if not one["passed"]}
    assert report["failures"] == len(wrong)
    place = wrong["rubbish_instead_of_an_answer_is_not_believed"]
    assert "assert shop.moved(charge) == 0" in place
    assert "an_approved_payment_succeeds_once_to_the_minor_unit" not in wrong


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("maya = stray:MANIFEST", "there is a provider maya already"),
        ("stray = stray:NOTHING", "stray:NOTHING can't be loaded"),
        ("stray = nowhere:MANIFEST", "nowhere:MANIFEST can't be loaded"),
        ("stray = stray:OTHER", "stray:OTHER is no manifest"),
        ("stray = stray:MANIFEST", "entry point stray calls itself cash"),
    ],
)
def test_a_package_that_cannot_be_used_is_named(
    tmp_path: Path, python: Python, entry: str, told: str
) -> None:
    stray = "from adapters.providers.cash import MANIFEST\nOTHER = 5\n"
    distributed(tmp_path / "site", "stray", entry, stray=stray)
    failed = python(KNOWN)
    assert failed.returncode != 0
    assert f"package cauri-stray: {told}" in failed.stderr


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Invalid) as caught:
        written("acme_pay", tmp_path)
    assert caught.value.field == "at"
    with pytest.raises(Invalid):
        written("acme_pay", tmp_path / "mine.txt")


@pytest.mark.parametrize("code", ["", "a", "Acme", "acme-pay", "1acme", "../acme", "a" * 41])
def test_a_code_is_a_plain_word(tmp_path: Path, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        written(code, tmp_path / "new")
    assert caught.value.field == "name"
    assert not (tmp_path / "new").exists()


def test_nothing_of_the_example_is_left_in_what_is_written() -> None:
    for name, text in files("acme_pay").items():
        assert "provider_kit.template" not in text, name
        assert '"example"' not in text, name
        assert "ExampleProvider" not in text, name

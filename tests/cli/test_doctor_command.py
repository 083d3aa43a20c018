"""doctor: a table for people, JSON for scripts, an exit status for both."""

from dataclasses import replace

import pytest

from adapters.cli import show
from adapters.cli.doctor import TITLES
from domain.audit.dossier import Check
from domain.payments.status import PaymentStatus
from tests.builders import ACME
from tests.cli.shell import Shell


def plant(shell: Shell, many: int = 1) -> None:
    """Payments that say they expired."""
    for _ in range(many):
        shell("pay", "10.00", "PHP")
    payments = shell.world.database.shelf(ACME).payments
    for name, one in payments.items():
        payments[name] = replace(one, status=PaymentStatus.EXPIRED)


def test_a_healthy_installation(shell: Shell) -> None:
    shell("pay", "10.00", "PHP")
    result = shell("doctor")
    assert result.exit_code == 0
    assert "All is well." in result.stdout
    assert not result.stderr
    told = shell.json("doctor")
    assert told["clean"]
    assert [one["check"] for one in told["checks"]] == list(Check)
    assert {one["status"] for one in told["checks"]} == {"ok"}


def test_a_breach_is_named_and_exits_with_1(shell: Shell) -> None:
    plant(shell)
    told = shell.json("doctor", status=1)
    (wrong,) = [one for one in told["checks"] if one["check"] == "status_follows_attempts"]
    assert wrong["status"] == "breach"
    assert wrong["first"][0]["tenantId"] == ACME
    assert wrong["first"][0]["message"] == "is expired, its attempts make it pending"
    result = shell("doctor")
    assert result.exit_code == 1
    assert "BREACH" in result.stdout
    assert "is expired, its attempts make it pending" in result.stdout
    assert "2 things are wrong." in result.stdout


def test_many_breaches_are_counted(shell: Shell) -> None:
    plant(shell, 12)
    assert "status_follows_attempts: 2 more" in shell("doctor").stdout


def test_checks_that_were_left_out_say_so(shell: Shell) -> None:
    told = {one["check"]: one for one in shell.json("doctor", "--no-probes")["checks"]}
    assert told["provider_accounts"]["status"] == "not_checked"
    assert "not checked" in shell("doctor", "--no-probes").stdout


def test_every_check_has_a_title() -> None:
    assert set(TITLES) == set(Check)


def test_progress_is_shown_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with show.progress("Looking", quiet=False) as bar:
        bar.tell("silent")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with show.progress("Looking", quiet=True) as bar:
        assert type(bar) is show.Bar
    with show.progress("Looking", quiet=False) as bar:
        bar.tell("at it")
    told = capsys.readouterr()
    assert not told.out
    assert "at it" in told.err

"""`cauri jobs`: dead letters on the command line."""

import asyncio

import pytest

from adapters.cli.grammar.jobs import KINDS, STATES
from domain.ids import TenantId
from domain.ports.jobs import PLATFORM, JobKind, JobState
from tests.builders import ACME, OTHER, a_job, a_tenant, later
from tests.cli.shell import Shell, a_shell

DEAD = "notice:acc_maya:evt_1"


@pytest.fixture
def shell() -> Shell:
    made = a_shell()
    asyncio.run(made.world.tenants.add(a_tenant(OTHER, name="Other")))
    asyncio.run(some(made))
    return made


async def some(shell: Shell) -> None:
    """A dead letter of each tenant, one of the platform's, and one that waits."""
    for name, tenant_id in ((DEAD, ACME), ("theirs", OTHER), ("cron:a:1", PLATFORM)):
        await enqueue(shell, name, tenant_id)
        (job,) = await shell.world.queue.claim(later(0), 60, 10)
        async with shell.world.units(tenant_id) as unit:
            unit.jobs.bury(job, "GiveUp: it never works")
            await unit.commit()
    await enqueue(shell, "waits", ACME, 900)


async def enqueue(shell: Shell, name: str, tenant_id: TenantId, seconds: float = 0) -> None:
    async with shell.world.units(tenant_id) as unit:
        unit.jobs.enqueue(a_job(name, tenant_id, kind=JobKind.READ_NOTICE, run_at=later(seconds)))
        await unit.commit()


def listed(shell: Shell, *words: str) -> list[str]:
    return [one["id"] for one in shell.json("jobs", "list", *words)["data"]]


def test_dead_letters_are_listed_by_tenant_or_all(shell: Shell) -> None:
    assert listed(shell, "--tenant", "Acme") == [DEAD]
    assert listed(shell, "--tenant", "platform") == ["cron:a:1"]
    assert listed(shell, "--all") == ["theirs", DEAD, "cron:a:1"]
    assert listed(shell, "--all", "--state", "waiting") == ["waits"]
    assert listed(shell, "--all", "--kind", "deliver") == []


def test_pages_follow_each_other(shell: Shell) -> None:
    first = shell.json("jobs", "list", "--all", "--limit", "2")
    assert len(first["data"]) == 2
    rest = shell.json("jobs", "list", "--all", "--limit", "2", "--after", first["nextCursor"])
    assert [one["id"] for one in rest["data"]] == ["cron:a:1"]
    assert rest["nextCursor"] is None


def test_a_person_reads_what_became_of_it(shell: Shell) -> None:
    table = shell("jobs", "list", "--all").stdout
    assert "it never works" in table
    told = shell("jobs", "show", DEAD, "--tenant", "Acme").stdout
    for words in ("read_notice, urgent", "dead", "att_1", "1, of which 1 failed", "jobs retry"):
        assert words in told
    assert shell("jobs", "list", "--all", "--state", "done").stdout == "No job is done.\n"


def test_a_dead_letter_is_tried_again(shell: Shell) -> None:
    assert shell.json("jobs", "retry", DEAD, "--tenant", "Acme")["state"] == "waiting"
    assert listed(shell, "--tenant", "Acme") == []
    again = shell("jobs", "retry", "waits", "--tenant", "Acme")
    assert "due now" in again.stdout


def test_a_dead_letter_is_dropped(shell: Shell) -> None:
    assert "is gone" in shell("jobs", "drop", DEAD, "--tenant", "Acme").stdout
    status, told = shell.refused("jobs", "show", DEAD, "--tenant", "Acme")
    assert (status, DEAD in told) == (3, True)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("drop", "waits", "--tenant", "Acme"), 1, "only a dead letter"),
        (("retry", "none", "--tenant", "Acme"), 3, "none"),
        (("retry", "theirs", "--tenant", "Acme"), 3, "theirs"),
        (("list", "--all", "--tenant", "Acme"), 2, "not both"),
        (("list", "--all", "--after", "nonsense"), 2, "nextCursor"),
        (("show", DEAD), 2, "--tenant"),
    ],
)
def test_what_can_not_be_is_told_in_words(
    shell: Shell, words: tuple[str, ...], status: int, told: str
) -> None:
    found = shell.refused("jobs", *words)
    assert found[0] == status, found
    assert told in found[1]


def test_the_words_are_the_domains() -> None:
    assert tuple(JobState) == STATES
    assert tuple(JobKind) == KINDS

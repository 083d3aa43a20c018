"""Endpoints, deliveries and events on the command line."""

import asyncio
import json
from typing import Any

import pytest

from domain.ports.post import Posted
from tests.cli.shell import Shell
from tests.webhooks.mailroom import Mailroom

URL = "https://shop.example/hooks"


@pytest.fixture
def mailroom(shell: Shell) -> Mailroom:
    made = Mailroom(shell.world)
    shell.wiring.know_webhooks(made)
    return made


def happen(mailroom: Mailroom, count: int = 1) -> None:
    """So many payments are made, told and delivered."""

    async def work() -> None:
        for number in range(count):
            await mailroom.world.pay(key=f"k{number}", reference=f"r{number}")
        await mailroom.work()

    asyncio.run(work())


def added(shell: Shell, *words: str) -> dict[str, Any]:
    return dict(shell.json("endpoints", "add", URL, *words))


@pytest.mark.usefixtures("mailroom")
def test_an_endpoint_is_added_shown_changed_and_removed(shell: Shell) -> None:
    made = added(shell, "--types", "payment.failed,payment.succeeded", "--description", "orders")
    endpoint, secret = made["id"], made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["events"] == ["payment.failed", "payment.succeeded"]
    assert shell.json("endpoints", "list")["data"] == [made]
    assert shell.json("endpoints", "show", endpoint) == made
    changed = shell.json("endpoints", "update", endpoint, "--types", "all", "--ordered")
    assert changed == made | {"events": [], "ordered": True}
    assert shell.json("endpoints", "update", endpoint, "--disable")["status"] == "disabled"
    assert shell.json("endpoints", "enable", endpoint)["status"] == "active"
    assert shell.json("endpoints", "rotate", endpoint)["secret"] not in ("", secret)
    assert shell.json("endpoints", "remove", endpoint) == {"id": endpoint, "deleted": True}
    assert shell.refused("endpoints", "show", endpoint)[0] == 3


@pytest.mark.usefixtures("mailroom")
def test_people_are_told_what_to_do_next(shell: Shell) -> None:
    assert "cauri endpoints add" in shell("endpoints", "list").output
    told = shell("endpoints", "add", URL).output
    assert told.startswith("whsec_")
    assert "not shown again" in told
    endpoint = shell.json("endpoints", "list")["data"][0]["id"]
    assert f"cauri endpoints test {endpoint}" in told
    shown = shell("endpoints", "show", endpoint).output
    assert "whsec_" not in shown
    assert "all" in shown
    assert "active" in shell("endpoints", "list").output
    assert "24 hours" in shell("endpoints", "rotate", endpoint).output
    assert "deleted" in shell("endpoints", "remove", endpoint).output


@pytest.mark.usefixtures("mailroom")
@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("add", "http://shop.example/"), "url"),
        (("add", "https://10.0.0.1/"), "url"),
        (("add", URL, "--types", "payment.invented"), "events"),
        (("replay", "whk_1"), "--event"),
        (("replay", "whk_1", "--failed", "--numbers", "1"), "--event"),
        (("replay", "whk_1", "--numbers", "a-b"), "numbers"),
        (("replay", "whk_1", "--from", "soon", "--to", "later"), "from"),
        (("replay", "whk_1", "--numbers", "9-3"), "numbers: must not end before it begins"),
        (("replay", "whk_1", "--from", "2026-02-08", "--to", "2026-02-07"), "to: must not end"),
        (("add", "http://localhost:3000/hooks"), "cauri listen"),
    ],
)
def test_what_is_wrong_names_the_field(shell: Shell, words: tuple[str, ...], field: str) -> None:
    status, told = shell.refused("endpoints", *words)
    assert status == 2
    assert field in told


def test_a_test_event_and_its_log(shell: Shell, mailroom: Mailroom) -> None:
    endpoint = added(shell)["id"]
    mailroom.merchants.answers[URL] = Posted(500, 12, b"try\nlater")
    event = shell.json("endpoints", "test", endpoint)["event"]
    again = shell("endpoints", "test", endpoint).output
    assert f"cauri endpoints deliveries {endpoint} --event evt_" in again
    asyncio.run(mailroom.work())
    log = shell.json("endpoints", "deliveries", endpoint, "--event", event)
    assert [(one["status"], one["answer"]) for one in log["attempts"]] == [(500, "try\nlater")]
    told = shell("endpoints", "deliveries", endpoint, "--event", event).output
    assert "500" in told
    assert "try later" in told
    (first, second) = shell.json("endpoints", "deliveries", endpoint)["data"]
    assert (first["number"], second["number"], second["event"]) == (2, 1, event)
    assert shell.json("endpoints", "deliveries", endpoint, "--state", "failed")["data"] == []
    assert "No delivery" in shell("endpoints", "deliveries", endpoint, "--state", "failed").output
    page = shell.json("endpoints", "deliveries", endpoint, "--limit", "1")
    rest = shell.json("endpoints", "deliveries", endpoint, "--after", page["nextCursor"])
    assert [one["number"] for one in rest["data"]] == [1]
    unknown = shell.refused("endpoints", "deliveries", endpoint, "--event", "evt_0")
    assert unknown[0] == 3


def test_events_are_sent_once_more(shell: Shell, mailroom: Mailroom) -> None:
    endpoint = added(shell)["id"]
    happen(mailroom, 3)
    assert len(mailroom.merchants.heard) == 3
    told = shell.json("endpoints", "replay", endpoint, "--numbers", "2-3")
    assert told == {"replayed": 2, "next": None}
    told = shell("endpoints", "replay", endpoint, "--numbers", "1").output
    assert told == "1 delivery begins anew.\n"
    assert "0 deliveries" in shell("endpoints", "replay", endpoint, "--failed").output
    times = ("--from", "2026-02-07", "--to", "2026-02-08")
    assert shell.json("endpoints", "replay", endpoint, *times)["replayed"] == 3
    asyncio.run(mailroom.work())
    assert len(mailroom.merchants.heard) == 3 + 3


def test_events_are_listed_by_their_numbers(shell: Shell, mailroom: Mailroom) -> None:
    assert "No event" in shell("events", "list").output
    happen(mailroom, 3)
    page = shell.json("events", "list", "--limit", "2")
    assert ([one["number"] for one in page["data"]], page["hasMore"]) == ([1, 2], True)
    rest = shell.json("events", "list", "--after", str(page["nextAfter"]))
    assert ([one["number"] for one in rest["data"]], rest["hasMore"]) == ([3], False)
    assert shell.json("events", "list", "--types", "payment.failed")["data"] == []
    told = shell("events", "list", "--limit", "2").output
    assert "payment.pending" in told
    assert "1500.00 PHP" in told
    assert "--after 2" in told
    assert shell.refused("events", "list", "--types", "nonsense")[0] == 2


def test_an_event_is_shown_as_it_was_sent(shell: Shell, mailroom: Mailroom) -> None:
    endpoint = added(shell)["id"]
    happen(mailroom)
    body = json.loads(mailroom.merchants.heard[0][2])
    assert shell.json("events", "show", body["id"]) == body
    told = shell("events", "show", body["id"]).output
    assert f"{endpoint}  delivered  sent 1 times" in told
    assert shell.refused("events", "show", "evt_0")[0] == 3

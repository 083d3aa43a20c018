"""cauri account webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import Invalid
from domain.ids import AccountId
from domain.ports.callback_addresses import CallbackAddress, ListsCallbacks
from domain.ports.providers import Registers
from tests.application.company import Company
from tests.cli.shell import Shell

MAYA = AccountId("acc_maya")
OWN = "/api/payments/webhook/acc_maya"
PAID, FAILED, EXTRA = "PAID", "FAILED", "PAYOUT"


class Quiet(Company, Registers):
    """Takes an address, gives a secret for it, and tells nothing of what it has."""

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        return {"secret": "s"}


class Exchange(Company, Registers, ListsCallbacks):
    """Calls an address for each event."""

    def __init__(self, **known: str) -> None:
        super().__init__("maya")
        self.known = known
        self.away = False

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        self.known |= {PAID: callback_url, FAILED: callback_url}
        return {}

    async def callback_addresses(self, *, timeout_s: float) -> Sequence[CallbackAddress]:
        if self.away:
            raise Invalid("Maya could not be reached: refused", "baseUrl")
        return [CallbackAddress(*one) for one in self.known.items()]


def calling(shell: Shell, client: Company) -> None:
    shell.world.companies.own[MAYA] = client


def states(told: Any) -> dict[str, str]:
    return {one["event"]: one["state"] for one in told["webhooks"]}


def test_what_is_missing_is_registered_and_the_rest_is_told(shell: Shell) -> None:
    calling(shell, Exchange(PAID="https://old.example/", PAYOUT="https://other.example/"))
    told = shell.json("account", "webhooks", MAYA)
    assert told["callbackUrl"].endswith(OWN)
    assert states(told) == {PAID: "moved here", FAILED: "added", EXTRA: "elsewhere"}
    again = shell.json("account", "webhooks", MAYA)
    assert states(again) == {PAID: "unchanged", FAILED: "unchanged", EXTRA: "elsewhere"}
    table = shell("account", "webhooks", MAYA).stdout
    assert OWN in table
    assert "https://other.example/" in table


def test_another_address_may_be_given(shell: Shell) -> None:
    calling(shell, Exchange())
    told = shell.json("account", "webhooks", MAYA, "--url", "https://pay.example.com/hook")
    assert {one["url"] for one in told["webhooks"]} == {"https://pay.example.com/hook"}
    status, words = shell.refused("account", "webhooks", MAYA, "--url", "pay.example.com")
    assert (status, words.partition(" must")[0]) == (2, "cauri: url:")


def test_a_provider_that_keeps_no_list_says_so(shell: Shell) -> None:
    calling(shell, Quiet("maya"))
    assert shell.json("account", "webhooks", MAYA)["webhooks"] is None
    assert shell.world.database.accounts[MAYA].sealed == b"sealed"
    assert "can't be asked" in shell("account", "webhooks", MAYA).stdout


def test_a_provider_that_takes_no_address_says_where_it_goes(shell: Shell) -> None:
    status, words = shell.refused("account", "webhooks", MAYA)
    assert status == 2
    assert "by hand" in words or "its dashboard" in words
    assert OWN in words


def test_a_provider_that_is_away_is_named(shell: Shell) -> None:
    exchange = Exchange()
    exchange.away = True
    calling(shell, exchange)
    status, words = shell.refused("account", "webhooks", MAYA)
    assert status == 2
    assert "could not be reached" in words
    assert not exchange.known

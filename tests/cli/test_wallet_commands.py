"""cauri wallets, and what payments earn."""

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from adapters.cli.wallet_words import history_words, move_words, spend_words, wallets_words
from adapters.http.wire.wallets import MoveList, SpendReply, WalletsReply
from domain.ids import JournalId
from domain.ledger.journal import JournalKind
from domain.ports.ledger import Entry, EntryPage
from domain.tenants.reward_rule import RewardRule
from tests.builders import ACME, NOW, later
from tests.cli.shell import Shell
from tests.wallets.builders import a_spend, a_wallet, points

encode = msgspec.json.encode


@pytest.fixture
def shop(shell: Shell) -> Shell:
    """cus_42 has 150 points."""
    shell("tenant", "reward", "1 point per 10 PHP")
    told = shell.json("pay", "1500.00", "PHP", "--customer-id", "cus_42", "--method", "maya")
    shell.world.companies.maya.pay(told["attempts"][0]["id"])
    asyncio.run(shell.world.work(5))
    return shell


def test_rules_are_set_shown_and_removed(shell: Shell) -> None:
    assert "Payments earn nothing" in shell("tenant", "reward").stdout
    told = shell.json("tenant", "reward", "1 point per 10 PHP", "0.50 USD per 100 USD")
    assert told["rewards"] == ["1 point per 10.00 PHP", "0.50 USD per 100.00 USD"]
    stored = shell.world.database.tenants[ACME].rewards
    assert stored[0] == RewardRule.parse("1 point per 10 PHP")
    assert shell("tenant", "reward").stdout.splitlines() == told["rewards"]
    assert shell.json("tenant", "reward", "--none")["rewards"] == []


@pytest.mark.parametrize(
    "words",
    [
        ["points"],
        ["1 point per 10 PHP", "2 points per 10 PHP"],
        ["1 point per 10 PHP", "--none"],
    ],
)
def test_rules_that_cannot_be_are_refused(shell: Shell, words: list[str]) -> None:
    status, told = shell.refused("tenant", "reward", *words)
    assert status == 2
    assert told.startswith("cauri: reward: ")


def test_a_tenant_is_opened_with_its_rules(shell: Shell) -> None:
    told = shell.json("tenant", "create", "Beta", "--reward", "1 point per 10 PHP")
    assert told["rewards"] == ["1 point per 10.00 PHP"]


def test_a_wallet_is_shown_spent_and_reversed(shop: Shell) -> None:
    assert "150" in shop("wallets", "show", "cus_42").stdout
    spent = shop.json("wallets", "spend", "cus_42", "100", "PTS", "--reference", "o2", "--key", "k")
    assert (spent["balance"], spent["reference"]) == ("50", "o2")
    again = shop.json("wallets", "spend", "cus_42", "100", "PTS", "--reference", "o2", "--key", "k")
    assert again["idempotencyReplayed"]
    back = shop.json("wallets", "reverse", "cus_42", spent["id"], "--amount", "30")
    assert (back["status"], back["balance"]) == ("reversed", "80")
    told = shop("wallets", "history", "cus_42").stdout
    assert "spend_reversed" in told
    assert "-100" in told
    assert len(shop.json("wallets", "history", "cus_42", "--limit", "2")["data"]) == 2


def test_a_customer_without_a_history_is_told_in_words(shop: Shell) -> None:
    assert shop("wallets", "history", "cus_43").stdout == "Nothing moved.\n"


def test_a_history_goes_on(shop: Shell) -> None:
    shop("wallets", "spend", "cus_42", "1", "PTS")
    first = shop.json("wallets", "history", "cus_42", "--limit", "1")
    words = ("wallets", "history", "cus_42", "--limit", "1", "--unit", "PTS")
    rest = shop.json(*words, "--after", first["nextCursor"])
    assert {one["type"] for one in first["data"] + rest["data"]} == {"credited", "spent"}
    assert f"--after {first['nextCursor']}" in shop(*words).stdout


def test_too_much_is_refused(shop: Shell) -> None:
    status, told = shop.refused("wallets", "spend", "cus_42", "151", "PTS")
    assert (status, "150 PTS can be spent" in told) == (1, True)


def test_nobodys_wallet_is_said_to_be_empty(shop: Shell) -> None:
    assert "Nothing was ever credited" in shop("wallets", "show", "nobody").stdout
    assert shop.json("wallets", "show", "nobody") == {"customerId": "nobody", "wallets": []}


def entry(**changes: Any) -> Entry:
    known: dict[str, Any] = {
        "journal_id": JournalId("jrn_1"),
        "position": 1,
        "kind": JournalKind.WALLET_CREDITED,
        "at": NOW,
        "account": "wallet:wal_1",
        "contra": "rewards",
        "is_debit": False,
        "amount": points(7),
        "payment_id": "pay_1",
        "subject": "wal_1",
    }
    return Entry(**(known | changes))


def test_the_command_line_and_http_say_the_same() -> None:
    wallet, spend = a_wallet(-5), a_spend(100)
    wallets = [wallet, replace(wallet, updated_at=later(1.5))]
    assert encode(wallets_words("c", wallets)) == encode(WalletsReply.of("c", wallets))
    for one in (spend, spend.reverse(points(3), later(2))):
        assert encode(spend_words(one, wallet)) == encode(SpendReply.of(one, wallet))
    spent = entry(kind=JournalKind.WALLET_SPENT, is_debit=True, payment_id=None, subject="spd_1")
    for end in (None, spent.place):
        page = EntryPage([entry(), spent], end)
        assert encode(history_words(page)) == encode(MoveList.of(page))
    assert move_words(spent)["amount"] == "-7"

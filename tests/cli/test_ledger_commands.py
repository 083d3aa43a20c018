"""cauri ledger: what is in the accounts, and how it got there."""

import asyncio
from typing import Any

import msgspec
import pytest

from adapters.cli.ledger_words import accounts_words, entries_words, journal_words
from adapters.http.wire.ledger import AccountList, EntryList, JournalReply
from domain.ids import JournalId, PaymentId
from domain.ledger.journal import Journal, JournalKind, Transfer
from domain.money import Money
from domain.ports.ledger import Balance, Entry, EntryPage, StoredJournal
from tests.builders import JPY, NOW, PHP, later, payment_id, php
from tests.cli.shell import Shell

encode = msgspec.json.encode


@pytest.fixture
def shop(shell: Shell) -> Shell:
    """One payment of 1500.00 was paid at Maya."""
    told = shell.json("pay", "1500.00", "PHP", "--method", "maya")
    shell.world.companies.maya.pay(told["attempts"][0]["id"])
    asyncio.run(shell.world.work(5))
    return shell


def test_accounts_are_listed_with_their_balances(shop: Shell) -> None:
    told = shop.json("ledger", "accounts")
    assert [(one["code"], one["type"], one["balance"]) for one in told["data"]] == [
        ("provider_fees", "expense", "52.50"),
        ("receivable:maya", "asset", "1447.50"),
        ("sales", "income", "1500.00"),
    ]
    shown = shop("ledger", "accounts").stdout
    assert "receivable:maya" in shown
    assert "1447.50" in shown


def test_accounts_of_an_earlier_moment_are_empty(shop: Shell) -> None:
    assert shop.json("ledger", "accounts", "--at", "2026-02-07")["data"] == []
    assert "Nothing was booked by then" in shop("ledger", "accounts", "--at", "2026-02-07").stdout
    told = shop.json("ledger", "accounts", "--at", "2026-02-08")
    assert (len(told["data"]), told["at"]) == (3, "2026-02-08T00:00:00Z")


def test_entries_are_paged(shop: Shell) -> None:
    first = shop.json("ledger", "entries", "sales", "--limit", "1")
    rest = shop.json("ledger", "entries", "sales", "--after", first["nextCursor"])
    both = [one["amount"] for one in (*first["data"], *rest["data"])]
    assert sorted(both) == ["1447.50", "52.50"]
    assert rest["nextCursor"] is None
    shown = shop("ledger", "entries", "sales", "--limit", "1").stdout
    assert f"More: --after {first['nextCursor']}" in shown


def test_a_journal_is_shown_with_its_transfers(shop: Shell) -> None:
    name = shop.json("ledger", "entries", "sales")["data"][0]["journalId"]
    told = shop.json("ledger", "journal", name)
    assert (told["kind"], len(told["transfers"])) == ("paid", 2)
    shown = shop("ledger", "journal", name).stdout
    assert told["paymentId"] in shown
    assert "1447.50" in shown


def test_an_account_without_entries_says_so(shell: Shell) -> None:
    assert shell("ledger", "entries", "surplus").stdout == "Nothing was booked on it.\n"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("ledger", "journal", "jrn_9"), 3, "jrn_9"),
        (("ledger", "entries", "sails"), 3, "cauri ledger accounts"),
        (("ledger", "entries", "wallet:*"), 2, "ask for one"),
        (("ledger", "entries", "sales", "--after", "x"), 2, "cursor"),
        (("ledger", "accounts", "--at", "soon"), 2, "at"),
    ],
)
def test_what_is_wrong_is_told(
    shell: Shell, words: tuple[str, ...], status: int, told: str
) -> None:
    found, line = shell.refused(*words)
    assert found == status
    assert told in line


BALANCES = [Balance("sales", PHP, 100, 20_000), Balance("surplus", JPY, 7, 0)]
ENTRY = Entry(
    journal_id=JournalId(f"jrn_{1:026d}000100"),
    position=2,
    kind="paid",
    at=later(0.000001),
    account="sales",
    contra="receivable:maya",
    is_debit=False,
    amount=php("199.00"),
    payment_id=payment_id(),
    subject="att_1",
)
JOURNAL = StoredJournal(
    ENTRY.journal_id,
    Journal(
        JournalKind.SETTLED,
        NOW,
        "rec_1",
        (Transfer("bank", "receivable:maya", php("1.00")), Transfer("a", "b", Money(3, JPY))),
        PaymentId("pay_1"),
        "défaut",
    ),
)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (accounts_words(BALANCES, NOW), AccountList.of(BALANCES, NOW)),
        (accounts_words([], None), AccountList.of([], None)),
        (
            entries_words(EntryPage([ENTRY], ENTRY.place)),
            EntryList.of(EntryPage([ENTRY], ENTRY.place)),
        ),
        (journal_words(JOURNAL), JournalReply.of(JOURNAL)),
    ],
    ids=["accounts", "no accounts", "entries", "journal"],
)
def test_the_command_line_says_what_http_says(ours: Any, theirs: Any) -> None:
    assert encode(ours) == encode(theirs)

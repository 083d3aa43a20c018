"""The ledger over HTTP: balances, entries and journals, for their tenant and its scope alone."""

from typing import Any

import pytest

from domain.ids import JournalId
from domain.ledger.journal import Journal, JournalKind, Transfer
from domain.tenants.api_key import EVERY_SCOPE, Scope
from tests.builders import ACME, NOW, OTHER, php
from tests.http.site import Site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def paid(site: Site) -> dict[str, Any]:
    """1500.00, through Maya."""
    return await site.paid(method="maya")


async def data(site: Site, path: str) -> list[dict[str, Any]]:
    answer = await site.get(path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_every_account_is_told_with_its_balance(site: Site, paid: dict[str, Any]) -> None:
    answer = (await site.get("/api/ledger/accounts")).json()
    assert answer == {
        "data": [
            {
                "code": "provider_fees",
                "type": "expense",
                "currency": "PHP",
                "balance": "52.50",
                "debits": "52.50",
                "credits": "0.00",
            },
            {
                "code": "receivable:maya",
                "type": "asset",
                "currency": "PHP",
                "balance": "1447.50",
                "debits": "1447.50",
                "credits": "0.00",
            },
            {
                "code": "sales",
                "type": "income",
                "currency": "PHP",
                "balance": "1500.00",
                "debits": "0.00",
                "credits": "1500.00",
            },
        ],
        "at": None,
        "nextCursor": None,
    }


async def test_a_balance_against_its_side_is_negative(site: Site) -> None:
    await post(site, "bank", "receivable:maya")
    assert [one["balance"] for one in await data(site, "/api/ledger/accounts")] == ["1.00", "-1.00"]


async def post(site: Site, debit: str, credit: str, number: int = 1) -> None:
    async with site.world.units(ACME) as unit:
        transfers = (Transfer(debit, credit, php("1.00")),)
        journal = Journal(JournalKind.SETTLED, NOW, "rec_1", transfers)
        unit.ledger.post(journal, JournalId(f"jrn_{number:026d}"))
        await unit.commit()


async def test_customers_wallets_are_one_line(site: Site) -> None:
    for number in range(3):
        await post(site, "rewards", f"wallet:wal_{number}", number)
    told = await data(site, "/api/ledger/accounts")
    assert [(one["code"], one["type"], one["balance"]) for one in told] == [
        ("rewards", "expense", "3.00"),
        ("wallet:*", "liability", "3.00"),
    ]
    assert len(await data(site, "/api/ledger/accounts/wallet:wal_1/entries")) == 1


async def test_balances_are_as_of_a_moment(site: Site, paid: dict[str, Any]) -> None:
    assert await data(site, "/api/ledger/accounts?at=2026-02-07T09:00:00Z") == []
    answer = (await site.get("/api/ledger/accounts?at=2026-02-08T00:00:00%2B08:00")).json()
    assert len(answer["data"]) == 3
    assert answer["at"] == "2026-02-07T16:00:00Z"


async def test_entries_lead_to_their_journal(site: Site, paid: dict[str, Any]) -> None:
    (entry,) = await data(site, "/api/ledger/accounts/receivable:maya/entries")
    assert (entry["side"], entry["amount"], entry["contra"]) == ("debit", "1447.50", "sales")
    assert entry["paymentId"] == paid["id"]
    journal = (await site.get(f"/api/ledger/journals/{entry['journalId']}")).json()
    assert journal["subject"] == entry["subject"] == paid["attempts"][0]["id"]
    moved = [(one["debit"], one["credit"], one["amount"]) for one in journal["transfers"]]
    assert sorted(moved) == [
        ("provider_fees", "sales", "52.50"),
        ("receivable:maya", "sales", "1447.50"),
    ]


async def test_entries_are_paged(site: Site) -> None:
    for number in range(5):
        await post(site, "bank", "sales", number)
    seen, cursor = [], ""
    for _ in range(3):
        answer = (await site.get(f"/api/ledger/accounts/bank/entries?limit=2{cursor}")).json()
        seen += [one["journalId"][-1] for one in answer["data"]]
        cursor = f"&cursor={answer['nextCursor']}"
    assert (seen, cursor) == (["4", "3", "2", "1", "0"], "&cursor=None")


async def test_an_account_that_was_not_used_yet_has_no_entries(site: Site) -> None:
    assert await data(site, "/api/ledger/accounts/surplus/entries") == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/ledger/accounts?at=soon", 422, "validation_failed"),
        ("/api/ledger/accounts?when=now", 422, "validation_failed"),
        ("/api/ledger/accounts/sails/entries", 404, "not_found"),
        (f"/api/ledger/accounts/receivable:{'x' * 99}/entries", 404, "not_found"),
        ("/api/ledger/accounts/receivable:%C3%A9/entries", 404, "not_found"),
        ("/api/ledger/accounts/wallet:*/entries", 422, "validation_failed"),
        ("/api/ledger/accounts/sales/entries?cursor=x", 422, "validation_failed"),
        ("/api/ledger/accounts/sales/entries?limit=201", 422, "validation_failed"),
        ("/api/ledger/journals/jrn_9", 404, "not_found"),
        ("/api/ledger/journals/pay_9", 404, "not_found"),
    ],
)
async def test_what_is_wrong_is_told(site: Site, path: str, status: int, code: str) -> None:
    answer = await site.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_anothers_books_are_closed(site: Site, paid: dict[str, Any]) -> None:
    (entry,) = await data(site, "/api/ledger/accounts/receivable:maya/entries")
    theirs = f"Bearer {await site.make_key(OTHER)}"
    for path in ("accounts", "accounts/receivable:maya/entries"):
        answer = await site.get(f"/api/ledger/{path}", authorization=theirs)
        assert answer.json()["data"] == []
    one = f"/api/ledger/journals/{entry['journalId']}"
    assert (await site.get(one, authorization=theirs)).status_code == 404


async def test_it_takes_its_scope(site: Site) -> None:
    without = f"Bearer {await site.make_key(scopes=EVERY_SCOPE - {Scope.LEDGER_READ})}"
    for path in ("accounts", "accounts/sales/entries", "journals/jrn_1"):
        answer = await site.get(f"/api/ledger/{path}", authorization=without)
        assert answer.status_code == 403

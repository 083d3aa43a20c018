"""The ledger: balances, an account's entries, a journal. Nothing here posts one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http import ledger_examples as examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.operation import Call, Operation
from adapters.http.wire.ledger import (
    AccountList,
    AccountsQuery,
    EntriesQuery,
    EntryList,
    JournalReply,
)
from adapters.http.wire.reading import Nothing, Query
from domain.errors import Invalid, NotFound
from domain.ids import JournalId
from domain.ledger.chart import EVERY_WALLET, AccountType, type_of
from domain.ports.ledger import Ledger
from domain.tenants.api_key import Scope

LONGEST_CODE: Final = 80
ACCOUNTS: Final = Operation(
    method="GET",
    path="/api/ledger/accounts",
    summary="Balances of all accounts, now or as of a moment",
    scope=Scope.LEDGER_READ,
    reads=Query(AccountsQuery),
    replies=AccountList,
    tag="Ledger",
    example=examples.ACCOUNTS,
)
ENTRIES: Final = Operation(
    method="GET",
    path="/api/ledger/accounts/{code:str}/entries",
    summary="List an account's entries, newest first",
    scope=Scope.LEDGER_READ,
    reads=Query(EntriesQuery),
    replies=EntryList,
    errors=("not_found",),
    tag="Ledger",
    example=examples.ENTRIES,
)
JOURNAL: Final = Operation(
    method="GET",
    path="/api/ledger/journals/{id:str}",
    summary="Get a journal with its transfers",
    scope=Scope.LEDGER_READ,
    reads=Nothing(),
    replies=JournalReply,
    errors=("not_found",),
    tag="Ledger",
    example=examples.JOURNAL,
)


@dataclass(frozen=True, slots=True)
class LedgerController:
    ledger: Ledger

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            ACCOUNTS.served(desk, self.accounts),
            ENTRIES.served(desk, self.entries),
            JOURNAL.served(desk, self.journal),
        ]

    async def accounts(self, call: Call, query: AccountsQuery) -> Ready:
        """Every account that was ever used. Debits and credits of all of them are equal."""
        at = query.moment()
        return encoded(AccountList.of(await self.ledger.balances(call.caller.tenant_id, at), at))

    async def entries(self, call: Call, query: EntriesQuery) -> Ready:
        """Pages stay right while entries are added: pass `nextCursor` as `cursor`."""
        tenant_id, code = call.caller.tenant_id, _account(call)
        page = await self.ledger.entries(tenant_id, code, query.before(), query.limit)
        return encoded(EntryList.of(page))

    async def journal(self, call: Call, _: None) -> Ready:
        """All that one move of money did."""
        journal_id = JournalId(call.id("jrn_"))
        return encoded(
            JournalReply.of(await self.ledger.journal(call.caller.tenant_id, journal_id))
        )


def _account(call: Call) -> str:
    """A code of the chart, from the path. Raises NotFound, Invalid."""
    code = call.text("code")
    known = len(code) <= LONGEST_CODE and code.isprintable() and code.isascii()
    if code == EVERY_WALLET:
        raise Invalid("stands for all wallets; ask for one, wallet:<its id>", "code")
    if not known or type_of(code) is AccountType.OTHER:
        raise NotFound("there is no account of that code; see GET /api/ledger/accounts")
    return code

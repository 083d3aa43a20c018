"""`cauri ledger`: what is in the accounts, and how it got there. Nothing here posts."""

from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.ledger_words import account_words, accounts_words, entries_words, journal_words
from adapters.cli.requests import form_of, instant_of
from adapters.cli.which_tenant import WhichTenant
from application.wallets.wallet_history import CURSOR, cursor_of, place_of
from domain.errors import Invalid, NotFound
from domain.ids import JournalId
from domain.ledger.chart import EVERY_WALLET, AccountType, type_of
from domain.ports.ledger import EntryPage, Ledger, StoredJournal


@dataclass(frozen=True, slots=True)
class ListAccounts:
    ledger: Ledger
    which: WhichTenant

    async def __call__(self, *, at: str | None, tenant: str | None, json: bool) -> int:
        moment = instant_of(at, "at")
        found = await self.ledger.balances(await self.which(tenant), moment)
        if json:
            show.line(accounts_words(found, moment))
            return DONE
        if not found:
            show.say("Nothing was booked by then." if moment else "Nothing was booked yet.")
            return DONE
        names = ("code", "type", "balance", "currency", "debits", "credits")
        show.table(
            tuple(name.title() for name in names),
            [tuple(str(account_words(one)[name]) for name in names) for one in found],
            right=("Balance", "Debits", "Credits"),
        )
        return DONE


@dataclass(frozen=True, slots=True)
class ListEntries:
    ledger: Ledger
    which: WhichTenant

    async def __call__(
        self, *, account: str, limit: int, after: str | None, tenant: str | None, json: bool
    ) -> int:
        before = place_of(form_of(after, CURSOR, "cursor"))
        if account == EVERY_WALLET:
            raise Invalid("stands for all wallets; ask for one, wallet:<its id>", "account")
        if type_of(account) is AccountType.OTHER:
            raise NotFound(f"no account is called {account}; see: cauri ledger accounts")
        page = await self.ledger.entries(await self.which(tenant), account, before, limit)
        if json:
            show.line(entries_words(page))
        elif not page.entries:
            show.say("Nothing was booked on it.")
        else:
            self._tell(page)
        return DONE

    def _tell(self, page: EntryPage) -> None:
        show.table(
            ("Time (UTC)", "What", "Debit", "Credit", "Currency", "Other account", "About"),
            [
                (
                    f"{one.at:%Y-%m-%d %H:%M:%S}",
                    one.kind,
                    one.amount.major if one.is_debit else "",
                    "" if one.is_debit else one.amount.major,
                    one.amount.currency.code,
                    one.contra,
                    one.payment_id or one.subject,
                )
                for one in page.entries
            ],
            right=("Debit", "Credit"),
        )
        if (more := cursor_of(page.next_before)) is not None:
            show.say(f"More: --after {more}")


@dataclass(frozen=True, slots=True)
class ShowJournal:
    ledger: Ledger
    which: WhichTenant

    async def __call__(self, *, journal: str, tenant: str | None, json: bool) -> int:
        found = await self.ledger.journal(await self.which(tenant), JournalId(journal))
        if json:
            show.line(journal_words(found))
        else:
            self._tell(found)
        return DONE

    def _tell(self, found: StoredJournal) -> None:
        one = found.journal
        show.fields(
            [
                ("Journal", found.id),
                ("What", one.kind),
                ("Time (UTC)", f"{one.at:%Y-%m-%d %H:%M:%S}"),
                ("About", one.subject),
                ("Payment", one.payment_id),
                ("Reason", one.reason),
            ]
        )
        show.table(
            ("Debit", "Credit", "Amount", "Currency"),
            [
                (each.debit, each.credit, each.amount.major, each.amount.currency.code)
                for each in one.transfers
            ],
            right=("Amount",),
        )

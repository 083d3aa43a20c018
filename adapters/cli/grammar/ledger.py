"""Commands about the ledger."""

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, tenant

LEDGER = group(
    "ledger",
    "Show what is in the accounts, and how it got there.",
    command(
        "accounts",
        "adapters.cli.ledger:ListAccounts",
        """List the balances of all accounts, now or as of a moment.

        A balance is on the side on which its account grows.""",
        "cauri ledger accounts --at 2026-02-07",
        option("--at", "As of then: a time or a date, in UTC.", metavar="TIME"),
        tenant(),
        as_json(),
    ),
    command(
        "entries",
        "adapters.cli.ledger:ListEntries",
        """List an account's entries, newest first.""",
        "cauri ledger entries receivable:maya --limit 20",
        argument("account"),
        option("--limit", "How many.", type=click.IntRange(1, 200), default=50, show_default=True),
        option("--after", "The nextCursor of the page before.", metavar="CURSOR"),
        tenant(),
        as_json(),
    ),
    command(
        "journal",
        "adapters.cli.ledger:ShowJournal",
        """Show a journal with its transfers.""",
        "cauri ledger journal jrn_01KGVSQV4G7Q0W3E8R5T2Y6U1I000300",
        argument("journal"),
        tenant(),
        as_json(),
    ),
)

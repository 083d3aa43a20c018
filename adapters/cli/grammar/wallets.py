"""Commands about wallets."""

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, tenant
from adapters.cli.grammar.payments import key

WALLETS = group(
    "wallets",
    "Show and spend what customers have.",
    command(
        "show",
        "adapters.cli.wallets:ShowWallets",
        """Show what a customer has, in points and in money.""",
        "cauri wallets show cus_42",
        argument("customer"),
        tenant(),
        as_json(),
    ),
    command(
        "history",
        "adapters.cli.wallets:ShowHistory",
        """List what moved a customer's wallets, newest first.""",
        "cauri wallets history cus_42 --unit PTS --limit 20",
        argument("customer"),
        option("--unit", "Only this wallet: PTS, or a currency.", metavar="UNIT"),
        option("--limit", "How many.", type=click.IntRange(1, 200), default=50, show_default=True),
        option("--after", "The nextCursor of the page before.", metavar="CURSOR"),
        tenant(),
        as_json(),
    ),
    command(
        "spend",
        "adapters.cli.wallets:SpendFrom",
        """Spend from a customer's wallet; never more than is there.""",
        "cauri wallets spend cus_42 100 PTS --reference order-1002",
        argument("customer"),
        argument("amount"),
        argument("unit"),
        option("--reference", "Yours, such as an order's number.", default=""),
        option("--reason", "What for; it stands in the ledger.", default=""),
        key(),
        tenant(),
        as_json(),
    ),
    command(
        "reverse",
        "adapters.cli.wallets:GiveBackSpend",
        """Give back what was spent, or a part of it, once.""",
        "cauri wallets reverse cus_42 spd_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
        argument("customer"),
        argument("spend"),
        option("--amount", "In the wallet's unit. Without: all that was spent."),
        option("--reason", "Why; it stands in the ledger.", default=""),
        key(),
        tenant(),
        as_json(),
    ),
)

"""Commands about who uses the platform: tenants, their accounts and API keys, the providers."""

from typing import Final

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, switch, tenant

STRATEGIES: Final = ("least_cost", "priority", "success_rate", "split")
SCOPES: Final = (
    "payments:read",
    "payments:write",
    "payments:refund",
    "payments:verify",
    "wallets:read",
    "wallets:spend",
    "ledger:read",
    "events:read",
    "webhooks:read",
    "webhooks:write",
    "jobs:read",
    "jobs:write",
)


def _config() -> tuple[click.Option, ...]:
    """Credentials and settings, from a file or one by one."""
    return (
        option(
            "--config",
            "A file with a JSON object, - for standard input.",
            type=click.File("rb"),
            metavar="FILE",
        ),
        click.Option(
            ["--set", "settings"],
            multiple=True,
            metavar="KEY=VALUE",
            help="One field as text; KEY:=VALUE for a number, true or false. Not for secrets.",
        ),
    )


def _callbacks_at() -> click.Option:
    told = "This installation's address, as providers reach it."
    return option("--callbacks-at", told, metavar="URL")


TENANT = group(
    "tenant",
    "Open and list tenants.",
    command(
        "create",
        "adapters.cli.tenants:CreateTenant",
        """Open a tenant: one merchant or platform, apart from all others.""",
        "cauri tenant create 'Acme Tickets' --order maya,gcash --strategy least_cost",
        argument("name"),
        option("--order", "Providers, the best first.", metavar="CODE,CODE"),
        option(
            "--strategy", "How the router orders what is available.", type=click.Choice(STRATEGIES)
        ),
        option(
            "--split", "Per cent for each provider; they add up to 100.", metavar="CODE=N,CODE=N"
        ),
        click.Option(
            ["--reward", "rewards"],
            multiple=True,
            metavar="RULE",
            help="What payments earn their customers; see `cauri tenant reward`. May be repeated.",
        ),
        as_json(),
    ),
    command(
        "reward",
        "adapters.cli.rewards:RewardCustomers",
        """Set what payments earn their customers, or show it.

        A RULE is "AMOUNT UNIT per AMOUNT CURRENCY": each full second amount of a paid payment
        credits the first, in points or in money, to the customer's wallet. There is one for each
        currency; these replace all that were there. What is paid already keeps its rule.""",
        "cauri tenant reward '1 point per 10 PHP' '0.50 USD per 100 USD'",
        argument("rules", metavar="[RULE]...", nargs=-1),
        switch("--none", "From now on payments earn nothing."),
        tenant(),
        as_json(),
    ),
    command(
        "list",
        "adapters.cli.tenants:ListTenants",
        """List tenants, newest first.""",
        "cauri tenant list",
        option("--limit", "How many.", type=click.IntRange(1, 1000), default=100),
        as_json(),
    ),
)
ACCOUNT = group(
    "account",
    "Connect, change and list accounts at providers.",
    command(
        "connect",
        "adapters.cli.accounts:ConnectProviderAccount",
        """Connect the tenant's own account at a provider.

        The credentials are tried at the provider, sealed and stored. Give secrets in a JSON file
        or on standard input (--config): what --set says stays in the shell's history and is
        seen in the list of processes.

        Prints the address to register for callbacks at the provider, where that is done by
        hand.""",
        "cauri account connect --provider maya --config maya.json --fee '2.5%+15 PHP'\n"
        "pass show maya | cauri account connect --provider maya --config -",
        tenant(),
        option("--provider", "Its code; `cauri providers` lists them.", required=True),
        *_config(),
        click.Option(
            ["--fee", "fees"],
            multiple=True,
            metavar="PRICE",
            help="What the provider charges this tenant, for example "
            "'2.5%+15 PHP' or '3% PHP min 10 max 500'; one for each currency.",
        ),
        _callbacks_at(),
        as_json(),
    ),
    command(
        "change",
        "adapters.cli.accounts:ChangeProviderAccount",
        """Give an account other credentials or settings.

        What is given takes the place of what was there, the rest stays. They are tried at the
        provider first, and payments under way go on with them.""",
        "cauri account change acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W --config keys.json\n"
        "cauri account change acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W --set returnUrl=https://shop.example",
        argument("account"),
        *_config(),
        _callbacks_at(),
        tenant(),
        as_json(),
    ),
    command(
        "timeout",
        "adapters.cli.deadlines:AccountDeadlines",
        """Set how long an account's provider is given, or show it.

        OPERATION=SECONDS, for connect, prepare, charge, query, cancel and refund; these replace
        all that the account had. The rest is the installation's (CAURI_PROVIDER_TIMEOUT), then
        the provider's own. A charge that ends so is unknown, and asked about: it is never sent
        again.""",
        "cauri account timeout acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W charge=15 query=5",
        argument("account"),
        argument("timeouts", metavar="[OPERATION=SECONDS]...", nargs=-1),
        switch("--none", "From now on as usual."),
        tenant(),
        as_json(),
    ),
    command(
        "webhooks",
        "adapters.cli.registrations:RegisterWebhooks",
        """Register an account's callbacks at its provider, and list them.

        What is missing is added, what went elsewhere is moved here, what is right stays: it may be
        repeated. Providers whose dashboard asks for the address by hand say so.""",
        "cauri account webhooks acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
        argument("account"),
        option(
            "--url",
            "The whole address, where it is not this installation's own for the account.",
            metavar="URL",
        ),
        tenant(),
        as_json(),
    ),
    command(
        "list",
        "adapters.cli.accounts:ListAccounts",
        """List the tenant's accounts; credentials are never shown.""",
        "cauri account list",
        tenant(),
        as_json(),
    ),
)
KEY = group(
    "key",
    "Make, revoke and list API keys.",
    command(
        "create",
        "adapters.cli.keys:CreateKey",
        """Make an API key. It is shown once, and stored nowhere.""",
        "cauri key create --name till --scope payments:read --scope payments:write",
        tenant(),
        option("--name", "What it is for.", default="cli", show_default=True),
        click.Option(
            ["--scope", "scopes"],
            multiple=True,
            type=click.Choice(SCOPES),
            help="What it may do; may be repeated. Without: everything.",
        ),
        option("--rate", "Requests a minute.", type=int, default=100, show_default=True),
        switch("--live", "Begin it with cauri_live_ instead of cauri_test_."),
        as_json(),
    ),
    command(
        "revoke",
        "adapters.cli.keys:RevokeKey",
        """Revoke an API key, everywhere within a second.""",
        "cauri key revoke key_7Q2M4T8W1X3Y5Z6A",
        argument("key_id"),
        tenant(),
        as_json(),
    ),
    command(
        "list",
        "adapters.cli.keys:ListKeys",
        """List the tenant's API keys, revoked ones too.""",
        "cauri key list --json",
        tenant(),
        as_json(),
    ),
)
PROVIDERS = command(
    "providers",
    "adapters.cli.providers:ListProviders",
    """List the providers of this build, and what each can do.""",
    "cauri providers",
    tenant(),
    as_json(),
)

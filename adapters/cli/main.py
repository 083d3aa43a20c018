"""`cauri`: the root of the command line."""

from typing import Final

import click

from adapters.cli.grammar import (
    jobs,
    ledger,
    payments,
    processes,
    proofs,
    providers,
    statements,
    tenants,
    wallets,
    webhooks,
)
from adapters.cli.runner import Runner, Session

EXIT: Final = """\b
Exit status:
  0   done
  1   the answer is no: declined, refused, or the doctor found something
  2   wrong usage or invalid input
  3   not found
  4   not now: unavailable, busy or in progress; try again
  5   unknown outcome: it may or may not have happened; look before you repeat
  70  a fault of the program; --debug shows where
"""
SECTIONS: Final = (
    (
        "Run",
        (
            processes.DEMO,
            processes.SERVE,
            processes.WORKER,
            processes.MIGRATE,
            processes.SIMULATOR,
        ),
    ),
    (
        "Set up",
        (tenants.TENANT, tenants.ACCOUNT, tenants.KEY, tenants.PROVIDERS, providers.PROVIDER),
    ),
    (
        "Payments",
        (
            payments.PAY,
            payments.STATUS,
            payments.REFUND,
            payments.CANCEL,
            payments.PAYMENTS,
            payments.TIMELINE,
            payments.EXPLAIN,
            payments.VERIFY,
            proofs.PROOFS,
            statements.STATEMENTS,
        ),
    ),
    ("Events", (webhooks.LISTEN, webhooks.EVENTS, webhooks.ENDPOINTS)),
    ("Money", (ledger.LEDGER, wallets.WALLETS)),
    ("Look after", (processes.DOCTOR, processes.SIMULATE, jobs.JOBS)),
)


class Sections(click.Group):
    """Lists its commands under headings, in the order in which people need them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS:
            with formatter.section(title):
                formatter.write_dl(
                    [(one.name or "", one.get_short_help_str(80)) for one in commands]
                )


def build(run: Runner) -> click.Group:
    """The whole command line over whoever runs commands."""

    @click.group(
        cls=Sections,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        epilog=EXIT,
    )
    @click.option(
        "--debug", is_flag=True, envvar="CAURI_DEBUG", show_envvar=True, help="Show tracebacks."
    )
    @click.version_option(package_name="cauri")
    @click.pass_context
    def cauri(context: click.Context, debug: bool) -> None:
        """Payments through many providers, self-hosted.

        Settings come from the environment (CAURI_…). Every command takes --help, and those that
        tell something take --json.
        """
        context.obj = Session(run, debug)

    for _, commands in SECTIONS:
        for one in commands:
            cauri.add_command(one)
    return cauri

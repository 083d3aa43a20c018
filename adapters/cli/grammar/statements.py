"""Commands about banks' statements."""

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, switch, tenant

STATEMENTS = group(
    "statements",
    "Match a bank's statement with what is waited for.",
    command(
        "import",
        "adapters.cli.statements:ImportFile",
        """Confirm the payments that a bank's statement exactly matches.

        FILE is camt.053, MT940, or a CSV whose columns --columns names; - is standard input. A
        credit matches when it has our reference, the very amount, and no line before it: it is
        confirmed as by `cauri verify`, with two people where the account asks for them. What is
        not exact is listed, and left to you. The same file again changes nothing; another
        person's import of it is the second pair of eyes.""",
        "cauri statements import january.xml --provider paynow_sg --dry-run\n"
        "cauri statements import january.csv --provider bank_transfer --columns first-bank.json",
        argument("file", type=click.File("rb")),
        option("--provider", "Whose payments come to that account.", required=True),
        option(
            "--columns",
            "Of a CSV: a JSON file that says which column is what; see docs/statements.md.",
            type=click.File("rb"),
            metavar="FILE",
        ),
        switch("--dry-run", "Say what would be done, and do nothing."),
        option("--operator", "Who says so. Without: the name of the user at this machine."),
        tenant(),
        as_json(),
    ),
)

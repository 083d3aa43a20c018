"""Commands for who writes a provider."""

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, switch

PROVIDER = group(
    "provider",
    "Write a provider, and try it.",
    command(
        "new",
        "adapters.cli.provider:NewProvider",
        """Write a working provider to begin with.

        It is a package with a client, a simulator and tests. Installed (pip install -e FOLDER) it
        is found by its entry point, and is a provider of this installation.""",
        "cauri provider new acme_pay --at ./cauri-acme-pay",
        argument("name", metavar="CODE"),
        option("--at", "An empty or new folder.", metavar="FOLDER", required=True),
        as_json(),
    ),
    command(
        "verify",
        "adapters.cli.provider:VerifyProvider",
        """Run the conformance suite on a provider: each behaviour passes or not.

        Against its simulator; with --config against the company's real sandbox, where nothing can
        be lost or broken on purpose, so that less is asked. Exit 1: something failed.""",
        "cauri provider verify acme_pay\ncauri provider verify acme_pay --config sandbox.json",
        argument("name", metavar="CODE"),
        option(
            "--config",
            "A JSON object with a sandbox's credentials, - for standard input.",
            type=click.File("rb"),
            metavar="FILE",
        ),
        as_json(),
    ),
    command(
        "matrix",
        "adapters.cli.provider:ShowMatrix",
        """Show what each provider of this build can do, as docs/providers.md has it.""",
        "cauri provider matrix > docs/providers.md",
        switch("--tried", "Run the suite on each of them first, which takes minutes."),
        as_json(),
    ),
)

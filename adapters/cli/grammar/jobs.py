"""Commands about background jobs."""

from typing import Final

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, tenant

STATES: Final = ("waiting", "running", "done", "dead")
KINDS: Final = ("inquire", "read_notice", "send_refund", "deliver", "reward", "care")


def of_job() -> click.Argument:
    return argument("job", metavar="JOB")


JOBS = group(
    "jobs",
    "See background work, and have what was given up tried again.",
    command(
        "list",
        "adapters.cli.jobs:ListJobs",
        """List dead letters, or jobs in another state.

    What ended comes with the newest first; what waits or runs in the order of the queue. The
    platform's own regular work is of the tenant "platform".""",
        "cauri jobs list\ncauri jobs list --all --state waiting --kind inquire",
        tenant(),
        click.Option(["--all", "everybody"], is_flag=True, help="Everybody's."),
        option(
            "--state",
            "In this state.",
            type=click.Choice(STATES),
            default="dead",
            show_default=True,
        ),
        option("--kind", "Only these.", type=click.Choice(KINDS)),
        option("--limit", "How many.", type=click.IntRange(1, 200), default=50, show_default=True),
        option("--after", "The nextCursor of the page before.", metavar="CURSOR"),
        as_json(),
    ),
    command(
        "show",
        "adapters.cli.jobs:ShowJob",
        """Show a job: what it is about, and why it failed.""",
        "cauri jobs show notice:acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W:evt_1",
        of_job(),
        tenant(),
        as_json(),
    ),
    command(
        "retry",
        "adapters.cli.jobs:Retry",
        """Have a job run now: a dead one, or one that waits, as if it had never failed.""",
        "cauri jobs retry notice:acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W:evt_1",
        of_job(),
        tenant(),
        as_json(),
    ),
    command(
        "drop",
        "adapters.cli.jobs:Drop",
        """Throw a dead letter away. What it was about stays undone.""",
        "cauri jobs drop notice:acc_01JH7Y3K8M5N2P4Q6R8S0T1V2W:evt_1",
        of_job(),
        tenant(),
        as_json(),
    ),
)

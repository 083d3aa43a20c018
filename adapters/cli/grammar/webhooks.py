"""Commands about what merchants are told: events, endpoints, and a developer's own server."""

from typing import Final

import click

from adapters.cli.grammar.common import argument, as_json, command, group, option, switch, tenant

STATES: Final = ("waiting", "delivered", "failed", "dropped")
ENDPOINT_ID: Final = "whk_01KGVSQV4G7Q0W3E8R5T2Y6U1I"
EVENT_ID: Final = "evt_01KGVSQV4G7Q0W3E8R5T2Y6U1I000301"


def of_endpoint() -> click.Argument:
    return argument("endpoint")


def types() -> click.Option:
    return option("--types", "Only these types of events, comma separated.", metavar="TYPE,TYPE")


ENDPOINTS = group(
    "endpoints",
    "Where merchants hear of events: add, change, test, replay.",
    command(
        "list",
        "adapters.cli.endpoints:ListEndpoints",
        """List the tenant's webhook endpoints, the oldest first.""",
        "cauri endpoints list",
        tenant(),
        as_json(),
    ),
    command(
        "add",
        "adapters.cli.endpoints:AddEndpoint",
        """Have events sent to an address, from the next one on.

        Prints the secret that signs them. It is shown once.""",
        "cauri endpoints add https://shop.example/hooks --types payment.succeeded,refund.succeeded",
        argument("url"),
        option(
            "--types",
            "Types of events, comma separated.",
            metavar="TYPE,TYPE",
            default="all",
            show_default=True,
        ),
        option("--description", "What it is for.", default=""),
        switch("--ordered", "Events of one payment one after another, each after success."),
        tenant(),
        as_json(),
    ),
    command(
        "show",
        "adapters.cli.endpoints:ShowEndpoint",
        """Show an endpoint, and whether it works.""",
        f"cauri endpoints show {ENDPOINT_ID}",
        of_endpoint(),
        tenant(),
        as_json(),
    ),
    command(
        "update",
        "adapters.cli.endpoints:ChangeEndpoint",
        """Change an endpoint. What is not named stays as it is.""",
        f"cauri endpoints update {ENDPOINT_ID} --types all",
        of_endpoint(),
        option("--url", "Another address."),
        option("--types", "Types of events, comma separated, or all.", metavar="TYPE,TYPE"),
        option("--description", "What it is for."),
        click.Option(
            ["--ordered/--unordered"],
            default=None,
            help="Events of one payment one after another, or each as soon as it can.",
        ),
        switch("--disable", "Send it nothing until it is enabled."),
        tenant(),
        as_json(),
    ),
    command(
        "remove",
        "adapters.cli.endpoints:RemoveEndpoint",
        """Delete an endpoint for good; what waits for it is dropped.""",
        f"cauri endpoints remove {ENDPOINT_ID}",
        of_endpoint(),
        tenant(),
        as_json(),
    ),
    command(
        "rotate",
        "adapters.cli.endpoints:RenewSecret",
        """Make a new signing secret; the old one signs beside it for 24 hours.""",
        f"cauri endpoints rotate {ENDPOINT_ID}",
        of_endpoint(),
        tenant(),
        as_json(),
    ),
    command(
        "test",
        "adapters.cli.endpoints:TryEndpoint",
        """Send a test event to an endpoint.""",
        f"cauri endpoints test {ENDPOINT_ID}",
        of_endpoint(),
        tenant(),
        as_json(),
    ),
    command(
        "enable",
        "adapters.cli.endpoints:EnableEndpoint",
        """Send events to a disabled endpoint again.

        It hears the next event first. What happened meanwhile: cauri endpoints replay.""",
        f"cauri endpoints enable {ENDPOINT_ID}",
        of_endpoint(),
        tenant(),
        as_json(),
    ),
    command(
        "deliveries",
        "adapters.cli.deliveries:ShowDeliveries",
        """List what was sent to an endpoint, or the log of one event.""",
        f"cauri endpoints deliveries {ENDPOINT_ID} --state failed",
        of_endpoint(),
        option("--event", "Show every attempt to deliver this one.", metavar="EVENT"),
        option("--state", "Only these.", type=click.Choice(STATES)),
        option("--limit", "How many.", type=click.IntRange(1, 200), default=50, show_default=True),
        option("--after", "The nextCursor of the page before.", metavar="CURSOR"),
        tenant(),
        as_json(),
    ),
    command(
        "replay",
        "adapters.cli.deliveries:SendAgain",
        """Send events to an endpoint once more: one, a range, or all that failed.""",
        f"cauri endpoints replay {ENDPOINT_ID} --failed\n"
        f"cauri endpoints replay {ENDPOINT_ID} --numbers 17-42",
        of_endpoint(),
        option("--event", "This one.", metavar="EVENT"),
        option("--numbers", "From this number to that, both included.", metavar="N-N"),
        click.Option(["--from", "since"], help="What happened then or later.", metavar="TIME"),
        click.Option(["--to", "until"], help="What happened before then.", metavar="TIME"),
        switch("--failed", "All that was given up."),
        tenant(),
        as_json(),
    ),
)
EVENTS = group(
    "events",
    "Read the feed of events, in order and without a gap.",
    command(
        "list",
        "adapters.cli.events:ListEvents",
        """List events by their numbers, from the oldest on.""",
        "cauri events list --after 41 --types payment.succeeded",
        option("--after", "The last number that is known.", type=click.IntRange(0), default=0),
        option("--limit", "How many.", type=click.IntRange(1, 200), default=50, show_default=True),
        types(),
        tenant(),
        as_json(),
    ),
    command(
        "show",
        "adapters.cli.events:ShowEvent",
        """Show an event as it was sent, and where it arrived.""",
        f"cauri events show {EVENT_ID}",
        argument("event"),
        tenant(),
        as_json(),
    ),
)
LISTEN = command(
    "listen",
    "adapters.cli.listen:Listen",
    """See events live, and have them sent to a server on this machine.

    Each is forwarded once, with the headers an endpoint gets, under a secret that is printed at
    the start and stays the same on this installation. Ends on Ctrl-C.""",
    "cauri listen --forward-to http://localhost:3000/hooks",
    option("--forward-to", "Your own server's address.", metavar="URL"),
    types(),
    option(
        "--after",
        "Begin behind this number; 0 is the beginning. Without: from now on.",
        type=click.IntRange(0),
    ),
    switch("--once", "Tell what there is, and end."),
    tenant(),
    as_json(),
)

"""Commands that are processes: they run until they are stopped, or set something up."""

import click

from adapters.cli.grammar.common import as_json, at_data, command, option, switch

PORT = {"type": click.IntRange(0, 65_535), "metavar": "PORT"}

SERVE = command(
    "serve",
    "serve",
    """Serve the API and the pages.

    On one machine this is all there is to start: SQLite is migrated, missing keys are made, and
    background work runs inside.""",
    "cauri serve --port 8080",
    option("--host", "The address to listen at.", metavar="HOST"),
    option("--port", "0 takes any free one.", **PORT),
    at_data(),
    switch("--no-worker", "Leave background work to `cauri worker`."),
)
WORKER = command(
    "worker",
    "worker",
    """Run background work: queries, callbacks, refunds.

    As many as wanted may run side by side; each piece of work is done by one of them.""",
    "cauri worker --batch 50",
    option("--batch", "Jobs at once, 500 at most.", type=click.IntRange(1, 500), metavar="N"),
    at_data(),
    switch("--once", "Do what is due now, then end."),
)
MIGRATE = command(
    "migrate",
    "migrate",
    """Bring the database to this version's schema. Does nothing when it is there already.""",
    "cauri migrate --check",
    at_data(),
    switch("--check", "Only tell what is missing; exit 1 when something is."),
    as_json(),
)
SIMULATOR = command(
    "simulator",
    "simulator",
    """Serve every provider's simulator.

    They speak the providers' real formats and keep books of their own. The index page shows
    what each has taken, and lets you act as the payer.""",
    "cauri simulator --port 8090",
    option("--host", "The address to listen at.", metavar="HOST"),
    option("--port", "0 takes any free one.", **PORT),
)
SIMULATE = command(
    "simulate",
    "simulate",
    """Simulate payments under faults, and check that no money is lost.

    The real use cases and provider clients meet the simulated companies in virtual time: requests
    get lost, processes are killed, callbacks are forged. Then the companies' books are compared
    with ours. The same seed is the same run, byte for byte. Exit 1 when a law is broken.""",
    "cauri simulate --seed 7 --payments 2000 --faults heavy",
    option(
        "--seed",
        "Of the first run; each further run takes the next.",
        type=click.IntRange(min=1),
        metavar="N",
    ),
    option(
        "--payments",
        "How many; 200 by default, 20 to a run.",
        type=click.IntRange(min=1),
        metavar="N",
    ),
    option("--faults", "light (the default) or heavy.", metavar="HOW"),
    option(
        "--providers",
        "Some, as maya,gcash; all by default, of which each run has a few.",
        metavar="WHO",
    ),
    switch("--sqlite", "Over SQLite instead of memory."),
    switch("--shrink", "Reduce a broken run to the payment and the faults that matter."),
    as_json(),
)
DEMO = command(
    "demo",
    "demo",
    """Start a complete demo with simulated providers.

    API, pages, worker, and a tenant with a key, in one process.""",
    "cauri demo --port 8080",
    option("--host", "The address to listen at.", metavar="HOST"),
    option("--port", "0 takes any free one.", **PORT),
    at_data(),
    as_json(),
)
DOCTOR = command(
    "doctor",
    "adapters.cli.doctor:Examine",
    """Check the installation, and that no money is amiss.

    Every law of money is checked over all that is stored: states and sums are computed again
    from raw rows. It changes nothing and may run at any time. Exit 1 when something is wrong;
    the first rows of each finding are named.""",
    "cauri doctor --no-probes",
    switch("--no-probes", "Don't try the tenants' credentials at their providers."),
    as_json(),
)

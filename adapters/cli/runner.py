"""Between the words of a command line and the work: whoever runs commands is a Runner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import click


class Runner(Protocol):
    """Runs one command to its end; entrypoints have it.

    `command` is a process ("serve", "worker", "migrate", "simulator", "demo") or the dotted path
    of a class, "adapters.cli.pay:Pay": import it, build it by the types of its fields, and give
    `await instance(**options)`. The answer is the exit status. A class whose `needs_schema` is
    False runs on whatever is there, all others over this version's schema only. Errors of the
    domain may pass: they become one line and a status. A wrong setting is told as Invalid naming
    the variable.
    """

    def run(self, command: str, options: Mapping[str, Any]) -> int: ...


@dataclass(frozen=True, slots=True)
class Session:
    """What the root of the command line leaves for its commands."""

    runner: Runner
    debug: bool


def go(context: click.Context, command: str, options: Mapping[str, Any]) -> None:
    """Run it and exit with its status; an error becomes one line on stderr."""
    session = context.find_object(Session)
    assert session is not None  # the root group has set it
    try:
        status = session.runner.run(command, options)
    except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
        raise
    except Exception as error:
        if session.debug:
            raise
        from adapters.cli.failures import tell

        status = tell(error, as_json=bool(options.get("json")))
    context.exit(status)

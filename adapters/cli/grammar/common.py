"""How a command is declared, and the options that many share."""

from typing import Any, Final

import click

from adapters.cli.runner import go

SENTENCE: Final = 200  # characters; none of ours is longer


def command(name: str, target: str, text: str, example: str, *params: click.Parameter) -> Any:
    """A command that hands its options to the runner under `target`."""

    def callback(**options: Any) -> None:
        go(click.get_current_context(), target, options)

    shown = "\n".join(f"  {line}" for line in example.strip().splitlines())
    return click.Command(
        name, params=list(params), callback=callback, help=text, epilog=f"\b\nExample:\n{shown}"
    )


class Group(click.Group):
    """Tells the first sentence of each command whole, however many lines it takes."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(SENTENCE)) for name, one in self.commands.items()]
            )


def group(name: str, text: str, *commands: click.Command) -> click.Group:
    return Group(name, help=text, commands=list(commands))


def argument(name: str, **more: Any) -> click.Argument:
    return click.Argument([name], **more)


def option(flag: str, text: str, **more: Any) -> click.Option:
    return click.Option([flag], help=text, **more)


def switch(flag: str, text: str) -> click.Option:
    return click.Option([flag], is_flag=True, help=text)


def tenant() -> click.Option:
    return click.Option(
        ["--tenant"],
        metavar="TENANT",
        envvar="CAURI_TENANT",
        show_envvar=True,
        help="The tenant's id or name; not needed when there is only one.",
    )


def as_json() -> click.Option:
    return switch("--json", "One line of JSON instead of a table, in the API's words.")


def at_data() -> click.Option:
    return click.Option(
        ["--data-dir", "--data"], metavar="FOLDER", help="Where the SQLite file and the keys are."
    )

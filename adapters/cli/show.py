"""How commands tell: a line of JSON, or tables for people.

rich is imported when a table is made.
"""

import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDE: Final = 200  # columns, where no terminal says how many: nothing is cut short in a file
UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
TONES: Final = {
    "succeeded": "green",
    "active": "green",
    "ok": "green",
    "taken": "green",
    "pending": "yellow",
    "awaiting_verification": "yellow",
    "indeterminate": "yellow",
    "failed": "red",
    "BREACH": "red",
    "revoked": "red",
}


def line(value: Any) -> None:
    """One line of JSON."""
    click.echo(msgspec.json.encode(value))


def say(words: str) -> None:
    """A line for people."""
    click.echo(plain(words))


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """Columns named in `right` are numbers. Nothing is shown in colour alone."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*[_cell(one) for one in row])
    console().print(made)


def fields(pairs: Sequence[tuple[str, str | None]]) -> None:
    """Names and values, one below the other; what has no value is left out."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        if value:
            made.add_row(name, _cell(value))
    console().print(made)


def console(*, stderr: bool = False) -> "Console":
    """On whatever stdout (or stderr) is right now."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False)


class Bar:
    """Says how far long work is."""

    def tell(self, words: str) -> None:
        """Silent; the visible kind says it."""


class VisibleBar(Bar):
    def __init__(self, status: Any) -> None:
        self._status = status

    def tell(self, words: str) -> None:
        self._status.update(plain(words))


@contextmanager
def progress(words: str, *, quiet: bool) -> Iterator[Bar]:
    """On a terminal's stderr, and nowhere else."""
    if quiet or not sys.stderr.isatty():
        yield Bar()
        return
    with console(stderr=True).status(words) as status:
        yield VisibleBar(status)


def plain(words: str) -> str:
    """Without control characters: what a payer typed must not command a terminal."""
    if words.isprintable():
        return words
    return "".join(
        one if unicodedata.category(one)[0] != "C" or one == "\n" else "�" for one in words
    )


def ago(at: datetime | None, now: datetime) -> str:
    """ "3 min ago", "in 2 h"; empty for never."""
    if at is None:
        return ""
    passed = int((now - at).total_seconds())
    size, unit = next((one for one in UNITS if abs(passed) >= one[0]), UNITS[-1])
    much = f"{abs(passed) // size} {unit}"
    return f"{much} ago" if passed >= 0 else f"in {much}"


def moment(at: datetime | None, now: datetime) -> str | None:
    """The exact time and how long ago."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC ({ago(at, now)})" if at is not None else None


def pairs(given: Sequence[str], field: str) -> Mapping[str, str]:
    """["a=1"] as {"a": "1"}. Raises Invalid."""
    from domain.errors import Invalid

    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise Invalid(f"{one!r} must be like name=value", field)
        found[name] = value
    return found


def _cell(words: str) -> "Text":
    from rich.text import Text

    return Text(plain(words), style=TONES.get(words, ""))

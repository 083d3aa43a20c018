"""What a bank says happened on an account: the lines of its statement."""

from dataclasses import dataclass
from datetime import date

from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One booked movement, at this line of the file.

    `text` is every word that the bank gives with it; a newline is where the file breaks a line,
    perhaps within a word. `number` is the bank's own, where it has one.
    """

    line: int
    day: date  # booked, as the bank's calendar has it
    amount: Money  # more than zero
    credit: bool  # money that came
    reversal: bool = False  # an earlier movement is taken back
    number: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a file says. `skipped` counts lines that are no booked movement."""

    form: str  # "camt.053", "MT940", "CSV"
    digest: str  # SHA-256 of its bytes, in hex
    entries: tuple[Entry, ...]
    skipped: int = 0

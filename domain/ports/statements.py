"""Port: banks' statements, whatever their form, and whose money they tell of."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, runtime_checkable

from domain.statements.entry import Statement

MOST_BYTES: Final = 8_000_000  # of a file: a busy account's month
MOST_ENTRIES: Final = 20_000  # of a file


class StatementReader(Protocol):
    """Reads files that others wrote: nothing in them is believed but what can be checked."""

    @abstractmethod
    def read(self, data: bytes, columns: Mapping[str, Any] | None) -> Statement:
        """Entries in the file's order. `columns` says which column of a CSV is what; None: the
        file says by itself.

        Raises Invalid: of `file`, with the line, for what is malformed, too large, or whose
        balances don't add up; of `columns` for what does not fit.
        """


@runtime_checkable
class StandsOnStatements(Protocol):
    """A provider whose money comes to an account of the merchant's at a bank, with our reference
    in its words: the bank's statement tells of it."""

    @abstractmethod
    def references_in(self, text: str) -> Sequence[str]:
        """What may be references of ours in a line's words, as `provider_reference` has them; a
        newline is where the file breaks a line. At most 20."""

    @abstractmethod
    def statement_bank(self) -> str | None:
        """Whose the numbers on its statements are, in one form; None: this provider's."""

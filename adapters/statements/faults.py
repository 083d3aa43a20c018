"""What is wrong with a file, and where."""

from domain.errors import Invalid

MOST_TEXT = 4000  # characters of an entry's words that are looked at
FILE, COLUMNS = "file", "columns"


def fault(line: int, words: str) -> Invalid:
    """Of the file, at its line 1, 2, …"""
    return Invalid(f"line {line}: {words}", FILE)


def told(text: str, most: int = 40) -> str:
    """A piece of the file in a message, short."""
    return repr(text if len(text) <= most else f"{text[:most]}…")

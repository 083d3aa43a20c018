"""By which number each line of a statement is known, for ever: the bank's, or one made of all it
says."""

from collections.abc import Sequence
from hashlib import blake2b

from application.text import has_card_number
from domain.errors import Invalid
from domain.payments.proof import number_of
from domain.statements.entry import Entry


def numbers_of(entries: Sequence[Entry]) -> Sequence[str]:
    """In their order. Where the bank gives none, or none that can be one, the line's own words are
    its number; of lines that say the same, each has its own, from whichever file."""
    alike: dict[str, int] = {}
    return [_own(one) or _made(one, alike) for one in entries]


def _own(entry: Entry) -> str | None:
    if entry.number is None or has_card_number(entry.number):
        return None
    try:
        return number_of(entry.number, "file")
    except Invalid:
        return None


def _made(entry: Entry, alike: dict[str, int]) -> str:
    amount, way = entry.amount, f"{entry.credit}{entry.reversal}"
    words = " ".join(entry.text.split())
    said = f"{entry.day}\n{amount.minor} {amount.currency.code} {way}\n{entry.number}\n{words}"
    alike[said] = nth = alike.get(said, 0) + 1
    digest = blake2b(f"{said}\n{nth}".encode(), digest_size=10).hexdigest().upper()
    return f"LINE{digest}"

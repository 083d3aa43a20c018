"""The control that statements carry: what was there, and what came and went, is what is there."""

from collections.abc import Iterable

from adapters.statements.faults import fault
from domain.money import Money
from domain.statements.entry import Entry


def moved(entry: Entry) -> int:
    """In minor units, signed."""
    return entry.amount.minor if entry.credit else -entry.amount.minor


def check_balances(
    line: int, opening: Money | None, closing: Money | None, entries: Iterable[Entry]
) -> None:
    """Raises Invalid, at `line`, when they don't add up: the file was cut, or altered. Without
    both balances there is nothing to check."""
    if opening is None or closing is None:
        return
    due = opening.minor + sum(moved(one) for one in entries)
    if opening.currency != closing.currency or due != closing.minor:
        added = Money(due, opening.currency)
        raise fault(
            line,
            f"the balances don't add up: with its lines {opening.major} becomes {added.major}, "
            f"and it says {closing.major} {closing.currency.code}; was the file cut?",
        )

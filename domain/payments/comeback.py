"""Money that was given back, and comes back to us: what the evidence of a refund says of that."""

from collections.abc import Sequence

from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import Declined, NotFound, Succeeded


def came_back(words: Sequence[Evidence]) -> bool:
    """Whether a no is the last of what ends the sending that `words` are about."""
    ends = [one for one in words if isinstance(one.answer, Succeeded | Declined)]
    last = max(ends, key=lambda one: (one.at, one.rank), default=None)
    return last is not None and isinstance(last.answer, Declined)


def is_denied(words: Sequence[Evidence]) -> bool:
    """Whether the provider, asked after the last yes, has said no."""
    yes = [one.at for one in words if isinstance(one.answer, Succeeded)]
    asked = [one for one in words if one.rank is Rank.QUERY and isinstance(one.answer, Declined)]
    return any(one.at >= max(yes) for one in asked) if yes else False


def was_asked_about(counted: Sequence[Evidence]) -> bool:
    """Whether somebody was asked and knows of no such refund. A refund that was sent many times is
    not given up on the word of the last answer alone: an earlier one may have lied."""
    asked = [one for one in counted if one.rank >= Rank.QUERY]
    return any(isinstance(one.answer, Declined | NotFound) for one in asked)


def takes_back(no: Evidence, yes: Evidence) -> bool:
    """Whether `no` says that what the same sending had moved came back."""
    if no.send != yes.send or not isinstance(no.answer, Declined) or no.rank < yes.rank:
        return False
    return no.at > yes.at or (no.rank > yes.rank and no.rank >= Rank.PERSON)

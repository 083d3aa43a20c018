"""Four eyes: above a threshold money counts as received when enough different people say so.

A first word is evidence too, and decides nothing: it says Pending. Its id is made of the amount
and the person, so one person who says it twice has said it once.
"""

from hashlib import blake2b

from domain.money import Money
from domain.payments.attempt import Attempt


def confirmation_id(attempt: Attempt, amount: Money, operator: str) -> str:
    """Of this person's word that `amount` came, however their name is written."""
    name = " ".join(operator.split()).casefold()
    return f"{_about(attempt, amount)}{blake2b(name.encode(), digest_size=8).hexdigest()}"


def confirmed(attempt: Attempt, amount: Money) -> frozenset[str]:
    """The ids of what different people have said of that amount."""
    about = _about(attempt, amount)
    return frozenset(one.id for one in attempt.evidence if one.id.startswith(about))


def _about(attempt: Attempt, amount: Money) -> str:
    return f"{attempt.id}:confirmed:{amount.minor}:"

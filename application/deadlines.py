"""How long after its commit a call that moves money may still begin, and be on its way.

A process can be stopped between the commit and the call, and wake when others have given up what
it committed. So a call that did not begin in time never begins, and "not found" proves nothing
before every call that did has ended.
"""

from datetime import datetime, timedelta
from typing import Final

BEGIN_S: Final = 30.0  # far longer than the steps between the commit and the call
CALL_S: Final = 20.0  # longer than the slowest provider's own limit, shorter than a request's
ON_ITS_WAY_S: Final = BEGIN_S + CALL_S + 10.0  # with what a client that overruns is given


def may_begin(committed_at: datetime, now: datetime) -> bool:
    """Whether the call that was committed then may begin now."""
    return now <= committed_at + timedelta(seconds=BEGIN_S)


def shows_at(committed_at: datetime, visibility_s: int) -> datetime:
    """From when on a provider that does not know the call never received it."""
    return committed_at + timedelta(seconds=ON_ITS_WAY_S + visibility_s)

"""How long each kind of job may take, how often it may fail, and when it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.ports.chance import Chance
from domain.ports.jobs import JobKind

LEASE_S: Final = 30  # until a dead worker's jobs are somebody else's; the usual one
BEATS: Final = 3  # a job that runs longer keeps its lease so often in each
MOST_CRASHES: Final = 5  # leases lost in a row, at last alone: it kills the process
DOUBLINGS: Final = 40  # more would only make large numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Seconds. `failures` None: money hangs on it, so it is never given up."""

    timeout_s: float  # longer than all the calls it makes, one after another
    failures: int | None = 12  # errors in a row; then it is a dead letter
    first_s: float = 1.0
    factor: float = 2.0
    longest_s: float = 3600.0

    def pause_s(self, failed: int, chance: Chance) -> float:
        """Until the next try, after `failed` of them: anything up to a bound that doubles (full
        jitter), so that what failed together does not come back together."""
        bound: float = self.first_s * self.factor ** min(failed - 1, DOUBLINGS)
        return min(bound, self.longest_s) * chance()


# A query, a cancellation, and sending the attempt that follows take 50 seconds at most.
TERMS: Final[Mapping[JobKind, Terms]] = {
    JobKind.INQUIRE: Terms(timeout_s=60.0, failures=None, first_s=5.0),
    JobKind.READ_NOTICE: Terms(timeout_s=60.0),
    JobKind.SEND_REFUND: Terms(timeout_s=60.0, failures=None, first_s=5.0),
    JobKind.DELIVER: Terms(timeout_s=25.0, failures=None),  # it ends by a schedule of its own
    JobKind.CARE: Terms(timeout_s=900.0, failures=3, first_s=300.0),
}
USUAL: Final = Terms(timeout_s=30.0)


def terms_of(kind: JobKind) -> Terms:
    return TERMS.get(kind, USUAL)

"""How many requests a key may make: GCRA (a leaky bucket as one number per key), in memory."""

from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 60.0  # rates are per minute
MOST_KEYS: Final = 20_000  # remembered at once: about 3 MB; a key idle for a window is forgotten


Verdict = tuple[float, int, float]  # seconds to wait (0: pass), requests left, seconds to refill


class Gcra:
    """The whole minute's rate may come at once; then one request each minute/rate seconds.

    Several processes count apart: each grants its own rate.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._full_at: dict[str, float] = {}  # when the key's bucket is empty again

    def __call__(self, key: str, rate: int) -> Verdict:
        """Count one request of the key, unless it is one too many."""
        now = self._monotonic()
        step = WINDOW_S / rate
        full_at = self._full_at.get(key, now)
        if full_at < now:
            full_at = now
        after = full_at + step
        ahead = after - now
        if ahead > WINDOW_S + 1e-9:
            return ahead - WINDOW_S, 0, full_at - now
        self._full_at[key] = after
        if len(self._full_at) > MOST_KEYS:
            self._forget(now)
        return 0.0, int((WINDOW_S - ahead) / step + 1e-6), ahead

    def _forget(self, now: float) -> None:
        """Drop idle keys; when all are busy, the oldest half (they start afresh)."""
        busy = {key: at for key, at in self._full_at.items() if at > now}
        if len(busy) > MOST_KEYS // 2:
            busy = dict(list(busy.items())[MOST_KEYS // 2 :])
        self._full_at = busy

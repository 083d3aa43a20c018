"""How often attempts at an account succeeded lately."""

from collections import deque
from typing import Final

BUCKET_S: Final = 60.0
WINDOW_BUCKETS: Final = 60  # the success rate is of the last hour


class Rate:
    """Successes of finished attempts in a sliding window of buckets."""

    __slots__ = ("buckets", "finished", "successes")

    def __init__(self) -> None:
        self.buckets: deque[list[int]] = deque()  # number, successes, finished
        self.successes = self.finished = 0

    def add(self, now: float, success: bool) -> None:
        number = int(now // BUCKET_S)
        if not self.buckets or self.buckets[-1][0] != number:
            self.buckets.append([number, 0, 0])
        self.buckets[-1][1] += success
        self.buckets[-1][2] += 1
        self.successes += success
        self.finished += 1

    def slide(self, now: float) -> None:
        oldest = int(now // BUCKET_S) - WINDOW_BUCKETS
        while self.buckets and self.buckets[0][0] <= oldest:
            _, successes, finished = self.buckets.popleft()
            self.successes -= successes
            self.finished -= finished

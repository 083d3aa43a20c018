"""Gauges of the queue, read when somebody looks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from domain.ports.clock import Clock
from domain.ports.jobs import JobQueue

QUEUE: Final = {
    "due": "Jobs that are due and that nobody has begun; at most 100000.",
    "oldest_due_seconds": "How long the longest due of them waits.",
    "dead": "Jobs that were given up and wait for a person; at most 100000.",
}


def queue_figures(queue: JobQueue, clock: Clock) -> Callable[[], Awaitable[Mapping[str, float]]]:
    async def read() -> Mapping[str, float]:
        depth = await queue.depth(clock.now())
        return {"due": depth.due, "oldest_due_seconds": depth.oldest_due_s, "dead": depth.dead}

    return read

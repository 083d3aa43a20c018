"""Metrics in Prometheus' format. Children are kept, so that counting costs a dict look-up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

REQUEST_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MOST_CHILDREN: Final = 4096  # of one metric: labels come from fixed sets, so this is a bug's bound

LOOK_S: Final = 2.0  # for figures that others give

Gauges = Callable[[], Mapping[str, float]]
Looked = Callable[[], Awaitable[Mapping[str, float]]]


class Metrics:
    """One registry a process; nothing global."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter(
            "requests", "Answered requests.", "route", "method", "status"
        )
        self._seconds = _seconds(self.registry)
        self._payments = self._counter(
            "payments",
            "Payments initiated through the API, as they stood when answered.",
            "provider",
            "status",
        )
        self._callbacks = self._counter(
            "callbacks",
            "Callbacks of providers: new, repeat, refused, failed (ours).",
            "provider",
            "result",
        )
        self._refusals = self._counter(
            "callbacks_refused",
            "Callbacks that were not believed: forged, stale, unreadable, no_account.",
            "provider",
            "reason",
        )
        self._jobs = self._counter(
            "jobs", "Background jobs: done, again, failed, dead.", "kind", "result"
        )
        self._breaches = self._counter(
            "audit_breaches",
            "Breaches of a law of money that the doctor's rounds found; any is an alarm.",
            "check",
        )
        self._of_request: dict[
            tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]
        ] = {}
        self._of_payment: dict[tuple[str, str], Callable[[], None]] = {}  # few of either
        self._looks: dict[str, Looked] = {}
        self._seen: dict[str, Mapping[str, float]] = {}

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"cauri_{name}", told, labels, registry=self.registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One answered request."""
        known = self._of_request.get((route, method, status))
        if known is None:
            if len(self._of_request) >= MOST_CHILDREN:
                return
            known = (
                self._requests.labels(route, method, str(status)).inc,
                self._seconds.labels(route, method).observe,
            )
            self._of_request[route, method, status] = known
        known[0]()
        known[1](seconds)

    def payment(self, provider: str, status: str) -> None:
        """One payment initiated through the API."""
        known = self._of_payment.get((provider, status))
        if known is None:
            known = self._payments.labels(provider, str(status)).inc
            self._of_payment[provider, status] = known
        known()

    def callback(self, provider: str, result: str) -> None:
        """One callback: new, repeat, refused or failed."""
        self._callbacks.labels(provider, result).inc()

    def refused(self, provider: str, reason: str) -> None:
        """One callback that was not believed, and why."""
        self._refusals.labels(provider, reason).inc()

    def job(self, kind: str, result: str) -> None:
        """One background job run: done, again, failed or dead."""
        self._jobs.labels(str(kind), result).inc()

    def breach(self, check: str) -> None:
        """One breach that a round of the doctor found."""
        self._breaches.labels(str(check)).inc()

    def watch(self, prefix: str, described: Mapping[str, str], read: Gauges) -> None:
        """Show what `read` gives whenever somebody looks: queue depths, group commits, pools.

        `described`: each figure's name and what it is; a name ending in _total only rises.
        `read` is called in a thread and must only read.
        """
        self.registry.register(_Figures(prefix, described, read))

    def look(self, prefix: str, described: Mapping[str, str], read: Looked) -> None:
        """The same for what has to be asked of others: `read` is awaited before each page, and
        its figures are left out while it fails."""
        self._looks[prefix] = read
        self.watch(prefix, described, lambda: self._seen.get(prefix, {}))

    async def page(self) -> bytes:
        """All of it, rendered in a thread: with thousands of series it takes tens of ms."""
        for prefix, read in self._looks.items():
            try:
                async with asyncio.timeout(LOOK_S):
                    self._seen[prefix] = await read()
            except Exception:  # the rest of the page tells why
                self._seen[prefix] = {}
        return await asyncio.to_thread(generate_latest, self.registry)


def _seconds(registry: CollectorRegistry) -> Histogram:
    return Histogram(
        "cauri_request_seconds",
        "Time from the request's headers to the end of its answer.",
        ("route", "method"),
        buckets=REQUEST_S,
        registry=registry,
    )


class _Figures(Collector):
    def __init__(self, prefix: str, described: Mapping[str, str], read: Gauges) -> None:
        self._prefix, self._described, self._read = prefix, dict(described), read

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry need not look before anybody asks."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now; one that is missing is left out."""
        found = self._read()
        for name, told in self._described.items():
            if name in found:
                kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                yield kind(f"{self._prefix}_{name}", told, value=found[name])

"""Metrics in Prometheus' format. Children are kept, so that counting costs a dict look-up."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

REQUEST_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MOST_CHILDREN: Final = 4096  # of one metric: labels come from fixed sets, so this is a bug's bound

Gauges = Callable[[], Mapping[str, float]]


class Metrics:
    """One registry a process; nothing global."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "cauri_requests",
            "Answered requests.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "cauri_request_seconds",
            "Time from the request's headers to the end of its answer.",
            ("route", "method"),
            buckets=REQUEST_S,
            registry=self.registry,
        )
        self._payments = Counter(
            "cauri_payments",
            "Payments initiated through the API, as they stood when answered.",
            ("provider", "status"),
            registry=self.registry,
        )
        self._callbacks = Counter(
            "cauri_callbacks",
            "Callbacks of providers: new, repeat, refused.",
            ("provider", "result"),
            registry=self.registry,
        )
        self._jobs = Counter(
            "cauri_jobs",
            "Background jobs: done, again, failed, dead.",
            ("kind", "result"),
            registry=self.registry,
        )
        self._of_request: dict[
            tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]
        ] = {}
        self._of_payment: dict[tuple[str, str], Callable[[], None]] = {}  # few of either

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
        """One callback: new, repeat or refused."""
        self._callbacks.labels(provider, result).inc()

    def job(self, kind: str, result: str) -> None:
        """One background job run: done, again, failed or dead."""
        self._jobs.labels(str(kind), result).inc()

    def watch(self, prefix: str, described: Mapping[str, str], read: Gauges) -> None:
        """Show what `read` gives whenever somebody looks: queue depths, group commits, pools.

        `described`: each figure's name and what it is; a name ending in _total only rises.
        `read` is called in a thread and must only read.
        """
        self.registry.register(_Figures(prefix, described, read))

    async def page(self) -> bytes:
        """All of it, rendered in a thread: with thousands of series it takes tens of ms."""
        return await asyncio.to_thread(generate_latest, self.registry)


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

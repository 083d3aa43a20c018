"""Processes that serve while they are measured."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

END_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    """A running process that told its port."""

    port: int
    process: psutil.Process
    _runs: Iterator[int] = field(default_factory=lambda: count(1))

    def cpu_s(self) -> float:
        """Seconds of CPU since its start, in steps of the kernel's clock (10 ms)."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        return float(self.process.memory_info().rss) / 1_000_000

    def next_run(self) -> str:
        """A word that no earlier load on this process used."""
        return f"{self.process.pid}.{next(self._runs)}"


@contextmanager
def child(module: str, config: Any, log: Path) -> Iterator[Child]:
    """`python -m entrypoints.bench.<module>` with its configuration; its log goes to a file."""
    config_text = msgspec.json.encode(config).decode()
    command = [sys.executable, "-m", f"entrypoints.bench.{module}", config_text]
    with started(command, log) as running:
        yield running


@contextmanager
def started(command: Sequence[str], log: Path) -> Iterator[Child]:
    """Any command that prints its port as the first line."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=output, stdin=subprocess.DEVNULL
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command[2]} did not start:\n{log.read_text()[-2000:]}")
        yield Child(int(line), psutil.Process(process.pid))
    finally:
        ended(process)


def ended(process: subprocess.Popen[bytes]) -> None:
    """Asked to end, and made to when it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()

"""Processes that serve while they are measured."""

import os
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

END_S: Final = 10.0
PROC: Final = Path("/proc")  # this bench needs Linux
TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Child:
    """A running process that told its port."""

    port: int
    pid: int
    _runs: Iterator[int] = field(default_factory=lambda: count(1))

    def cpu_s(self) -> float:
        """Seconds of CPU since its start, its threads' included, in the kernel's steps (10 ms)."""
        after_name = (PROC / str(self.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) * TICK_S

    def rss_mb(self) -> float:
        pages = int((PROC / str(self.pid) / "statm").read_text().split()[1])
        return pages * PAGE / 1_000_000

    def next_run(self) -> str:
        """A word that no earlier load on this process used."""
        return f"{self.pid}.{next(self._runs)}"


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
        yield Child(int(line), process.pid)
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
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()

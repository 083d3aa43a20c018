"""Processes of ours: started, frozen and killed by their ids; none outlives its yard."""

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
CAURI: Final = (sys.executable, "-c", "from entrypoints.cli import main; main()")
READY_S: Final = 30.0  # a loaded machine, first imports
END_S: Final = 60.0  # more than the grace of requests and of jobs together
COMMAND_S: Final = 60.0
LOOK_S: Final = 0.02
PR_SET_PDEATHSIG: Final = 1  # Linux: a signal for the child when its parent dies


async def until(holds: Callable[[], bool], within_s: float, what: str) -> None:
    """Look again and again. Raises AssertionError naming `what` when it never comes true."""

    async def look() -> bool:
        return holds()

    await becomes(look, within_s, what)


async def becomes(
    holds: Callable[[], Awaitable[bool]], within_s: float, what: str, every_s: float = LOOK_S
) -> None:
    """`until`, for what can only be asked over a wire."""
    deadline = time.monotonic() + within_s
    while not await holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(every_s)


class RunLog:
    """What was done to the run and when, a JSON line each: what a failure is read from.

    It is appended to and never held open, so that it survives whatever dies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._began = time.monotonic()

    def tell(self, event: str, **facts: object) -> None:
        line = {"s": round(time.monotonic() - self._began, 3), "event": event, **facts}
        with self.path.open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")


class Child:
    """One process. What it says is in the file `output`."""

    def __init__(
        self, log: RunLog, name: str, command: tuple[str, ...], environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.output = log.path.with_name(f"{name}.log")
        self._log = log
        self._began_at = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,
            )
        log.tell("start", name=name, pid=self.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """None while it runs; below zero: the signal that ended it."""
        return self._process.poll()

    async def line(self, start: str) -> str:
        """The first line of this process that begins so."""
        found: list[str] = []

        def said() -> bool:
            text = self.output.read_bytes()[self._began_at :].decode(errors="replace")
            found[:] = [line for line in text.splitlines() if line.startswith(start)]
            if not found and self.status is not None:
                raise AssertionError(f"{self.name} ended with {self.status}:\n{text[-2000:]}")
            return bool(found)

        await until(said, READY_S, f"{self.name} says {start!r}")
        return found[0]

    def kill(self) -> None:
        """`kill -9`: nothing of it is left when this returns."""
        self._signal("kill", signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """It stands still, holding all that it holds."""
        self._signal("freeze", signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal("thaw", signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end, as an operator does."""
        self._signal("terminate", signal.SIGTERM)

    async def ended(self) -> int:
        """Its exit status."""
        await until(lambda: self.status is not None, END_S, f"{self.name} ends")
        self._log.tell("ended", name=self.name, status=self.status)
        return int(self._process.returncode)

    def _signal(self, word: str, number: signal.Signals) -> None:
        self._log.tell(word, name=self.name, pid=self.pid)
        with suppress(ProcessLookupError):
            self._process.send_signal(number)


class Yard:
    """Starts processes with an environment made of nothing but what is named here; on leaving,
    whatever still lives is killed."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = RunLog(folder / "run.log")
        self.environment = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", **environment}
        self._children: list[Child] = []

    def start(self, name: str, *arguments: str, **environment: str) -> Child:
        """`cauri …`, under a name that is used again when it is started again."""
        whole = {**self.environment, **environment}
        child = Child(self.log, name, (*CAURI, *arguments), whole)
        self._children.append(child)
        return child

    async def cauri(self, *arguments: str, typed: str = "", **environment: str) -> str:
        """A command to its end; what it printed. Raises AssertionError when it fails."""
        status, told, failure = await self.tried(*arguments, typed=typed, **environment)
        assert status == 0, f"cauri {' '.join(arguments)} -> {status}\n{told}{failure}"
        return told

    async def tried(
        self, *arguments: str, typed: str = "", **environment: str
    ) -> tuple[int, str, str]:
        """A command to its end: its status, what it printed, what it complained of."""
        process = await asyncio.create_subprocess_exec(
            *CAURI,
            *arguments,
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(COMMAND_S):
                told, failure = await process.communicate(typed.encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return int(process.returncode or 0), told.decode(), failure.decode()

    def close(self) -> None:
        for child in self._children:
            if child.status is None:
                child.kill()

    def told(self) -> str:
        """The run log, and the end of what each process said: for a failure's message."""
        parts = [self.log.path.read_text()[-6000:]]
        outputs = sorted({child.output for child in self._children})
        parts += [f"--- {one.name}\n{one.read_text(errors='replace')[-3000:]}" for one in outputs]
        return "\n".join(parts)


def _die_with_parent() -> None:
    """Ask Linux to end the child even when the test process is killed."""
    if os.uname().sysname == "Linux":
        libc: Any = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

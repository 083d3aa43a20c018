"""A lean load generator: its own process, raw sockets, one request under way on each connection.

It costs some 12 µs a request, so that a second core is enough to keep the service busy.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any, Final

from entrypoints.bench.child import Child
from entrypoints.bench.figure import MICRO, Effort, Sample, at

CONNECTIONS: Final = 16
LONGEST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Requests:
    """A head ends where the number of the request is put in, the tail goes on behind it. Heads take
    turns, every number is used once. `expect` is the status all answers must have. `tails`, where
    bodies differ, are the heads' own."""

    heads: Sequence[str]
    tail: str
    expect: int
    connections: int = CONNECTIONS
    tails: Sequence[str] = ()


def under_load(child: Child, requests: Requests, effort: Effort) -> Sample:
    """One round against the child that serves. Raises RuntimeError when an answer was another."""
    plan = {
        **asdict(requests),
        "port": child.port,
        "warm_s": effort.warm_s,
        "seconds": effort.seconds,
        "run": child.next_run(),
    }
    cpu_s = child.cpu_s()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", __name__],
        input=json.dumps(plan).encode(),
        capture_output=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    told = json.loads(done.stdout)
    return Sample(
        rate=told["rate"],
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        cpu_us=(child.cpu_s() - cpu_s) / told["all"] * MICRO,
        rss_mb=child.rss_mb(),
    )


class Line:
    """One connection: a request goes out when the answer to the last one is complete."""

    __slots__ = ("_got", "_need", "began", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got, self._need = b"", 0
        self.began = 0.0

    def ask(self, request: bytes, now: float) -> None:
        self.began = now
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """The whole answer, once it is here."""
        got = self._got + self.socket.recv(65536)
        if not self._need:
            end = got.find(b"\r\n\r\n")
            if end < 0:
                self._got = got
                return None
            start = got.index(b"content-length: ") + 16
            self._need = end + 4 + int(got[start : got.index(b"\r\n", start)])
        if len(got) < self._need:
            self._got = got
            return None
        self._got, self._need = b"", 0
        return got


def generate(plan: dict[str, Any], lines: dict[int, Line], until: float) -> tuple[int, list[float]]:
    """Ask on every line until then; how often, and each answer's milliseconds."""
    heads, tails = plan["heads"], plan["tails"] or [plan["tail"]]
    asks = cycle(
        [
            (f"{head}{plan['run']}-".encode(), tail.encode())
            for head, tail in zip(heads, cycle(tails), strict=False)
        ][plan.get("skip", 0) :]
    )
    first = f"HTTP/1.1 {plan['expect']}".encode()
    clock, number, taken = time.perf_counter, 0, list[float]()
    poll = select.epoll()
    for line in lines.values():
        number += 1
        head, tail = next(asks)
        line.ask(b"%b%d%b" % (head, number, tail), clock())
        poll.register(line.socket, select.EPOLLIN)
    waiting = len(lines)
    while waiting:
        for key, _ in poll.poll():
            line = lines[key]
            if (answer := line.answer()) is None:
                continue
            now = clock()
            if not answer.startswith(first):
                raise RuntimeError(answer.decode("latin-1"))
            taken.append((now - line.began) * 1000)
            if now < until:
                number += 1
                head, tail = next(asks)
                line.ask(b"%b%d%b" % (head, number, tail), now)
            else:
                waiting -= 1
    return number, taken


def main() -> None:
    """Warm up, measure, and tell."""
    plan = json.load(sys.stdin)
    opened = [Line(plan["port"]) for _ in range(plan["connections"])]
    lines = {line.socket.fileno(): line for line in opened}
    run, clock = plan["run"], time.perf_counter
    warm, _ = generate({**plan, "run": f"{run}w"}, lines, clock() + plan["warm_s"])
    skip = warm if plan["tails"] else 0  # each of those is sent once
    began = clock()
    number, taken = generate({**plan, "skip": skip}, lines, began + plan["seconds"])
    wall = clock() - began
    taken.sort()
    told = {"rate": len(taken) / wall, "p50_ms": at(taken, 0.5), "p99_ms": at(taken, 0.99)}
    print(json.dumps({**told, "all": warm + number}))


if __name__ == "__main__":
    main()

"""Where log lines go: a buffer that reaches the stream soon, in few writes."""

import asyncio
from typing import Final, Protocol

SOON_S: Final = 0.2  # how long a line may wait: a person watching sees no delay
MOST_WAITING: Final = 64 * 1024  # bytes: what a pipe takes at once


class Stream(Protocol):
    """A binary file."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


class Sink:
    """One per process. Outside a loop (commands) every line goes out at once."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._waiting: list[bytes] = []
        self._size = 0
        self._due: asyncio.TimerHandle | None = None

    def write(self, line: bytes) -> None:
        """`line` without its end."""
        self._waiting.append(line)
        self._size += len(line)
        if self._size > MOST_WAITING:
            self.flush()
        elif self._due is None:
            self._schedule()

    def flush(self) -> None:
        """Everything that waits goes out now. Call it before the process ends."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self._waiting:
            return
        lines, self._waiting, self._size = self._waiting, [], 0
        lines.append(b"")
        self._stream.write(b"\n".join(lines))
        self._stream.flush()

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            self._due = loop.call_later(SOON_S, self.flush)

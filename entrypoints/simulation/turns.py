"""What the loop runs one of at a time, and how a task gives its turn away."""

import asyncio
from collections.abc import Generator
from contextvars import Context, copy_context
from typing import Any, Final


class Turn(asyncio.TimerHandle):
    """A callback that waits for its turn. asyncio's own, without what serves its debugging: there
    are two hundred for each payment."""

    __slots__ = ()

    def __init__(self, when: float, callback: Any, args: Any, context: Context | None) -> None:
        self._when, self._callback, self._args = when, callback, args
        self._context = copy_context() if context is None else context
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True
        self._callback, self._args = None, ()

    def __repr__(self) -> str:
        return f"Turn({self._when}, {self._callback!r})"


class Pause:
    """Awaited, it gives the turn away once; the loop says for how long."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield


PAUSE: Final = Pause()

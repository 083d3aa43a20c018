"""Which request, job or command the present work belongs to: set where work enters, read where it
leaves a trace (log lines, provider calls, events)."""

from contextvars import ContextVar
from typing import Final

CORRELATION: Final[ContextVar[str]] = ContextVar("correlation", default="")


def correlation_id() -> str:
    """The id of the work under way; empty when nobody set one."""
    return CORRELATION.get()

"""Replies about the service itself."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class Health(StrEnum):
    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"  # it serves, less well
    UNHEALTHY = "UNHEALTHY"
    NOT_CONFIGURED = "NOT_CONFIGURED"  # optional, and not wanted


Plain = str | int | float | bool | None


class CheckReply(Struct, rename="camel"):
    """What one check found."""

    status: Health
    response_time_ms: float
    detail: Mapping[str, Plain | Mapping[str, Plain]]


class HealthReply(Struct, rename="camel"):
    """The worst of its checks decides the status."""

    status: Health
    checks: dict[str, CheckReply]
    response_time_ms: float
    uptime_seconds: int
    version: str
    checked_at: datetime


class Alive(Struct):
    status: Health = Health.HEALTHY


class Received(Struct):
    received: Annotated[bool, Meta(description="Stored, or known already.")] = True


class ProblemKind(Struct, rename="camel"):
    """What a `type` of a problem document stands for."""

    code: str
    title: str
    status: int
    detail: str

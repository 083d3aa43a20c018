"""Times, words and JSON as they are stored."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US: Final = 86_400_000_000
SECOND_US: Final = 1_000_000

Word = TypeVar("Word", bound=Enum)

_encoder: Final = msgspec.json.Encoder()


def us(at: datetime) -> int:
    """Whole microseconds since 1970; exact, no float in between."""
    passed = at - EPOCH
    return passed.days * DAY_US + passed.seconds * SECOND_US + passed.microseconds


def us_or_none(at: datetime | None) -> int | None:
    return us(at) if at is not None else None


def time(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)


def time_or_none(stored: int | None) -> datetime | None:
    return EPOCH + timedelta(microseconds=stored) if stored is not None else None


def words(kind: type[Word]) -> Mapping[str | int, Word]:
    """The members by what is stored of them: calling an Enum takes three times as long."""
    return {one.value: one for one in kind}


def json(value: Any) -> str:
    """For built-in types and Structs of these modules; never for a domain object."""
    return _encoder.encode(value).decode()

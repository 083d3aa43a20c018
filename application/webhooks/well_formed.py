"""What a merchant may say about an endpoint."""

from collections.abc import Iterable
from typing import Final

from application.text import plain
from domain.errors import Invalid
from domain.webhooks.told import Topic

LONGEST_URL: Final = 2048
LONGEST_DESCRIPTION: Final = 500
TOPICS: Final = {one.value: one for one in Topic if one is not Topic.TEST}


def topics_of(words: Iterable[str]) -> frozenset[Topic]:
    """The topics by their public words. Raises Invalid, field `events`."""
    wanted = frozenset(words)
    for word in sorted(wanted - TOPICS.keys()):
        raise Invalid(f"{word[:64]!r} is no event type; choose of: {', '.join(TOPICS)}", "events")
    return frozenset(TOPICS[word] for word in wanted)


def address(url: str) -> str:
    """Raises Invalid, field `url`, for what is longer than any address needs to be."""
    if not 0 < len(url) <= LONGEST_URL:
        raise Invalid(f"must be 1 to {LONGEST_URL} characters", "url")
    return url


def description(text: str) -> str:
    """Raises Invalid, field `description`."""
    try:
        return plain(text, LONGEST_DESCRIPTION)
    except Invalid as error:
        raise Invalid(str(error), "description") from None

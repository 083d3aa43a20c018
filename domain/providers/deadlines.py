"""How long a provider is given: to connect, and for each operation in all."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, Self

from domain.errors import Invalid
from domain.values import replace

LONGEST_S: Final = 30  # whoever relies on a call being over reckons with this much


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Whole seconds, 1 to LONGEST_S. An operation's includes connecting, and all of its requests
    where it makes several; `connect_s` is for each request, queueing for a connection included."""

    connect_s: int = 3  # a provider that needs more is down
    prepare_s: int = 10
    charge_s: int = 20
    query_s: int = 10
    cancel_s: int = 15
    refund_s: int = 20

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 1 <= value <= LONGEST_S:
                raise Invalid(f"{_word(name)}: must be 1 to {LONGEST_S} seconds", "timeout")

    def changed(self, by: Mapping[str, int]) -> Self:
        """With other seconds for the operations in `by`. Raises Invalid."""
        return replace(self, **{f"{name}_s": value for name, value in by.items()}) if by else self


USUAL: Final = Deadlines()


def _word(name: str) -> str:
    return name.removesuffix("_s")


OPERATIONS: Final = tuple(_word(one.name) for one in fields(Deadlines))


def deadlines_of(texts: list[str]) -> dict[str, int]:
    """["charge=15", "query=5"] as {"charge": 15, "query": 5}. Raises Invalid saying what is."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in OPERATIONS or not (value.isascii() and value.isdigit()):
            known = ", ".join(OPERATIONS)
            raise Invalid(f"must be like charge=15; there is {known}, in seconds", "timeout")
        if name in found:
            raise Invalid(f"{name} is given twice", "timeout")
        found[name] = int(value[:9])
    Deadlines().changed(found)
    return found


def deadlines_by_provider(text: str) -> dict[str, dict[str, int]]:
    """ "charge=15, maya.query=5" as {"": {"charge": 15}, "maya": {"query": 5}}: "" is every
    provider. Raises Invalid."""
    parts: dict[str, list[str]] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        provider, dot, rest = part.partition(".")
        parts.setdefault(provider if dot else "", []).append(rest if dot else part)
    return {provider: deadlines_of(texts) for provider, texts in parts.items()}

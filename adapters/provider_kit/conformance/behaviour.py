"""How a behaviour is asked: of whom, in which variants, and what became of it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from adapters.provider_kit.manifest import Manifest

HEADINGS: Final[Mapping[str, str]] = {
    "money_in": "money in",
    "silence": "silence, by phase",
    "rubbish": "answers that are none",
    "rubbish_elsewhere": "the same where nothing is charged",
    "ending": "ending a payment",
    "connecting": "connecting an account, and secrets",
    "callbacks": "callbacks",
    "attacks": "callbacks by who wants to be paid for nothing",
    "refunds": "money back",
    "limits": "words, amounts, units and time at their limits",
}
"""The parts of the suite, as people read them."""

E = TypeVar("E", bound=Exception)
Check = Callable[..., Awaitable[None]]
ONCE: Final[Sequence[tuple[Any, ...]]] = ((),)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`run` is given a fresh Shop, and one of `each`; what it finds wrong it raises."""

    name: str  # a sentence, with underscores
    abilities: tuple[type, ...]
    holds: Callable[[Manifest], bool]
    run: Check
    each: Sequence[tuple[Any, ...]]

    @property
    def part(self) -> str:
        """The module of the suite that it stands in: "money_in"."""
        return self.run.__module__.rpartition(".")[2]

    @property
    def about(self) -> str:
        """What its part is about, in a few words, for a list of all of them."""
        return HEADINGS.get(self.part, "")

    def asked_of(self, manifest: Manifest) -> bool:
        """Of providers with a remote side and these abilities."""
        able = all(issubclass(manifest.client, one) for one in self.abilities)
        return manifest.simulator is not None and able and self.holds(manifest)


BEHAVIOURS: Final[dict[str, Behaviour]] = {}
"""All of them, once adapters.provider_kit.conformance.suite is imported."""


def able(
    *abilities: type,
    holds: Callable[[Manifest], bool] = lambda one: True,
    each: Sequence[tuple[Any, ...]] = ONCE,
) -> Callable[[Check], Check]:
    """A behaviour of every provider with these abilities. Raises ValueError for a second one of
    the same name: it would hide the first."""

    def mark(check: Check) -> Check:
        name = check.__name__
        if name in BEHAVIOURS:
            raise ValueError(f"{name} is there twice")
        BEHAVIOURS[name] = Behaviour(name, abilities, holds, check, each)
        return check

    return mark


class Caught(Generic[E]):
    """The error that was waited for."""

    value: E


@contextmanager
def refused(*kinds: type[E]) -> Iterator[Caught[E]]:
    """What is inside must raise one of these."""
    caught = Caught[E]()
    try:
        yield caught
    except kinds as error:
        caught.value = error
        return
    raise AssertionError(f"nothing was refused: {' or '.join(one.__name__ for one in kinds)}")

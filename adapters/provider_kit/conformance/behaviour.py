"""How a behaviour is asked: of whom, in which variants, and what became of it."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from adapters.provider_kit.manifest import Manifest

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

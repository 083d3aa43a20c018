"""The whole suite, run on one provider: what it declares, what it does, what it deviates from."""

import traceback
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.provider_kit.conformance import (
    attacks,
    callbacks,
    connecting,
    ending,
    limits,
    money_in,
    refunds,
    rubbish,
    rubbish_elsewhere,
    silence,
)
from adapters.provider_kit.conformance.behaviour import BEHAVIOURS, Behaviour
from adapters.provider_kit.conformance.declared import DECLARED
from adapters.provider_kit.conformance.deviations import CHECKS
from adapters.provider_kit.conformance.shop import open_shop
from adapters.provider_kit.manifest import Manifest

__all__ = ["BEHAVIOURS", "PARTS", "Result", "asked_of", "run", "shows", "verified"]

PARTS = (
    money_in,
    silence,
    rubbish,
    rubbish_elsewhere,
    ending,
    connecting,
    callbacks,
    attacks,
    refunds,
    limits,
)
DECLARATION: Final = "what the manifest declares"
DEVIATION: Final = "what a protocol may lack, with its reason"
NONE: Mapping[str, Manifest] = {}


@dataclass(frozen=True, slots=True)
class Result:
    """`told` is None when it passed; else where it failed, and in which variant."""

    behaviour: str
    told: str | None = None
    about: str = ""  # what its part of the suite is about

    @property
    def passed(self) -> bool:
        return self.told is None


def asked_of(manifest: Manifest) -> list[Behaviour]:
    """The behaviours that this provider must have, by what its client can do."""
    return [one for one in BEHAVIOURS.values() if one.asked_of(manifest)]


async def run(
    behaviour: Behaviour,
    variant: tuple[Any, ...],
    manifest: Manifest,
    everyone: Mapping[str, Manifest] = NONE,
) -> None:
    """Raises what is wrong. Each variant has a shop of its own."""
    async with open_shop(manifest, everyone) as shop:
        await behaviour.run(shop, *variant)


async def shows(name: str, manifest: Manifest, everyone: Mapping[str, Manifest] = NONE) -> bool:
    """Whether it has one of the behaviours that a manifest may deviate from."""
    async with open_shop(manifest, everyone) as shop:
        return await CHECKS[name].shown(shop)


async def verified(
    manifest: Manifest, everyone: Mapping[str, Manifest] = NONE
) -> AsyncIterator[Result]:
    """Every behaviour that is asked of it, one after another, and again under each of its other
    settings; never an error."""
    for name, declared in DECLARED.items():
        try:
            declared(manifest)
        except Exception as error:
            yield Result(name, _place(error), DECLARATION)
        else:
            yield Result(name, None, DECLARATION)
    if manifest.simulator is None:
        return
    async for result in _shown(manifest, everyone):
        yield result
    for setting in manifest.settings:
        async for result in _shown(manifest.under(setting), everyone):
            about = f"{result.about}: {setting}"
            yield replace(result, behaviour=f"{setting}:{result.behaviour}", about=about)


async def _shown(manifest: Manifest, everyone: Mapping[str, Manifest]) -> AsyncIterator[Result]:
    for name, check in CHECKS.items():
        if check.asked_of(manifest):
            yield await _deviation(name, manifest, everyone)
    for one in asked_of(manifest):
        yield await _behaviour(one, manifest, everyone)


async def _behaviour(
    one: Behaviour, manifest: Manifest, everyone: Mapping[str, Manifest]
) -> Result:
    for variant in one.each:
        try:
            await run(one, variant, manifest, everyone)
        except Exception as error:
            about = f" with {variant!r:.100}" if variant else ""
            return Result(one.name, f"{_place(error)}{about}", one.about)
    return Result(one.name, None, one.about)


async def _deviation(name: str, manifest: Manifest, everyone: Mapping[str, Manifest]) -> Result:
    """It is there, or the manifest says why it can't be; a deviation that is not needed fails."""
    declared, known_as = name in manifest.deviations, f"deviation:{name}"
    try:
        shown = await shows(name, manifest, everyone)
    except Exception as error:
        return Result(known_as, _place(error), DEVIATION)
    if shown and declared:
        return Result(known_as, "it is there; the manifest need not deviate", DEVIATION)
    if not shown and not declared:
        return Result(known_as, "it is not there, and the manifest says not why", DEVIATION)
    return Result(known_as, None, DEVIATION)


def _place(error: Exception) -> str:
    """The line that failed, which reads as a sentence, and what kind of error it was."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    file = frame.filename.rpartition("/")[2]
    what = str(error) if isinstance(error, AssertionError) and str(error) else type(error).__name__
    return f"{file}:{frame.lineno}: {frame.line} ({what})"

"""`cauri provider`: write a provider, and hold it to what all must do."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, Protocol

from adapters.cli import show
from adapters.cli.accounts import config_of
from adapters.cli.failures import DONE, NO


@dataclass(frozen=True, slots=True)
class Verdict:
    """`told` is None when it passed; else what was found instead. `about`: what its part of the
    suite is about."""

    behaviour: str
    told: str | None = None
    about: str = ""


class Workshop(Protocol):
    """Where providers are written and tried."""

    @abstractmethod
    def write(self, code: str, folder: str) -> Sequence[str]:
        """A working package; the paths it wrote. Raises Invalid."""

    @abstractmethod
    def verify(self, code: str, config: Mapping[str, Any] | None) -> AsyncIterator[Verdict]:
        """Against its simulator, or with a configuration against that. Raises Invalid."""

    @abstractmethod
    def row(self, code: str) -> Mapping[str, Any]:
        """What it can do. Raises Invalid."""

    @abstractmethod
    def codes(self) -> Sequence[str]:
        """Of every provider of this build."""

    @abstractmethod
    def page(self) -> str:
        """docs/providers.md."""


@dataclass(frozen=True, slots=True)
class NewProvider:
    workshop: Workshop
    needs_schema: ClassVar[bool] = False

    async def __call__(self, *, name: str, at: str, json: bool) -> int:
        paths = self.workshop.write(name, at)
        if json:
            show.line({"code": name, "files": list(paths)})
            return DONE
        for one in paths:
            show.say(one)
        show.say(f"Try it: pip install -e {at}; cauri provider verify {name}")
        return DONE


@dataclass(frozen=True, slots=True)
class VerifyProvider:
    workshop: Workshop
    needs_schema: ClassVar[bool] = False

    async def __call__(self, *, name: str, config: BinaryIO | None, json: bool) -> int:
        row = self.workshop.row(name)
        given = config_of(config) if config is not None else None
        verdicts: list[Verdict] = []
        async for one in self.workshop.verify(name, given):
            if not json and one.about and one.about not in {other.about for other in verdicts}:
                show.say(f"\n{one.about.capitalize()}")
            verdicts.append(one)
            if not json:
                failed = f"\n      {one.told}" if one.told is not None else ""
                show.say(f"{'pass' if one.told is None else 'FAIL'}  {_sentence(one)}{failed}")
        failures = sum(one.told is not None for one in verdicts)
        if json:
            behaviours = [
                {
                    "behaviour": one.behaviour,
                    "about": one.about,
                    "passed": one.told is None,
                    "told": one.told,
                }
                for one in verdicts
            ]
            show.line({"capabilities": row, "failures": failures, "behaviours": behaviours})
        else:
            show.say("; ".join(f"{key}: {_plain(value)}" for key, value in row.items()))
            show.say(f"{len(verdicts) - failures} of {len(verdicts)} behaviours passed")
        return NO if failures else DONE


@dataclass(frozen=True, slots=True)
class ShowMatrix:
    workshop: Workshop
    needs_schema: ClassVar[bool] = False

    async def __call__(self, *, tried: bool, json: bool) -> int:
        failed: list[str] = []
        for code in self.workshop.codes() if tried else ():
            failed += [
                f"{code}: {one.behaviour}: {one.told}"
                async for one in self.workshop.verify(code, None)
                if one.told is not None
            ]
        if json:
            rows = [self.workshop.row(code) for code in self.workshop.codes()]
            show.line({"data": rows, "failed": failed})
        else:
            show.say(self.workshop.page().rstrip("\n"))
            for line in failed:
                show.say(line)
        return NO if failed else DONE


def _plain(value: object) -> str:
    """Of a capability: words, no brackets."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list):
        return ", ".join(value) or "-"
    return str(value)


def _sentence(one: Verdict) -> str:
    return one.behaviour.replace("_", " ")

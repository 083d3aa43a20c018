"""Where providers are written and tried: the kit, behind the command line's port."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.cli.provider import Verdict, Workshop
from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.scaffold import written
from adapters.providers import discover
from adapters.system.clock import SystemClock
from adapters.system.ids import RandomIds
from domain.errors import Invalid


class KitWorkshop(Workshop):
    def write(self, code: str, folder: str) -> Sequence[str]:
        """Raises Invalid, also for the code of a provider that is here."""
        if code in discover():
            raise Invalid(f"there is a provider {code}; choose another code", "name")
        return [str(path) for path in written(code, Path(folder))]

    async def verify(self, code: str, config: Mapping[str, Any] | None) -> AsyncIterator[Verdict]:
        """Raises Invalid."""
        if not __debug__:
            raise Invalid("run it without -O: the suite asserts", "name")
        # The suite is imported when it is run: no other process needs it.
        from adapters.provider_kit.conformance import sandbox, suite

        manifest = _manifest(code)
        if config is None:
            async for one in suite.verified(manifest, discover()):
                yield Verdict(one.behaviour, one.told, one.about)
            return
        async with AiohttpTransport() as transport:
            found = sandbox.tried(manifest, config, transport, SystemClock(), RandomIds())
            async for one in found:
                yield Verdict(one.behaviour, one.told, one.about)

    def row(self, code: str) -> Mapping[str, Any]:
        """Raises Invalid."""
        from adapters.provider_kit.matrix import row

        return row(_manifest(code))

    def codes(self) -> Sequence[str]:
        """Sorted."""
        return sorted(discover())

    def page(self) -> str:
        """docs/providers.md."""
        from adapters.provider_kit.matrix import page

        return page(discover())


def _manifest(code: str) -> Manifest:
    if (found := discover().get(code)) is None:
        raise Invalid(f"there is {', '.join(sorted(discover()))}", "name")
    return found

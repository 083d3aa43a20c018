"""Cauri as `cauri serve` runs it, with the provider in process or at its address."""

import sys

import msgspec
import uvloop
from dishka import Provider, Scope, provide

from adapters.provider_kit.transport import Transport
from entrypoints.bench.maya import InstantMaya
from entrypoints.processes import serve_from, stopping
from entrypoints.settings import Settings
from entrypoints.site import Site
from entrypoints.wiring import production


class Serving(msgspec.Struct):
    settings: Settings
    in_process: bool = False  # the provider


class ProviderInside(Provider):
    """No socket to the provider."""

    scope = Scope.APP

    @provide(override=True)
    def transport(self) -> Transport:
        return InstantMaya()


async def main(serving: Serving) -> None:
    """Serve until asked to stop."""

    async def started(port: int) -> None:
        print(port, flush=True)

    inside = (ProviderInside(),) if serving.in_process else ()
    container = production(serving.settings, Site(), *inside)
    try:
        async with stopping() as stop:
            await serve_from(container, serving.settings, stop, started)
    finally:
        await container.close()


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.argv[1], type=Serving)))

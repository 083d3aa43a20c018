"""Commands that do one thing and end: built from the types of their fields."""

import getpass
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any, get_type_hints

from dishka import Provider, Scope, provide

from adapters.cli.here import Here, OpenPost, Stopping
from adapters.cli.provider import Workshop
from adapters.cli.which_tenant import WhichTenant
from adapters.webhooks.post import GuardedPost
from adapters.webhooks.target import place
from domain.ports.clock import Clock
from domain.ports.tenants import Tenants
from entrypoints.processes import prepare, stopping
from entrypoints.settings import Settings
from entrypoints.wiring import production
from entrypoints.workshop import KitWorkshop


class Desk(Provider):
    """What commands need besides use cases."""

    scope = Scope.APP

    @provide
    def here(self, settings: Settings) -> Here:
        url = settings.public_url or f"http://{settings.host}:{settings.port}"
        return Here(public_url=url, operator=operator())

    @provide
    def open_post(self, clock: Clock) -> OpenPost:
        return lambda url: GuardedPost(clock, [place(url)])

    @provide
    def workshop(self) -> Workshop:
        return KitWorkshop()

    @provide
    def stopping(self) -> Stopping:
        return stopping

    @provide
    def which_tenant(self, tenants: Tenants) -> WhichTenant:
        return WhichTenant(tenants)


def operator() -> str:
    """The name of the user at this machine; a container may run under a number without one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "operator"


async def perform(path: str, options: Mapping[str, Any], settings: Settings) -> int:
    """Build the command class at `module:Class`, and run it. The exit status."""
    module, _, name = path.partition(":")
    command = getattr(import_module(module), name)
    await prepare(settings, needs_schema=getattr(command, "needs_schema", True))
    container = production(settings, Desk())
    try:
        kinds = get_type_hints(command)
        needs = {field.name: kinds[field.name] for field in fields(command)}
        instance = command(**{name: await container.get(kind) for name, kind in needs.items()})
        return int(await instance(**options))
    finally:
        await container.close()

"""The conformance suite's worlds, with the providers of this build."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from adapters.provider_kit.conformance import shop as shops
from adapters.provider_kit.conformance.shop import (
    APPROVES,
    CALLBACK_URL,
    DECLINES,
    IGNORES,
    Shop,
    T,
    arrived,
    lookup,
    opened,
)
from adapters.provider_kit.conformance.wire import (
    START,
    GlassVault,
    HandClock,
    Meddle,
    Patient,
    Wire,
    lost,
)
from adapters.provider_kit.manifest import Manifest
from adapters.providers import discover

__all__ = [
    "APPROVES",
    "CALLBACK_URL",
    "DECLINES",
    "IGNORES",
    "MANIFESTS",
    "REMOTES",
    "SETTINGS",
    "START",
    "GlassVault",
    "HandClock",
    "Meddle",
    "Patient",
    "Shop",
    "T",
    "Wire",
    "arrived",
    "lookup",
    "lost",
    "open_shop",
    "opened",
]

MANIFESTS: Mapping[str, Manifest] = discover()
REMOTES = sorted(name for name, one in MANIFESTS.items() if one.simulator is not None)
SETTINGS: Mapping[str, Manifest] = {
    **{name: MANIFESTS[name] for name in REMOTES},
    **{
        f"{name}:{one}": MANIFESTS[name].under(one)
        for name in REMOTES
        for one in MANIFESTS[name].settings
    },
}
"""Who is called, in each way that an account may be set: the usual one has the provider's name."""


@asynccontextmanager
async def open_shop(manifest: Manifest, seed: int = 7) -> AsyncIterator[Shop]:
    """Among all providers of this build."""
    async with shops.open_shop(manifest, MANIFESTS, seed) as shop:
        yield shop

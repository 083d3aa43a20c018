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


@asynccontextmanager
async def open_shop(manifest: Manifest, seed: int = 7) -> AsyncIterator[Shop]:
    """Among all providers of this build."""
    async with shops.open_shop(manifest, MANIFESTS, seed) as shop:
        yield shop

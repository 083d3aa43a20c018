"""One folder per company; discovered, never listed. Third parties ship theirs as packages.

A package that offers `[project.entry-points."cauri.providers"]`, `acme = "cauri_acme:MANIFEST"`, is
a provider of every installation that has it.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Final

from adapters.provider_kit.manifest import Manifest

GROUP: Final = "cauri.providers"


@cache
def discover() -> Mapping[str, Manifest]:
    """Every manifest by its code: the folders here, then what is installed beside them. Raises
    ValueError when a name disagrees, is taken, or names no manifest."""
    found: dict[str, Manifest] = {}
    for module in iter_modules(__path__):
        manifest: Manifest = import_module(f"{__name__}.{module.name}").MANIFEST
        if manifest.profile.code != module.name:
            raise ValueError(f"folder {module.name} calls itself {manifest.profile.code}")
        found[module.name] = manifest
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        if entry.name in found:
            raise ValueError(f"{_package(entry)}: there is a provider {entry.name} already")
        found[entry.name] = _installed(entry)
    return found


def _installed(entry: EntryPoint) -> Manifest:
    """Raises ValueError, naming the package: whoever installed it can remove it."""
    try:
        manifest = entry.load()
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{_package(entry)}: {entry.value} can't be loaded: {error}") from error
    if not isinstance(manifest, Manifest):
        raise ValueError(f"{_package(entry)}: {entry.value} is no manifest")
    if manifest.profile.code != entry.name:
        raise ValueError(
            f"{_package(entry)}: entry point {entry.name} calls itself {manifest.profile.code}"
        )
    return manifest


def _package(entry: EntryPoint) -> str:
    return f"package {entry.dist.name if entry.dist is not None else 'unknown'}"

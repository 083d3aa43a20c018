"""One folder per company; discovered, never listed."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from adapters.provider_kit.manifest import Manifest


@cache
def discover() -> Mapping[str, Manifest]:
    """The manifest of every folder here, by name. Raises ValueError when a name disagrees."""
    found: dict[str, Manifest] = {}
    for module in iter_modules(__path__):
        manifest: Manifest = import_module(f"{__name__}.{module.name}").MANIFEST
        if manifest.profile.code != module.name:
            raise ValueError(f"folder {module.name} calls itself {manifest.profile.code}")
        found[module.name] = manifest
    return found

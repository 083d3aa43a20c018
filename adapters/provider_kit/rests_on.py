"""What each provider's client rests on, endpoint by endpoint, out of its folder's NOTES.md."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from adapters.provider_kit.manifest import Manifest

NOTES: Final = "NOTES.md"
WORD: Final = "Documented"  # in the head of the table


def tables(manifests: Mapping[str, Manifest]) -> str:
    """A section for a page: one table for each provider that has one."""
    parts = ["\n## What each endpoint rests on\n"]
    for code, manifest in sorted(manifests.items()):
        if table := table_of(manifest):
            parts.append(f"\n**{code}**\n\n{table}")
    return "".join(parts)


def table_of(manifest: Manifest) -> str:
    """Documented by the company, seen in public clients, or assumed; "" when nothing is told."""
    notes = Path(inspect.getfile(manifest.client)).parent / NOTES
    if not notes.is_file():
        return ""
    return "".join(f"{line}\n" for line in _table(notes.read_text("utf-8").splitlines()))


def _table(lines: list[str]) -> Iterator[str]:
    heads = [at for at, line in enumerate(lines) if line.startswith("|") and WORD in line]
    for line in lines[heads[0] :] if heads else ():
        if not line.startswith("|"):
            return
        yield line

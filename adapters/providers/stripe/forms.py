"""Stripe's request bodies: forms whose names nest in brackets, "metadata[attempt_id]"."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode


def form(fields: Mapping[str, Any]) -> bytes:
    """None is left out: an empty value would clear a field at Stripe."""
    return urlencode(list(_pairs("", fields))).encode()


def _pairs(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(f"{prefix}[{name}]" if prefix else str(name), inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _pairs(f"{prefix}[{index}]", inner)
    elif isinstance(value, bool):
        yield prefix, "true" if value else "false"
    elif value is not None:
        yield prefix, str(value)

"""The documentation: OpenAPI for machines, and a page for people that needs no internet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.http.answers import Ready
from adapters.http.caller import Desk
from adapters.http.openapi import document
from adapters.http.operation import OPERATION, Call, Operation
from adapters.http.wire.reading import Nothing

HTML: Final = (b"content-type", b"text/html; charset=utf-8")
PAGE: Final = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cauri API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/vendor/swagger-ui.css">
</head>
<body>
<main id="schema"><noscript>The API is described at
<a href="/schema/openapi.json">/schema/openapi.json</a>.</noscript></main>
<script src="/static/vendor/swagger-ui-bundle.js"></script>
<script src="/static/schema.js"></script>
</body>
</html>
"""
OPENAPI: Final = Operation(
    method="GET",
    path="/schema/openapi.json",
    summary="This document",
    scope=None,
    reads=Nothing(),
    replies=None,
    media="application/json",
    tag="Service",
    example={"openapi": "3.1.0"},
)
READABLE: Final = Operation(
    method="GET",
    path="/schema",
    summary="This document, for people",
    scope=None,
    reads=Nothing(),
    replies=None,
    media="text/html",
    tag="Service",
    example="<!doctype html>",
)


@dataclass(slots=True)
class SchemaController:
    """It describes `served`, and itself. The document is written when it is first asked for."""

    served: Sequence[HTTPRouteHandler]
    version: str
    _document: bytes = b""

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [OPENAPI.served(desk, self.openapi), READABLE.served(desk, self.readable)]

    async def openapi(self, call: Call, _: None) -> Ready:
        """OpenAPI 3.1."""
        if not self._document:
            operations: list[Operation[Any]] = [one.opt[OPERATION] for one in self.served]
            words = {one.name or "": one.fn.__doc__ or "" for one in self.served}
            described = document([*operations, OPENAPI, READABLE], self.version, words)
            self._document = msgspec.json.encode(described)
        return Ready(self._document)

    async def readable(self, call: Call, _: None) -> Ready:
        """Read it, and try it with your own key."""
        return Ready(PAGE, kind=HTML)

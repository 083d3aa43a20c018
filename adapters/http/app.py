"""Puts the API together. Nothing concrete is named here: entrypoints hands everything in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from litestar import Litestar, Request
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from adapters.http.answers import Ready
from adapters.http.caller import Desk
from adapters.http.controllers.schema import SchemaController
from adapters.http.edge import MOST_AT_ONCE, Edge
from adapters.http.exchange import exchange_of
from adapters.http.instruments import Watch
from adapters.http.problems import INTERNAL, Edged, answer, code_of
from domain.ports.clock import Clock
from domain.ports.ids import Ids

STATIC: Final = Path(__file__).parent / "pages" / "static"
CACHED: Final = CacheControlHeader(public=True, max_age=3600)  # an upgrade shows in an hour
LITESTAR: Final = {  # what Litestar raises by itself, by status
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


class Endpoints(Protocol):
    """A controller: a dataclass of use cases, with its table of paths."""

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        """Its handlers; `desk` admits the callers of those that are not public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """`https`: only reached through TLS, so browsers are told to insist on it."""

    version: str
    https: bool = False
    most_at_once: int = MOST_AT_ONCE


def build(
    endpoints: Sequence[Endpoints],
    desk: Desk,
    watch: Watch,
    clock: Clock,
    ids: Ids,
    options: HttpOptions,
    pages: Sequence[ControllerRouterHandler] = (),
) -> Litestar:
    """The whole site. `pages` are ordinary Litestar handlers that stand in no documentation."""
    served = [handler for one in endpoints for handler in one.routes(desk)]
    schema = SchemaController(served, options.version)
    static = create_static_files_router(
        path="/static", directories=[STATIC], cache_control=CACHED, name="static"
    )
    app = Litestar(
        [*served, *schema.routes(desk), static, *pages],
        exception_handlers={Exception: _told(watch)},
        openapi_config=None,  # openapi.py writes it, from the operations
        logging_config=None,  # the edge logs
        request_max_body_size=None,  # the edge bounds bodies, for every handler
    )
    app.asgi_handler = Edge(
        app.asgi_handler,
        clock,
        ids,
        watch,
        https=options.https,
        most_at_once=options.most_at_once,
    )
    return app


def _told(watch: Watch) -> Any:
    def told(request: Request[Any, Any, Any], error: Exception) -> Ready:
        exchange = exchange_of(request.scope)
        if isinstance(error, HTTPException):
            error = _edged(error)
        if code_of(error) == INTERNAL and watch.alarm is not None:
            watch.alarm(error, exchange)
        return answer(error, exchange)

    return told


def _edged(error: HTTPException) -> Edged:
    """Litestar's own refusals in our words; what it says itself stays inside."""
    code = LITESTAR.get(error.status_code, "bad_request" if error.status_code < 500 else INTERNAL)
    headers = tuple(
        (name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()
    )
    return Edged(code, headers=headers)

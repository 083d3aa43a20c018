"""One endpoint, described once: what it reads, who may call it, how it answers, what can go wrong.

The same object decodes requests, admits callers and writes the documentation, so they can't
disagree; and a new endpoint can't forget to ask who calls, because `scope` has no default.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from adapters.http.answers import Ready
from adapters.http.caller import Caller, Desk, idempotency_key
from adapters.http.exchange import Exchange, exchange_of
from adapters.http.wire.reading import Reads
from domain.errors import NotFound, Unauthorized
from domain.tenants.api_key import Scope

IN_T = TypeVar("IN_T")
OPERATION: Final = "operation"  # where a handler's `opt` holds it
ID_LENGTH: Final = 40


class Call:
    """One request at an endpoint, its caller already admitted."""

    __slots__ = ("_caller", "exchange", "key", "request")

    def __init__(
        self, request: Request[Any, Any, Any], exchange: Exchange, caller: Caller | None, key: str
    ) -> None:
        self.request, self.exchange, self._caller = request, exchange, caller
        self.key = key  # the Idempotency-Key; empty where none is needed and none was sent

    @property
    def caller(self) -> Caller:
        """Who calls; at a public endpoint there is nobody to ask for."""
        if self._caller is None:
            raise Unauthorized()
        return self._caller

    def text(self, name: str) -> str:
        """What stands in the path, as it came; the caller checks it."""
        text: str = self.request.path_params[name]
        return text

    def id(self, prefix: str, name: str = "id") -> str:
        """An id in the path. Raises NotFound for what can't be one: it goes no further."""
        text: str = self.request.path_params[name]
        body = text[len(prefix) :]
        if not (text.startswith(prefix) and body.isalnum() and text.isascii()):
            raise NotFound()
        if len(text) > ID_LENGTH:
            raise NotFound()
        return text


Endpoint = Callable[[Call, IN_T], Awaitable[Ready]]


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[IN_T]):
    """`reads` decodes the second argument of the endpoint; `scope` None is public."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    summary: str
    scope: Scope | None
    reads: Reads[IN_T]
    replies: type[msgspec.Struct] | None  # None: not JSON; `media` says what
    status: int = 200
    media: str = "application/json"
    errors: tuple[str, ...] = ()  # codes of problems.ROWS beyond those all have
    keyed: bool = False  # needs an Idempotency-Key
    may_be_keyed: bool = False  # takes one
    query: type[msgspec.Struct] | None = None  # beside a body
    tag: str = "Payments"
    example: Any = field(default=None)  # of the reply

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def served(self, desk: Desk, endpoint: Endpoint[IN_T]) -> HTTPRouteHandler:
        """The Litestar handler that admits, reads, and calls the endpoint."""
        scope, read = self.scope, self.reads.read
        keyed, may_be_keyed = self.keyed, self.may_be_keyed

        async def handle(request: Request[Any, Any, Any]) -> Ready:
            exchange = exchange_of(request.scope)
            caller = await desk.admit(exchange, scope) if scope is not None else None
            given = keyed or (may_be_keyed and b"idempotency-key" in exchange.headers)
            key = idempotency_key(exchange) if given else ""
            call = Call(request, exchange, caller, key)
            return await endpoint(call, await read(request, exchange))

        handle.__name__ = getattr(endpoint, "__name__", "endpoint")
        handle.__doc__ = endpoint.__doc__
        decorate = HTTPRouteHandler(
            self.path,
            http_method=self.method,
            status_code=self.status,
            opt={OPERATION: self},
            name=self.name,
        )
        return decorate(handle)

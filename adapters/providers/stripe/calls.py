"""Exchanges with Stripe's API under an account's key: one answer, or all of a list."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from adapters.provider_kit.http import ask
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.forms import form
from adapters.providers.stripe.resources import PAGE, Page, resource
from domain.payments.outcome import NotSent, Unknown

T = TypeVar("T")
Left = Callable[[], float]  # seconds that remain for calls sharing one deadline

VERSION: Final = "2025-07-30.basil"  # of answers and callbacks, whatever the account's default is
MOST_PAGES: Final = 10  # of a list: a thousand rows


class Calls:
    """Of one account. Silence comes back as the outcome that it is."""

    def __init__(self, config: StripeConfig, transport: Transport) -> None:
        self._config = config
        self._transport = transport

    async def __call__(
        self,
        method: str,
        path: str,
        left: Left,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Response | NotSent | Unknown:
        """One exchange; `key` is an Idempotency-Key."""
        headers = {
            "accept": "application/json",
            "authorization": f"Bearer {self._config.secret_key}",
            "stripe-version": VERSION,
        }
        if key is not None:
            headers["idempotency-key"] = key
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        raw = form(body) if body is not None else b""
        request = Request(method, f"{self._config.url}{path}", headers, raw)
        return await ask(self._transport, request, timeout_s=left())

    async def get(self, path: str, query: Mapping[str, Any], left: Left) -> Response | Unknown:
        """What a query is answered."""
        said = form(query).decode()
        answer = await self("GET", f"{path}?{said}" if said else path, left)
        return answer if isinstance(answer, Response) else asked(answer)

    async def all(
        self, path: str, query: Mapping[str, Any], type_: type[T], left: Left
    ) -> list[T] | Unknown:
        """All of a list, or nothing: a part can't show that something is missing."""
        rows: list[T] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            wanted = {**query, "limit": PAGE, "starting_after": after}
            answer = await self.get(path, wanted, left)
            if not isinstance(answer, Response):
                return answer
            page = resource(answer, Page[type_])  # type: ignore[valid-type]
            if isinstance(page, Unknown):
                return page
            rows += page.data
            if not page.has_more:
                return rows
            after = getattr(page.data[-1], "id", None) if page.data else None
        return Unknown(reason=f"more than {MOST_PAGES * PAGE} rows in the list")


def asked(silence: NotSent | Unknown) -> Unknown:
    """A query or cancel that did not get through says nothing about the money."""
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)

"""Where providers call us. Stored before they hear 200; the worker reads it."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.instruments import Watch
from adapters.http.operation import Call, Operation
from adapters.http.wire.reading import Raw
from adapters.http.wire.service import Received
from application.callbacks.receive_callback import ReceiveCallback
from domain.errors import Forged, Invalid, NotFound, Stale
from domain.ids import AccountId
from domain.ports.providers import Callback, Providers
from domain.ports.tenants import Tenants

ACCOUNT: Final = Operation(
    method="POST",
    path="/api/payments/webhook/{id:str}",
    summary="Take a provider's callback for one account",
    scope=None,
    reads=Raw(),
    replies=Received,
    errors=("webhook_signature_invalid", "not_found"),
    tag="Provider callbacks",
    example={"received": True},
)
ACCOUNT_PUT: Final = replace(  # MTN MoMo may use either verb
    ACCOUNT, method="PUT", summary="Take a provider's callback that comes as a PUT"
)
SHARED: Final = Operation(
    method="POST",
    path="/api/payments/webhook",
    summary="Take a provider's callback for whatever account it is about",
    scope=None,
    reads=Raw(),
    replies=Received,
    errors=("webhook_signature_invalid",),
    tag="Provider callbacks",
    example={"received": True},
)

NOBODY: Final = "unknown"  # as whose it is counted when it can't be told
REASONS: Final[Mapping[type, str]] = {
    Stale: "stale",
    Forged: "forged",
    Invalid: "unreadable",
    NotFound: "no_account",
}
"""Why a callback was not believed. Any other error is ours, and the company will try again."""


@dataclass(frozen=True, slots=True)
class CallbackController:
    receive_callback: ReceiveCallback
    tenants: Tenants
    providers: Providers
    watch: Watch

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            ACCOUNT.served(desk, self.account),
            ACCOUNT_PUT.served(desk, self.account),
            SHARED.served(desk, self.shared),
        ]

    async def account(self, call: Call, body: bytes) -> Ready:
        """Register this address at the provider. A repeat is answered like the first."""
        account_id = AccountId(call.id("acc_"))
        try:
            provider = (await self.tenants.account(account_id)).provider
        except NotFound as error:
            self._count(NOBODY, error)
            raise
        callback = _callback(call, body)
        await self._counted(provider, self.receive_callback(callback, account_id))
        return self._content(provider)

    async def shared(self, call: Call, body: bytes) -> Ready:
        """The provider is known by its headers and body, the account by the reference inside or
        by its signature. An event about a payment that is not known here is kept too."""
        callback = _callback(call, body)
        provider = self.providers.recognise(callback) or NOBODY
        await self._counted(provider, self.receive_callback(callback, None))
        return self._content(provider)

    def _content(self, provider: str) -> Ready:
        """In the company's own words, where it goes on until it hears them."""
        profile = self.providers.profiles.get(provider)
        return Ready(profile.ack.encode()) if profile and profile.ack else encoded(Received())

    async def _counted(self, provider: str, received: Awaitable[bool]) -> None:
        try:
            self._count(provider, "new" if await received else "repeat")
        except Exception as error:
            self._count(provider, error)
            raise

    def _count(self, provider: str, became: str | Exception) -> None:
        if (metrics := self.watch.metrics) is None:
            return
        if isinstance(became, str):
            metrics.callback(provider, became)
            return
        reason = next((REASONS[kind] for kind in type(became).__mro__ if kind in REASONS), None)
        metrics.callback(provider, "refused" if reason else "failed")
        if reason:
            metrics.refused(provider, reason)


def _callback(call: Call, body: bytes) -> Callback:
    """As received, header names in lower case; a header given twice reads as a list."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in call.request.scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Callback(body, headers)

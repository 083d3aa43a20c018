"""Where providers call us. Stored before they hear 200; the worker reads it."""

from collections.abc import Awaitable, Sequence
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
        account = await self.tenants.account(account_id)
        callback = _callback(call, body)
        await self._counted(account.provider, self.receive_callback(callback, account_id))
        return encoded(Received())

    async def shared(self, call: Call, body: bytes) -> Ready:
        """The provider is known by its headers and body, the account by the reference inside or
        by its signature. An event about a payment that is not known here is kept too."""
        callback = _callback(call, body)
        provider = self.providers.recognise(callback) or "unknown"
        await self._counted(provider, self.receive_callback(callback, None))
        return encoded(Received())

    async def _counted(self, provider: str, received: Awaitable[bool]) -> None:
        result = "refused"
        try:
            result = "new" if await received else "repeat"
        finally:
            if self.watch.metrics is not None:
                self.watch.metrics.callback(provider, result)


def _callback(call: Call, body: bytes) -> Callback:
    """As received, header names in lower case; a header given twice reads as a list."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in call.request.scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Callback(body, headers)

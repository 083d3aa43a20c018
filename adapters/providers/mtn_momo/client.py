"""The flow of MTN MoMo: ask for a payment, which the payer approves on the phone, and look.

A request is accepted or not; what becomes of it is told by a query only. Its X-Reference-Id makes
it one, however often it is sent: a second one is answered 409, which means "look at the first".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.tokens import Left, unasked, uncharged
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.mtn_momo import notices, refunds, setup, wire
from adapters.providers.mtn_momo.config import MtnMomoConfig
from adapters.providers.mtn_momo.markets import SANDBOX
from adapters.providers.mtn_momo.product import Keys, NoToken, Product
from domain.payments.outcome import Answer, NotFound, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Local,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
    RefundOrder,
    Refunds,
    Registers,
)
from domain.tenants.market import Market

PAYMENTS: Final = "/v1_0/requesttopay"
REFUNDS: Final = "/v1_0/refund"


class MtnMomoProvider(PaymentProvider, Refunds, Callbacks, Registers, Probes, Local):
    """One merchant's account in one country. A request can't be taken back: it ends in 5 min."""

    def __init__(self, config: MtnMomoConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._collection = Product(_collection(config), transport, clock)
        self._disbursement = Product(_disbursement(config), transport, clock)

    def market(self) -> Market:
        """The target environment's."""
        return Market(self._config.market.country, self._config.market.currency)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Have the payer asked. Pending, with what to do on the phone."""
        if (stray := wire.misdirected(charge, self._config.market)) is not None:
            return stray
        left = deadline(self._clock, timeout_s)
        more = {"X-Reference-Id": wire.reference(charge.attempt_id)}
        if self._config.callbacks and self._config.callback_url:
            more["X-Callback-Url"] = self._config.callback_url
        body = wire.request_to_pay(charge)
        answer = await self._collection.call("POST", PAYMENTS, left, body, more)
        if isinstance(answer, NoToken):
            return uncharged(answer.why)
        if not isinstance(answer, Response):
            return answer
        if answer.status == 409:
            return _known(await self._status(charge.attempt_id, left))
        return wire.accepted(answer, charge)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By the reference that follows from the attempt."""
        return await self._status(lookup.attempt_id, deadline(self._clock, timeout_s))

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Have it given back: accepted first, done a little later."""
        if (stray := refunds.impossible(order, self._config)) is not None:
            return stray
        left = deadline(self._clock, timeout_s)
        more = {"X-Reference-Id": wire.reference(order.refund_id)}
        answer = await self._disbursement.call("POST", REFUNDS, left, refunds.body(order), more)
        if isinstance(answer, NoToken):
            return uncharged(answer.why)
        if not isinstance(answer, Response):
            return answer
        if answer.status == 409:
            return _known(await self._refund_status(order, left))
        return refunds.accepted(answer, order)

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By the reference that follows from the refund."""
        if not self._config.gives_back:
            return Unknown(reason="this account has no disbursement product to ask")
        return await self._refund_status(order, deadline(self._clock, timeout_s))

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Never trusted: nobody signs it. Raises Invalid."""
        return notices.receive(callback)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """The address goes along with each request. The sandbox can say whether it will call it;
        in production the host is entered in MTN's portal, and nothing can be asked."""
        config = self._config
        if config.callbacks and config.target_environment == SANDBOX:
            url = f"{config.url}/v1_0/apiuser/{quote(config.api_user, safe='')}"
            key = {"Ocp-Apim-Subscription-Key": config.subscription_key}
            asked = json_request("GET", url, headers=key)
            answer = await ask(self._transport, asked, timeout_s=timeout_s)
            setup.called_back(answer, callback_url)
        return {"callbackUrl": callback_url}

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming the key that MTN does not take; moves nothing."""
        left = deadline(self._clock, timeout_s)
        setup.taken(await self._collection.token(left), "")
        if self._config.gives_back:
            setup.taken(await self._disbursement.token(left), "disbursement")
        setup.served(await self._collection.call("GET", setup.BALANCE, left))

    async def _status(self, attempt_id: str, left: Left) -> Answer:
        path = f"{PAYMENTS}/{wire.reference(attempt_id)}"
        answer = await self._collection.call("GET", path, left)
        return wire.status(answer, attempt_id) if isinstance(answer, Response) else _asked(answer)

    async def _refund_status(self, order: RefundOrder, left: Left) -> Answer:
        path = f"{REFUNDS}/{wire.reference(order.refund_id)}"
        answer = await self._disbursement.call("GET", path, left)
        if not isinstance(answer, Response):
            return _asked(answer)
        return refunds.ended(wire.status(answer, order.refund_id))


def _known(said: Answer) -> Outcome:
    """Of what MTN says it has: that it does not find it then proves nothing."""
    return Unknown(reason="submitted before, and not found") if isinstance(said, NotFound) else said


def _asked(silence: NotSent | Unknown | NoToken) -> Unknown:
    """A query that did not get through says nothing about the money."""
    if isinstance(silence, NoToken):
        return unasked(silence.why)
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)


def _collection(config: MtnMomoConfig) -> Keys:
    return Keys(
        "collection",
        config.url,
        config.target_environment,
        config.subscription_key,
        config.api_user,
        config.api_key,
    )


def _disbursement(config: MtnMomoConfig) -> Keys:
    return Keys(
        "disbursement",
        config.url,
        config.target_environment,
        config.disbursement_subscription_key,
        config.disbursement_api_user,
        config.disbursement_api_key,
    )

"""The flow of Maya Checkout: create with the public key, everything else with the secret key.

No call takes an idempotency key and a reference may be used twice, so nothing that may have
arrived is sent again: it is looked up by our reference.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.signing import basic
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.maya import notices, refunds, setup, wire
from adapters.providers.maya.config import MayaConfig
from adapters.providers.maya.wire import Record
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Outcome, Unknown
from domain.ports.callback_addresses import CallbackAddress, ListsCallbacks
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Cancels,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
    RefundOrder,
    Refunds,
    Registers,
)

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline


class MayaProvider(PaymentProvider, Refunds, Cancels, Callbacks, Registers, ListsCallbacks, Probes):
    """One merchant's account."""

    def __init__(self, config: MayaConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Open a checkout. Pending with its page; nobody is charged before the payer acts there."""
        body = wire.checkout(charge, self._config.secret_key)
        url = f"{self._config.url}/checkout/v1/checkouts"
        request = json_request("POST", url, body, _key(self._config.public_key))
        answer = await ask(self._transport, request, timeout_s=timeout_s)
        if not isinstance(answer, Response):
            return answer
        return wire.created(answer, charge, self._clock.now())

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """All payments under our reference, taken together."""
        left = deadline(self._clock, timeout_s)
        found = await self._records(lookup.attempt_id, lookup.provider_reference, left)
        return found if isinstance(found, Unknown | NotFound) else wire.together(found)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Refund, or void on the day of the payment. Looks first whether it was done already."""
        left = deadline(self._clock, timeout_s)
        found = await self._paid(order, left)
        if isinstance(found, Declined):
            return found
        if isinstance(found, Unknown):
            return NotSent(f"the payment could not be looked up: {found.reason}")
        known = await self._known(found, order, left)
        if isinstance(known, Unknown) and known.provider_reference is None:
            return NotSent(f"the refunds could not be listed: {known.reason}")
        if not isinstance(known, NotFound):
            return known
        step = refunds.step(found, order)
        if isinstance(step, Declined):
            return step
        answer = await self._call("POST", f"{_payment(found.id)}/{step[0]}", left, step[1])
        return refunds.given_back(answer, order) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By our refund id in the payment's list, or by the payment being voided."""
        left = deadline(self._clock, timeout_s)
        found = await self._paid(order, left)
        if isinstance(found, Declined):
            return Unknown(reason=found.failure.message)
        return found if isinstance(found, Unknown) else await self._known(found, order, left)

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Cancel what is open under our reference, then say what a fresh look finds: the answer
        to a cancel may have been overtaken by the payer."""
        left = deadline(self._clock, timeout_s)
        found = await self._records(lookup.attempt_id, lookup.provider_reference, left)
        if isinstance(found, Unknown | NotFound):
            return found
        still = [row for row in found if row.word in wire.OPEN]
        if not still:
            return wire.together(found)
        for row in still:
            answer = await self._call("POST", f"{_payment(row.id)}/cancel", left)
            if not isinstance(answer, Response):
                return _asked(answer)
        return await self.find(lookup, timeout_s=left())

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid. Trusted only with the proof of our own checkout in it."""
        return notices.receive(callback, now, self._config.keys, self._config.secret_key)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """One address for each event. Adds nothing to the account: the keys are published."""
        await setup.register(self._call, callback_url, deadline(self._clock, timeout_s))
        return {}

    async def callback_addresses(self, *, timeout_s: float) -> Sequence[CallbackAddress]:
        """All of the account's, with the events that we don't need. Raises Invalid."""
        listed = await setup.registered(self._call, deadline(self._clock, timeout_s))
        return [CallbackAddress(one.name, one.callback_url) for one in listed]

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming the key that Maya does not take; creates nothing."""
        left = deadline(self._clock, timeout_s)
        setup.accepted("secretKey", await self._call("GET", setup.WEBHOOKS, left))
        url = f"{self._config.url}/checkout/v1/checkouts"
        empty = json_request("POST", url, {}, _key(self._config.public_key))
        setup.accepted("publicKey", await ask(self._transport, empty, timeout_s=left()))

    async def _call(
        self, method: str, path: str, left: Left, body: object = None
    ) -> Response | NotSent | Unknown:
        key = _key(self._config.secret_key)
        request = json_request(method, f"{self._config.url}{path}", body, key)
        return await ask(self._transport, request, timeout_s=left())

    async def _records(
        self, reference: str, checkout: str | None, left: Left
    ) -> Sequence[Record] | NotFound | Unknown:
        """By our reference; a checkout that nobody tried to pay may show under its own id only."""
        path = f"/payments/v1/payment-rrns/{quote(reference, safe='')}"
        answer = await self._call("GET", path, left)
        if not isinstance(answer, Response):
            return _asked(answer)
        found = wire.records(answer, reference)
        if not isinstance(found, NotFound) or checkout is None:
            return found
        path = f"/checkout/v1/checkouts/{quote(checkout, safe='')}"
        answer = await self._call("GET", path, left)
        return wire.records(answer, reference) if isinstance(answer, Response) else _asked(answer)

    async def _paid(self, order: RefundOrder, left: Left) -> Record | Declined | Unknown:
        found = await self._records(order.attempt_id, None, left)
        if isinstance(found, Unknown):
            return found
        return refunds.paid([] if isinstance(found, NotFound) else found, order)

    async def _known(self, payment: Record, order: RefundOrder, left: Left) -> Outcome | NotFound:
        if isinstance(voided := refunds.voided(payment, order), NotFound):
            answer = await self._call("GET", f"{_payment(payment.id)}/refunds", left)
            return (
                refunds.in_list(answer, order) if isinstance(answer, Response) else _asked(answer)
            )
        return voided


def _key(key: str) -> Mapping[str, str]:
    """Basic authentication: the key is the user, the password is empty."""
    return {"authorization": basic(key)}


def _payment(payment_id: str) -> str:
    return f"/payments/v1/payments/{quote(payment_id, safe='')}"


def _asked(silence: NotSent | Unknown) -> Unknown:
    """A query or cancel that did not get through says nothing about the money."""
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)

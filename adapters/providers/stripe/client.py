"""The flow of a card payment at Stripe: one call makes what the payer pays, a page of Stripe's
Checkout or an intent on its own, whose form the merchant's page shows.

Under a key, which is our attempt, Stripe makes one and answers a repeat as it answered first.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from adapters.provider_kit.http import deadline
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.stripe import amounts, intents, lookups, notices, refunds, setup, wire
from adapters.providers.stripe.calls import VERSION, Calls, Left, asked
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.errors import UNTAKEN
from adapters.providers.stripe.lookups import BEGIN, INTENTS, SESSIONS, Made
from adapters.providers.stripe.resources import Intent, Refund, Session, looked_up, resource
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Outcome, Unknown
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


class StripeProvider(PaymentProvider, Refunds, Cancels, Callbacks, Registers, Probes):
    """One merchant's account."""

    def __init__(self, config: StripeConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._calls = Calls(config, transport)
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Make the page or the intent. Pending; nobody is charged before the payer acts."""
        if (units := amounts.written(charge.amount)) is None:
            return Declined(failure=UNTAKEN, elsewhere=True)
        if self._clock.now() > charge.opened_at + BEGIN:  # `find` counts on it
            return NotSent("too late to begin")
        left, key = deadline(self._clock, timeout_s), charge.attempt_id
        if self._config.card_form == "own_page":
            body = intents.intent(charge, units)
            answer = await self._calls("POST", INTENTS, left, body, key)
            if not isinstance(answer, Response):
                return answer
            return intents.created(answer, charge, self._config.publishable_key)
        answer = await self._calls(
            "POST", SESSIONS, left, wire.page(charge, units, self._config), key
        )
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By the page or the intent, or else by the time at which it must have been made."""
        found = await lookups.of_attempt(self._calls, lookup, deadline(self._clock, timeout_s))
        return self._outcome(found)

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Close it. What can't be paid any more, or is paid, is told as it is."""
        left = deadline(self._clock, timeout_s)
        found = await lookups.of_attempt(self._calls, lookup, left)
        if not isinstance(found, Session | Intent) or not found.can_be_closed:
            return self._outcome(found)
        more = lookups.expanded(found.id)
        answer = await self._calls("POST", lookups.closing(found.id), left, more)
        if not isinstance(answer, Response):
            return asked(answer)
        closed = resource(answer, type(found))
        if isinstance(closed, Session | Intent) and closed.id == found.id:
            said = self._outcome(closed)
            ended = Declined(failure=wire.CANCELED, provider_reference=found.id)
            return ended if isinstance(said, Declined) else said
        return self._outcome(  # somebody was faster than we
            await lookups.of_reference(self._calls, found.id, lookup.attempt_id, left)
        )

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Give back. Looks first whether it was done already: Stripe forgets keys after a day."""
        if (units := amounts.written(order.amount)) is None:
            return Declined(failure=UNTAKEN)
        left = deadline(self._clock, timeout_s)
        intent_id = await self._paid(order, left)
        if isinstance(intent_id, Declined):
            return intent_id
        if not isinstance(intent_id, str):
            return NotSent(f"the payment could not be looked up: {intent_id.reason}")
        rows = await self._refunds(intent_id, left)
        if isinstance(rows, Unknown):
            return NotSent(f"its refunds could not be looked up: {rows.reason}")
        known = refunds.among(rows, order)
        if not isinstance(known, NotFound):
            return known
        body = refunds.request(order, intent_id, units)
        answer = await self._calls("POST", "/v1/refunds", left, body, order.refund_id)
        return refunds.given_back(answer, order) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By Stripe's id of it, else by ours among the payment's refunds."""
        left = deadline(self._clock, timeout_s)
        if (id_ := order.refund_reference) is not None:
            answer = await self._calls.get(f"/v1/refunds/{quote(id_, safe='')}", {}, left)
            found = looked_up(answer, id_, Refund) if isinstance(answer, Response) else answer
            if not isinstance(found, Refund):
                return found
            if found.refund_id != order.refund_id:
                return Unknown(reason="that refund is not this one")
            return refunds.outcome(found)
        intent_id = await self._paid(order, left)
        if isinstance(intent_id, Declined):
            return Unknown(reason=intent_id.failure.message)
        if not isinstance(intent_id, str):
            return Unknown(reason=intent_id.reason)
        rows = await self._refunds(intent_id, left)
        return rows if isinstance(rows, Unknown) else refunds.among(rows, order)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid."""
        return notices.receive(callback, now, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """All events we read, to this address. Raises Invalid."""
        call = self._calling(deadline(self._clock, timeout_s))
        return await setup.register(call, callback_url, VERSION, self._config)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming the key when Stripe does not take it; creates nothing."""
        await setup.probe(self._calling(deadline(self._clock, timeout_s)))

    def _outcome(self, found: Made | NotFound | Unknown) -> Answer:
        match found:
            case Session():
                return wire.outcome(found)
            case Intent():
                return intents.outcome(found, self._config.publishable_key)
        return found

    async def _paid(self, order: RefundOrder, left: Left) -> str | Declined | NotFound | Unknown:
        """The intent of what was paid."""
        if (id_ := order.provider_reference) is None:
            return Unknown(reason="its page or intent is not known")
        found = await lookups.of_reference(self._calls, id_, order.attempt_id, left)
        return refunds.paid(found) if isinstance(found, Session | Intent) else found

    async def _refunds(self, intent_id: str, left: Left) -> list[Refund] | Unknown:
        return await self._calls.all("/v1/refunds", {"payment_intent": intent_id}, Refund, left)

    def _calling(self, left: Left) -> setup.Call:
        async def call(
            method: str, path: str, body: Mapping[str, Any] | None = None
        ) -> Response | NotSent | Unknown:
            return await self._calls(method, path, left, body)

        return call

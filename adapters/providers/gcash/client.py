"""The flow of PayMongo's payment intents, for the GCash wallet.

1. `prepare` makes an intent (pi_…). Nobody can pay it: it has no payment method. The platform
   commits its id before anything else, because a query needs it: PayMongo does not search.
2. `charge` makes a payment method and attaches it. Only the attach can lead to money, and it is
   sent once. What fails before it certainly charged nothing.

PayMongo documents no idempotency key, so the intent is the anchor: it is never made again for the
same attempt, and it takes one payment at most.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.signing import basic
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.gcash import notices, refunds, setup, wire
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.errors import NO_PAGE, charge_refused, unavailable
from adapters.providers.gcash.resources import (
    Intent,
    Method,
    Payment,
    Refund,
    looked_up,
    owner,
    resource,
)
from domain.payments.outcome import (
    Answer,
    Declined,
    NotFound,
    NotSent,
    Outcome,
    Pending,
    Unknown,
)
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Prepared,
    Prepares,
    Probes,
    RefundOrder,
    Refunds,
    Registers,
)

T = TypeVar("T")
Left = Callable[[], float]  # seconds that remain for calls sharing one deadline

PREPARING: Final = timedelta(seconds=60)  # an attempt's intent is committed well within this
BEGIN: Final = timedelta(seconds=120)  # an attach is begun this long after opening, or never
SETTLED: Final = timedelta(seconds=900)  # no request lives that long at PayMongo


class GcashProvider(PaymentProvider, Prepares, Refunds, Callbacks, Registers, Probes):
    """One merchant's account. Wallet payments can't be canceled at PayMongo: they end in 4 h."""

    def __init__(self, config: GcashConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._headers = {"authorization": basic(config.secret_key)}

    async def prepare(self, charge: Charge, *, timeout_s: float) -> Prepared | Declined | NotSent:
        """Make the intent. Without a usable answer it may exist, and nobody can pay it."""
        if not self._page(charge):
            return Declined(failure=NO_PAGE, elsewhere=True)
        body = wire.new_intent(charge)
        answer = await self._call("POST", "/payment_intents", timeout_s, body)
        made = _step(answer, Intent)
        if not isinstance(made, Intent):
            return made
        if not made.id.startswith("pi_") or made.attributes.amount != charge.amount.minor:
            return unavailable("an intent that is not ours")
        return Prepared(made.id)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Attach GCash to the intent. Pending with PayMongo's page for the payer."""
        intent_id = charge.provider_reference
        if intent_id is None:
            return NotSent("there is no intent to attach to")
        if self._clock.now() > charge.opened_at + BEGIN:  # `find` counts on it
            return NotSent("too late to begin")
        left = deadline(self._clock, timeout_s)
        answer = await self._call("POST", "/payment_methods", left() / 2, wire.new_method(charge))
        method = _step(answer, Method)
        if not isinstance(method, Method):
            return method
        body = wire.attachment(method.id, self._page(charge))
        answer = await self._call("POST", f"{_intent(intent_id)}/attach", left(), body)
        return _attached(answer, charge, intent_id)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By the intent. An attempt whose intent was never committed was never attached to, and is
        not any more: `prepare` may still be under way at first, so a no would end it needlessly."""
        reference = lookup.provider_reference
        if reference is None:
            if self._clock.now() < lookup.opened_at + PREPARING:
                return Unknown(reason="its intent may be being made right now")
            return unavailable("never prepared")
        found = await self._look_up(_intent(reference), reference, Intent, timeout_s)
        if not isinstance(found, Intent):
            return found
        if owner(found.attributes.metadata) not in (None, lookup.attempt_id):
            return Unknown(reason="the intent is another attempt's", provider_reference=reference)
        if found.is_untouched:
            return self._untouched(lookup, reference)
        return wire.outcome(found, lookup.opened_at, lookup.expires_at)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Give back. Looks first whether it was done already."""
        left = deadline(self._clock, timeout_s)
        paid = await self._paid(order, left)
        if isinstance(paid, Declined):
            return paid
        if not isinstance(paid, Payment):
            return NotSent(f"the payment could not be looked up: {paid.reason}")
        known = refunds.in_payment(paid, order)
        if not isinstance(known, NotFound):
            return known
        body = refunds.request(order, paid.id)
        answer = await self._call("POST", "/refunds", left(), body)
        return refunds.given_back(answer) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By PayMongo's id of it, else by ours in the notes of the payment's refunds."""
        left = deadline(self._clock, timeout_s)
        if order.refund_reference is not None:
            path = f"/refunds/{quote(order.refund_reference, safe='')}"
            found = await self._look_up(path, order.refund_reference, Refund, left())
            if not isinstance(found, Refund):
                return found
            if refunds.ours(found) != order.refund_id:
                return Unknown(reason="that refund is not this one")
            return refunds.outcome(found)
        paid = await self._paid(order, left)
        if isinstance(paid, Declined):
            return Unknown(reason=paid.failure.message)
        if not isinstance(paid, Payment):
            return Unknown(reason=paid.reason)
        if paid.attributes.refunds is None:
            return Unknown(reason="the payment shows no list of refunds")
        return refunds.in_payment(paid, order)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid."""
        return notices.receive(callback, now, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """All events we read, to this address. Raises Invalid."""
        left = deadline(self._clock, timeout_s)
        return await setup.register(self._call, callback_url, left, self._config)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming the key when PayMongo does not take it; creates nothing."""
        await setup.probe(self._call, timeout_s)

    def _page(self, charge: Charge) -> str:
        return charge.return_url or self._config.return_url

    def _untouched(self, lookup: Lookup, reference: str) -> Answer:
        """The attach is on its way, or never arrived. It is begun within BEGIN or not at all, so
        after SETTLED it is not on its way any more. Were it executed even later, still nobody
        could pay: the page's address stands only in the answer, which is lost, and in queries,
        which end with this no. The intent then expires by itself."""
        now = self._clock.now()
        if now < lookup.opened_at + SETTLED:
            return Pending(provider_reference=reference)
        if now >= lookup.expires_at:  # or it was attached, and its page has expired without a word
            return Declined(failure=wire.TOO_LATE, provider_reference=reference)
        return unavailable("the attach never arrived", timed_out=True)

    async def _call(
        self, method: str, path: str, timeout_s: float, body: object = None
    ) -> Response | NotSent | Unknown:
        request = json_request(method, f"{self._config.url}{path}", body, self._headers)
        return await ask(self._transport, request, timeout_s=timeout_s)

    async def _look_up(
        self, path: str, id_: str, type_: type[T], timeout_s: float
    ) -> T | NotFound | Unknown:
        answer = await self._call("GET", path, timeout_s)
        if isinstance(answer, NotSent):  # of the query: that says nothing about what it is about
            return Unknown(reason=answer.reason)
        return looked_up(answer, id_, type_) if isinstance(answer, Response) else answer

    async def _paid(
        self, order: RefundOrder, left: Left
    ) -> Payment | Declined | NotFound | Unknown:
        """The payment of the intent, as it is shown by itself: with its refunds."""
        intent_id = order.provider_reference
        if intent_id is None:
            return Declined(failure=refunds.NOT_PAID)
        found = await self._look_up(_intent(intent_id), intent_id, Intent, left())
        if not isinstance(found, Intent):
            return found
        paid = refunds.paid(found)
        if isinstance(paid, Declined):
            return paid
        path = f"/payments/{quote(paid.id, safe='')}"
        return await self._look_up(path, paid.id, Payment, left())


def _intent(intent_id: str) -> str:
    return f"/payment_intents/{quote(intent_id, safe='')}"


def _step(answer: Response | NotSent | Unknown, type_: type[T]) -> T | Declined | NotSent:
    """What a step made that can't be charged: without a usable answer it is as good as a no."""
    if isinstance(answer, NotSent):
        return answer
    if isinstance(answer, Unknown):
        return unavailable(answer.reason, timed_out=answer.timed_out)
    if answer.status >= 300:
        said = charge_refused(answer)
        return said if isinstance(said, Declined) else unavailable(said.reason)
    made = resource(answer, type_)
    return unavailable(made.reason) if isinstance(made, Unknown) else made


def _attached(answer: Response | NotSent | Unknown, charge: Charge, intent_id: str) -> Outcome:
    """The answer to the attach: the one call that can lead to money."""
    if isinstance(answer, NotSent):
        return answer
    if isinstance(answer, Response):
        said: Declined | Intent | Unknown
        said = charge_refused(answer) if answer.status >= 300 else resource(answer, Intent)
        if isinstance(said, Declined):
            return replace(said, provider_reference=intent_id)
        if isinstance(said, Intent) and said.id == intent_id and not said.is_untouched:
            return wire.outcome(said, charge.opened_at, charge.expires_at)
        answer = said if isinstance(said, Unknown) else Unknown(reason="nothing was attached")
    return replace(answer, provider_reference=intent_id)

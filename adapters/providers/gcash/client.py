"""The flow of PayMongo's payment intents, for the GCash wallet.

1. `prepare` makes an intent (pi_…). Nobody can pay it: it has no payment method. The platform
   commits its id before anything else, because a query needs it: PayMongo does not search.
2. `charge` makes a payment method and attaches it. Only the attach can lead to money, and it is
   sent once. What fails before it certainly charged nothing.

PayMongo documents no idempotency key, so the intent is the anchor: it is never made again for the
same attempt, and it takes one payment at most.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.signing import basic
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.gcash import notices, refunds, setup, wire
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.errors import charge_refused, unavailable
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
    Failure,
    FailureCode,
    FailureKind,
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

BEGIN: Final = timedelta(seconds=120)  # an attach is begun this long after opening, or never
SETTLED: Final = timedelta(seconds=900)  # no request lives that long at PayMongo
NO_PAGE: Final = Failure(
    FailureCode.INVALID_REQUEST,
    "GCash needs a page to send the payer back to: give returnUrl, or set one for the account.",
    FailureKind.INVALID,
    "return_url",
)


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
        """By the intent. An attempt whose intent was never committed was never attached to."""
        reference = lookup.provider_reference
        if reference is None:
            return unavailable("never prepared")
        found = await self._intent(reference, timeout_s)
        if not isinstance(found, Intent):
            return found
        if owner(found.attributes.metadata) not in (None, lookup.attempt_id):
            return Unknown(reason="the intent is another attempt's", provider_reference=reference)
        if found.is_untouched:
            return self._untouched(lookup.opened_at, reference)
        return wire.outcome(found, lookup.opened_at, lookup.expires_at)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Give back. Looks first whether it was done already."""
        left = deadline(self._clock, timeout_s)
        paid = await self._paid(order, left())
        if isinstance(paid, Declined):
            return paid
        if isinstance(paid, Unknown | NotFound):
            return NotSent(f"the payment could not be looked up: {paid.reason}")
        answer = await self._call("GET", _payment(paid.id), left())
        shown = looked_up(answer, paid.id, Payment) if isinstance(answer, Response) else answer
        if not isinstance(shown, Payment):
            return NotSent(f"the refunds could not be looked up: {shown.reason}")
        known = refunds.in_payment(shown, order)
        if not isinstance(known, NotFound):
            return known
        body = refunds.request(order, paid.id)
        answer = await self._call("POST", "/refunds", left(), body)
        return refunds.given_back(answer) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By PayMongo's id of it, else by ours in the notes of the payment's refunds."""
        left = deadline(self._clock, timeout_s)
        if (reference := order.refund_reference) is not None:
            path = f"/refunds/{quote(reference, safe='')}"
            answer = await self._call("GET", path, left())
            found = looked_up(answer, reference, Refund) if _came(answer) else _asked(answer)
            if not isinstance(found, Refund):
                return found
            if refunds.ours(found) != order.refund_id:
                return Unknown(reason="another refund has that id")
            return refunds.outcome(found)
        paid = await self._paid(order, left())
        if isinstance(paid, Declined):
            return Unknown(reason=paid.failure.message)
        if not isinstance(paid, Payment):
            return paid if isinstance(paid, Unknown) else Unknown(reason=paid.reason)
        answer = await self._call("GET", _payment(paid.id), left())
        if not isinstance(answer, Response):
            return _asked(answer)
        shown = looked_up(answer, paid.id, Payment)
        return refunds.listed(answer, shown, order) if isinstance(shown, Payment) else shown

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

    def _untouched(self, opened_at: datetime, reference: str) -> Answer:
        """The attach is on its way, or never arrived. It is begun within BEGIN or not at all, so
        after SETTLED it is not on its way any more. Were it executed even later, still nobody
        could pay: the page's address stands only in the answer, which is lost, and in queries,
        which end with this no. The intent then expires by itself."""
        if self._clock.now() < opened_at + SETTLED:
            return Pending(provider_reference=reference)
        return unavailable("the attach never arrived", timed_out=True)

    async def _call(
        self, method: str, path: str, timeout_s: float, body: object = None
    ) -> Response | NotSent | Unknown:
        request = json_request(method, f"{self._config.url}{path}", body, self._headers)
        return await ask(self._transport, request, timeout_s=timeout_s)

    async def _intent(self, reference: str, timeout_s: float) -> Intent | NotFound | Unknown:
        answer = await self._call("GET", _intent(reference), timeout_s)
        if not isinstance(answer, Response):
            return _asked(answer)
        return looked_up(answer, reference, Intent)

    async def _paid(
        self, order: RefundOrder, timeout_s: float
    ) -> Payment | Declined | NotFound | Unknown:
        if order.provider_reference is None:
            return Declined(failure=refunds.NOT_PAID)
        found = await self._intent(order.provider_reference, timeout_s)
        return refunds.paid(found) if isinstance(found, Intent) else found

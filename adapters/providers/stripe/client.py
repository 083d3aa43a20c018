"""The flow of Stripe's Checkout: one call makes a page, on which the payer pays by card.

Under a key, which is our attempt, Stripe makes one page and answers a repeat with what it answered
first. Stripe has no search by our reference; pages can be listed by the time they were made, and
each carries our attempt, so one whose answer was lost is looked for among those.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.stripe import amounts, notices, refunds, setup, wire
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.errors import UNTAKEN
from adapters.providers.stripe.forms import form
from adapters.providers.stripe.resources import (
    PAGE,
    Page,
    Refund,
    Session,
    looked_up,
    resource,
)
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

T = TypeVar("T")
Left = Callable[[], float]  # seconds that remain for calls sharing one deadline

VERSION: Final = "2025-07-30.basil"  # of answers and callbacks, whatever the account's default is
SESSIONS: Final = "/v1/checkout/sessions"
MOST_PAGES: Final = 10  # of a list: a thousand rows
EARLY: Final = timedelta(seconds=60)  # by which Stripe's clock may differ from ours
BEGIN: Final = timedelta(seconds=120)  # a charge is begun this soon after opening, or never
LATE: Final = timedelta(seconds=240)  # its page is made by then, clocks and deadlines included


class StripeProvider(PaymentProvider, Refunds, Cancels, Callbacks, Registers, Probes):
    """One merchant's account."""

    def __init__(self, config: StripeConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Make the page. Pending; nobody is charged before the payer acts on it."""
        if (units := amounts.written(charge.amount)) is None:
            return Declined(failure=UNTAKEN, elsewhere=True)
        if self._clock.now() > charge.opened_at + BEGIN:  # `find` counts on it
            return NotSent("too late to begin")
        body = wire.page(charge, units, self._config)
        left = deadline(self._clock, timeout_s)
        answer = await self._call("POST", SESSIONS, left, body, charge.attempt_id)
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By the page, or else by the time at which it must have been made."""
        left = deadline(self._clock, timeout_s)
        found = await self._session(lookup, left)
        return wire.outcome(found) if isinstance(found, Session) else found

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Close the page. What is not open any more is told as it is."""
        left = deadline(self._clock, timeout_s)
        found = await self._session(lookup, left)
        if not isinstance(found, Session) or found.status != "open":
            return wire.outcome(found) if isinstance(found, Session) else found
        path = f"{_session(found.id)}/expire"
        answer = await self._call("POST", path, left, _expanded())
        if not isinstance(answer, Response):
            return _asked(answer)
        closed = resource(answer, Session)
        if isinstance(closed, Session) and closed.id == found.id:
            return wire.canceled(closed)
        again = await self._get(_session(found.id), _expanded(), left)  # it was faster than we
        if not isinstance(again, Response):
            return again
        now = looked_up(again, found.id, Session)
        return wire.outcome(now) if isinstance(now, Session) else now

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
        answer = await self._call("POST", "/v1/refunds", left, body, order.refund_id)
        return refunds.given_back(answer, order) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By Stripe's id of it, else by ours among the payment's refunds."""
        left = deadline(self._clock, timeout_s)
        if (id_ := order.refund_reference) is not None:
            answer = await self._get(f"/v1/refunds/{quote(id_, safe='')}", {}, left)
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

    async def _session(self, lookup: Lookup, left: Left) -> Session | NotFound | Unknown:
        """The page of an attempt, with what its last card was told."""
        if (id_ := lookup.provider_reference) is not None:
            answer = await self._get(_session(id_), _expanded(), left)
            found = looked_up(answer, id_, Session) if isinstance(answer, Response) else answer
            if isinstance(found, Session) and found.client_reference_id != lookup.attempt_id:
                return Unknown(reason="the page is another attempt's", provider_reference=id_)
            return found
        made = {
            "gte": int((lookup.opened_at - EARLY).timestamp()),
            "lte": int((lookup.opened_at + LATE).timestamp()),
        }
        query = {"created": made, **_expanded("data.payment_intent")}
        rows = await self._list(SESSIONS, query, Session, left)
        if isinstance(rows, Unknown):
            return rows
        ours = [one for one in rows if one.client_reference_id == lookup.attempt_id]
        if len(ours) > 1:
            return Unknown(reason="several pages of one attempt", provider_reference=ours[0].id)
        return ours[0] if ours else NotFound("no page of that attempt at Stripe")

    async def _paid(self, order: RefundOrder, left: Left) -> str | Declined | NotFound | Unknown:
        """The intent of what was paid."""
        if (id_ := order.provider_reference) is None:
            return Unknown(reason="its page is not known")
        answer = await self._get(_session(id_), {}, left)
        found = looked_up(answer, id_, Session) if isinstance(answer, Response) else answer
        return refunds.paid(found) if isinstance(found, Session) else found

    async def _refunds(self, intent_id: str, left: Left) -> list[Refund] | Unknown:
        return await self._list("/v1/refunds", {"payment_intent": intent_id}, Refund, left)

    async def _list(
        self, path: str, query: Mapping[str, Any], type_: type[T], left: Left
    ) -> list[T] | Unknown:
        """All of a list, or nothing: a part can't show that something is missing."""
        rows: list[T] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            asked = {**query, "limit": PAGE, "starting_after": after}
            answer = await self._get(path, asked, left)
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

    async def _get(self, path: str, query: Mapping[str, Any], left: Left) -> Response | Unknown:
        said = form(query).decode()
        answer = await self._call("GET", f"{path}?{said}" if said else path, left)
        return answer if isinstance(answer, Response) else _asked(answer)

    async def _call(
        self,
        method: str,
        path: str,
        left: Left,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Response | NotSent | Unknown:
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

    def _calling(self, left: Left) -> setup.Call:
        async def call(
            method: str, path: str, body: Mapping[str, Any] | None = None
        ) -> Response | NotSent | Unknown:
            return await self._call(method, path, left, body)

        return call


def _session(session_id: str) -> str:
    return f"{SESSIONS}/{quote(session_id, safe='')}"


def _expanded(what: str = "payment_intent") -> Mapping[str, Any]:
    return {"expand": [what]}


def _asked(silence: NotSent | Unknown) -> Unknown:
    """A query or cancel that did not get through says nothing about the money."""
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)

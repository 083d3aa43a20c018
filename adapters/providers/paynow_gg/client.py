"""The flow of PayNow.gg: a customer for the attempt, a checkout for that customer, its page.

No call takes an idempotency key and a checkout can't be asked about, so the customer is what an
attempt is found by: it is made first, costs nothing, and its orders can be listed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from adapters.provider_kit.guard import unavailable
from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.paynow_gg import notices, refunds, setup, wire
from adapters.providers.paynow_gg.config import PayNowGgConfig
from adapters.providers.paynow_gg.resources import Order, Payment, looked_up
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Local,
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
from domain.tenants.market import Market

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline
MOST_ROWS: Final = 25  # of one attempt; as many or more, and the list may not be whole


class PayNowGgProvider(PaymentProvider, Prepares, Refunds, Callbacks, Registers, Probes, Local):
    """One store."""

    def __init__(self, config: PayNowGgConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def prepare(self, charge: Charge, *, timeout_s: float) -> Prepared | Declined | NotSent:
        """Make the customer. Without a usable answer there may be one, who owes nothing."""
        if (no := wire.untaken(charge.amount, self._config)) is not None:
            return no
        left = deadline(self._clock, timeout_s)
        answer = await self._call("POST", "/customers", left, wire.customer(charge))
        if isinstance(answer, Unknown):
            return unavailable(answer.reason)
        return answer if isinstance(answer, NotSent) else wire.prepared(answer)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Open a checkout. Pending with its page; nobody is charged before the payer acts there."""
        if (no := wire.untaken(charge.amount, self._config)) is not None:
            return no
        if (customer_id := wire.customer_in(charge.provider_reference)) is None:
            return NotSent("there is no customer to open a checkout for")
        body = wire.checkout(charge, customer_id, self._config)
        left = deadline(self._clock, timeout_s)
        answer = await self._call("POST", "/checkouts", left, body)
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """All orders of the attempt's customer, taken together. While there is none, nobody has
        paid; that the checkout exists is not known by it."""
        found = await self._orders(lookup.provider_reference, deadline(self._clock, timeout_s))
        return (
            found if isinstance(found, Unknown | NotFound) else wire.together(found, self._config)
        )

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Give back the whole order. Looks first whether it was done already, by anybody."""
        if order.amount != order.paid:
            return Declined(failure=refunds.WHOLE_ONLY)
        left = deadline(self._clock, timeout_s)
        found = await self._paid(order, left)
        if isinstance(found, Declined):
            return found
        if isinstance(found, Unknown):
            return NotSent(f"the order could not be looked up: {found.reason}")
        known = await self._known(found, order, left)
        if isinstance(known, Unknown) and known.provider_reference is None:
            return NotSent(f"its refunds could not be looked up: {known.reason}")
        if not isinstance(known, NotFound):
            return known
        if (unmarked := await self._mark(found, order, left)) is not None:
            return unmarked
        answer = await self._call("POST", f"{_order(found.id)}/refund", left, {})
        return refunds.given_back(answer, self._config) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """Among the refunds of the order's payments."""
        left = deadline(self._clock, timeout_s)
        found = await self._paid(order, left)
        if isinstance(found, Declined):
            return Unknown(reason=found.failure.message)
        return found if isinstance(found, Unknown) else await self._known(found, order, left)

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid."""
        return notices.receive(callback, now, self._config)

    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """All events that we read, to this address. Raises Invalid."""
        call = self._calling(deadline(self._clock, timeout_s))
        return await setup.register(call, callback_url, self._config)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming the key, the store, or what does not fit it; creates nothing."""
        await setup.probe(self._calling(deadline(self._clock, timeout_s)), self._config)

    def market(self) -> Market:
        """The store's currency; payers may be anywhere."""
        return Market(None, self._config.currency)

    async def _orders(
        self, reference: str | None, left: Left
    ) -> Sequence[Order] | NotFound | Unknown:
        if left() <= 0:
            return Unknown(reason="no time was left")
        if reference is None:
            return NotFound("no customer was made for it, so there is nothing to pay")
        if (customer_id := wire.customer_in(reference)) is None:
            answer = await self._get(_order(reference), left)
            found = looked_up(answer, Order) if isinstance(answer, Response) else answer
            if not isinstance(found, Order):
                return found
            same = found.id == reference
            return [found] if same else Unknown(reason="another order than was asked for")
        path = f"/orders?customer_id={customer_id}&limit={MOST_ROWS}"
        answer = await self._get(path, left)
        rows = looked_up(answer, list[Order]) if isinstance(answer, Response) else answer
        if isinstance(rows, Unknown | NotFound):
            return rows
        if len(rows) >= MOST_ROWS or any(one.customer_id != customer_id for one in rows):
            return Unknown(reason="more orders than one attempt has, or another customer's")
        return rows or NotFound("no order of that customer at PayNow")

    async def _paid(self, order: RefundOrder, left: Left) -> Order | Declined | Unknown:
        found = await self._orders(order.provider_reference, left)
        if isinstance(found, Unknown):
            return found
        return refunds.paid([] if isinstance(found, NotFound) else found)

    async def _known(self, found: Order, order: RefundOrder, left: Left) -> Outcome | NotFound:
        answer = await self._get(f"/payments?order_id={found.id}&limit={MOST_ROWS}", left)
        rows = looked_up(answer, list[Payment]) if isinstance(answer, Response) else answer
        if isinstance(rows, NotFound):
            return Unknown(reason=rows.reason)
        if isinstance(rows, Unknown):
            return rows
        if len(rows) >= MOST_ROWS or any(one.order_id != found.id for one in rows):
            return Unknown(reason="more payments than one order has, or another order's")
        return refunds.among(rows, found, order, self._config)

    async def _mark(self, found: Order, order: RefundOrder, left: Left) -> NotSent | None:
        """Note at the customer which refund of ours is asked for."""
        path = f"/customers/{quote(found.customer_id or '', safe='')}"
        answer = await self._call("PATCH", path, left, refunds.mark(order))
        if isinstance(answer, Response):
            if answer.status < 300:
                return None
            return NotSent(f"it could not be noted at PayNow: HTTP {answer.status}")
        return NotSent(f"it could not be noted at PayNow: {answer.reason}")

    async def _get(self, path: str, left: Left) -> Response | Unknown:
        answer = await self._call("GET", path, left)
        return Unknown(reason=answer.reason) if isinstance(answer, NotSent) else answer

    async def _call(
        self, method: str, path: str, left: Left, body: object = None
    ) -> Response | NotSent | Unknown:
        key = {"authorization": f"APIKey {self._config.api_key}"}
        request = json_request(method, f"{self._config.url}{path}", body, key)
        return await ask(self._transport, request, timeout_s=left())

    def _calling(self, left: Left) -> setup.Call:
        async def call(
            method: str, path: str, body: Mapping[str, Any] | None = None
        ) -> Response | NotSent | Unknown:
            return await self._call(method, path, left, body)

        return call


def _order(order_id: str) -> str:
    return f"/orders/{quote(order_id, safe='')}"

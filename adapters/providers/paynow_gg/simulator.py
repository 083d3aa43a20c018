"""The remote side of PayNow.gg: the Management API of one store, its page and its events.

- Any key `pnapi-sim-<name>` opens the one store there is. Its products are sold by id
  (`company.products`), or made inside a checkout.
- The payer acts on the page /checkout?t=<token>; PayNow learns no phone. A declined card leaves the
  order open, and another approval pays it. An order that nobody pays is canceled after a day.
- Who subscribes to both is told twice that an order was paid: by ON_DELIVERY_ITEM_ADDED, and by
  ON_ORDER_COMPLETED after it.
- A refund is of the whole order. Of a total that ends in 32 it takes a minute, in 34 it then fails.
- `charge_back` and `close_chargeback` do what a payer's bank does; `hooks.rotate` replaces a
  secret, and events then carry two digests; `company.tax_bps` adds tax on top.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.paynow_gg.simulated_books import Refusal, Sale, major
from adapters.providers.paynow_gg.simulated_company import MOST, STORE, Company


class PayNowGgSimulator(Simulator):
    name = "paynow_gg"
    callback_retries_s = (10, 60, 300, 1800, 7200, 21_600)  # the real schedule is not published

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. Errors are `{"status", "code", "message", …}`."""
        try:
            kind, _, key = request.headers.get("authorization", "").partition(" ")
            if kind.lower() != "apikey" or re.fullmatch(r"pnapi-sim-[a-z]+", key) is None:
                raise Refusal(401, "Invalid API key")
            parts = [unquote(one) for one in self._path(request).strip("/").split("/")]
            if parts[:3] != ["v1", "stores", STORE]:
                raise Refusal(404, "no such store")
            return _reply(200, self._serve(request, parts[3:]))
        except Refusal as refusal:
            return _reply(refusal.status, refusal.body)

    def _serve(self, request: Request, parts: Sequence[str]) -> Any:
        """Raises Refusal."""
        query = {key: one[0] for key, one in parse_qs(urlsplit(request.url).query).items()}
        now = self.world.clock.now()
        match request.method, *parts:
            case "POST", "customers":
                return self.company.enroll(_body(request)).shown()
            case "PATCH", "customers", id_:
                player = self.company.player(id_)
                player.metadata = dict(_body(request).get("metadata") or player.metadata)
                return player.shown()
            case "POST", "checkouts":
                sale = self.company.sell(_body(request))
                return {"id": sale.id, "token": sale.token, "url": self.company.page(sale)}
            case "GET", "payment-settings":
                inclusive = self.company.tax_bps == 0
                return {"store_tax_inclusive_pricing": inclusive, "max_checkout_amount": MOST}
            case "GET", "products", id_:
                return self.company.product(id_)
            case "GET", "orders":
                return [one.order() for one in self._listed(query, "customer_id")]
            case "GET", "orders", id_:
                return self.company.order(id_).order()
            case "POST", "orders", id_, "refund":
                sale = self.company.order(id_)
                return sale.refund(self.company.give_back(sale), now)
            case "GET", "payments":
                rows = [one for one in self._listed(query, "order_id") if one.paid_at is not None]
                return [one.payment(now) for one in rows]
            case _, "webhooks", *rest:
                return self._hooks(request, rest)
        raise Refusal(404, "no such route")

    def _listed(self, query: Mapping[str, str], by: str) -> list[Sale]:
        rows = self.company.orders()
        if (wanted := query.get(by)) is not None:
            rows = [one for one in rows if one.order()["id" if by == "order_id" else by] == wanted]
        return rows[: int(query.get("limit", "100"))]

    def _hooks(self, request: Request, rest: Sequence[str]) -> Any:
        hooks = self.company.hooks
        match request.method, *rest:
            case ("GET",):
                return [one.shown() for one in hooks.all()]
            case ("POST",):
                return hooks.add(_body(request)).shown()
            case "DELETE", id_:
                hooks.drop(id_)
                return {}
        raise Refusal(404, "no such route")

    def operation(self, request: Request) -> str:
        path = self._path(request)
        if request.method == "POST":
            ends = {"/checkouts": "charge", "/refund": "refund"}
            return next((ends[end] for end in ends if path.endswith(end)), "other")
        asks = request.method == "GET" and "/webhooks" not in path
        return "query" if asks else "other"

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        now = self.world.clock.now()
        return [one.booked(now) for one in self.company.sales.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._sale(reference), action)

    def reopen(self, reference: str) -> None:
        sale = self._sale(reference)
        if sale.status == "canceled":
            sale.status, sale.at = "created", self.world.clock.now()

    def tell_again(self, reference: str) -> None:
        self.company.tell_again(self._sale(reference))

    def give_back(self, reference: str, minor: int) -> None:
        sale = self._sale(reference)
        if minor != sale.total:
            raise ValueError("PayNow refunds whole orders")
        self._by_hand(lambda: self.company.give_back(sale))

    def charge_back(self, reference: str) -> None:
        """The payer's bank takes it back. Raises LookupError when unknown, ValueError when there is
        nothing to take."""
        sale = self._sale(reference)
        self._by_hand(lambda: self.company.charge_back(sale))

    def close_chargeback(self, reference: str, *, won: bool) -> None:
        """The bank decides. Raises LookupError, ValueError likewise."""
        sale = self._sale(reference)
        self._by_hand(lambda: self.company.close_chargeback(sale, won=won))

    def _by_hand(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        sale = self.company.sales.get(query.get("t", ""))
        if path.strip("/") != "checkout" or sale is None:
            return None
        self.company.settle()
        declined = " (the last card was declined)" if sale.declined else ""
        return Prompt(
            reference=sale.id,
            merchant="A game store",
            amount=major(sale.total),
            currency=sale.currency.upper(),
            description=sale.words,
            open=sale.is_open,
            status=sale.status.capitalize() + declined,
            approve_label="Pay",
            decline_label="Pay with a card that is declined",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self.company.page(self._sale(reference))

    def return_url(self, reference: str) -> str | None:
        sale = self._sale(reference)
        return sale.return_url if sale.paid_at is not None else sale.cancel_url

    def credentials(self) -> Mapping[str, Any]:
        base = f"{self.world.base_url.rstrip('/')}/v1"
        return {"apiKey": "pnapi-sim-demo", "storeId": STORE, "baseUrl": base}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        return self.company.hooks.wrong_amount(outgoing)

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of what has ended meanwhile."""
        self.company.settle()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _sale(self, reference: str) -> Sale:
        """By PayNow's ids, or by the merchant's reference: the newest. Raises LookupError."""
        sales = self.company.sales.values()
        rows = [one for one in sales if reference in _names(one)]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _names(sale: Sale) -> tuple[str | None, ...]:
    return (sale.id, sale.order_id, sale.metadata.get("attempt_id"))


def _body(request: Request) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(request.body or b"{}")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refusal(400, "not JSON") from None
    if not isinstance(read, dict):
        raise Refusal(400, "not an object")
    return read


def _reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

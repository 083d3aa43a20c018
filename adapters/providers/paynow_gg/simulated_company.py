"""What happens inside the simulated PayNow: checkouts are paid, refunded and charged back."""

import string
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from adapters.provider_kit.simulator import Action, Outgoing, World
from adapters.providers.paynow_gg.simulated_books import LIVES, Player, Refusal, Returned, Sale
from adapters.providers.paynow_gg.simulated_hooks import Hooks

STORE: Final = "4114864"
FIRST_FLAKE: Final = 411486491630370816
TOKEN: Final = string.ascii_lowercase + string.digits
MOST: Final = 10_000_000  # in cents, by the store's settings
LINE: Final = {"product_id", "inline_product", "quantity", "subscription", "metadata"}


class Company:
    """`root` is where its pages are, `send` takes events. `tax_bps` is added on top of prices;
    with `late_orders` an order is there only when somebody pays."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world, self._root = world, world.base_url.rstrip("/")
        self._last = FIRST_FLAKE
        self.players: dict[str, Player] = {}
        self.sales: dict[str, Sale] = {}  # by token
        self.hooks = Hooks(self.new_id, lambda: f"whsec_{self._word(32)}", send)
        self.products: dict[str, int] = {}  # a product's price in cents
        self.currency = "usd"
        self.tax_bps = 0
        self.late_orders = False
        self._told: dict[str, list[dict[str, Any]]] = {}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def new_id(self) -> str:
        self._last += self.world.random.randint(1, 1000)
        return str(self._last)

    def enroll(self, said: Mapping[str, Any]) -> Player:
        """A new customer. Raises Refusal."""
        metadata, name = said.get("metadata") or {}, said.get("name")
        if not isinstance(metadata, dict) or not isinstance(name, str) or not name:
            raise Refusal(400, "name is required", "validation_error")
        player = Player(id=self.new_id(), store_id=STORE, name=name, metadata=dict(metadata))
        self.players[player.id] = player
        return player

    def player(self, id_: str) -> Player:
        """Raises Refusal."""
        if (found := self.players.get(id_)) is None:
            raise Refusal(404, "no such customer")
        return found

    def product(self, id_: str) -> dict[str, Any]:
        """Raises Refusal."""
        if (price := self.products.get(id_)) is None:
            raise Refusal(404, "no such product")
        return {"id": id_, "name": "A product of the store", "price": price}

    def sell(self, said: Mapping[str, Any]) -> Sale:
        """Raises Refusal."""
        player = self.player(str(said.get("customer_id")))
        lines = said.get("lines")
        if not isinstance(lines, list) or len(lines) != 1 or set(lines[0]) - LINE:
            raise Refusal(400, "lines are wrong", "validation_error")
        product_id, words, price, quantity = self._priced(lines[0])
        if price * quantity > MOST:
            raise Refusal(400, "above the most that a checkout may be", "checkout-too-large")
        sale = Sale(
            id=self.new_id(),
            token=self._word(28),
            order_id=self.new_id(),
            line_id=self.new_id(),
            payment_id=self.new_id(),
            product_id=product_id,
            player=player,
            price=price,
            quantity=quantity,
            tax=price * quantity * self.tax_bps // 10_000,
            currency=self.currency,
            words=words,
            metadata=dict(said.get("metadata") or {}),
            return_url=said.get("return_url"),
            cancel_url=said.get("cancel_url"),
            at=self.now,
            shown_yet=not self.late_orders,
        )
        self.sales[sale.token] = sale
        return sale

    def page(self, sale: Sale) -> str:
        return f"{self._root}/checkout?t={sale.token}"

    def orders(self) -> list[Sale]:
        """Newest first."""
        self.settle()
        return [one for one in reversed(self.sales.values()) if one.shown_yet]

    def order(self, id_: str) -> Sale:
        """Raises Refusal."""
        for one in self.orders():
            if one.order_id == id_:
                return one
        raise Refusal(404, "no such order")

    def act(self, sale: Sale, action: Action) -> None:
        """A payer whose card is declined may use another."""
        self.settle()
        if not sale.is_open or action is Action.IGNORE:
            return
        sale.shown_yet = True
        if action is Action.DECLINE:
            sale.declined = True
            return
        sale.status, sale.paid_at = "completed", self.now
        self.tell(sale, "ON_DELIVERY_ITEM_ADDED", sale.delivered())
        self.tell(sale, "ON_ORDER_COMPLETED", sale.completed())

    def give_back(self, sale: Sale) -> Returned:
        """All of it. Raises Refusal."""
        self.settle()
        if sale.status != "completed" or sale.back(self.now):
            raise Refusal(400, f"the order is {sale.status}", "order-not-refundable")
        given = Returned(id=self.new_id(), minor=sale.total, tax=sale.tax, at=self.now)
        sale.returned.append(given)
        self.settle()
        return given

    def charge_back(self, sale: Sale) -> None:
        """The payer's bank takes it back. Raises Refusal."""
        if sale.status != "completed":
            raise Refusal(400, f"the order is {sale.status}")
        sale.status, sale.disputed = "chargeback", "pending"
        self.tell(sale, "ON_CHARGEBACK", sale.dispute())

    def close_chargeback(self, sale: Sale, *, won: bool) -> None:
        """The bank decides. Raises Refusal."""
        if sale.disputed != "pending":
            raise Refusal(400, "there is no chargeback")
        sale.disputed = "won" if won else "lost"
        sale.status = "completed" if won else "chargeback"
        self.tell(sale, "ON_CHARGEBACK_CLOSED", sale.dispute())

    def settle(self) -> None:
        """Orders end and refunds move by the clock, whenever anybody looks."""
        now = self.now
        for sale in self.sales.values():
            if sale.is_open and now >= sale.at + LIVES:
                sale.status = "canceled"
            for given in sale.returned:
                if (status := given.status(now)) != given.told:
                    given.told = status
                    if status == "completed":
                        sale.status = "refunded"
                    self.tell(sale, "ON_REFUND", sale.given_back(given, now))

    def tell(self, sale: Sale, name: str, body: Mapping[str, Any]) -> None:
        """An event, to whoever wants it."""
        event = {"event_type": name, "event_id": self.new_id(), "body": body}
        self._told.setdefault(sale.id, []).append(event)
        self.hooks.tell(event, self._about(sale), self.now)

    def tell_again(self, sale: Sale) -> None:
        """All its events once more, newly signed."""
        for event in self._told.get(sale.id, ()):
            self.hooks.tell(event, self._about(sale), self.now)

    def _about(self, sale: Sale) -> str:
        return sale.metadata.get("attempt_id", sale.id)

    def _priced(self, line: Mapping[str, Any]) -> tuple[str, str, int, int]:
        quantity = line.get("quantity")
        if not isinstance(quantity, int) or not 0 < quantity < 2**31:
            raise Refusal(400, "quantity is wrong", "validation_error")
        if (id_ := line.get("product_id")) is not None:
            known = self.product(str(id_))
            return known["id"], known["name"], known["price"], quantity
        product = line.get("inline_product") or {}
        price = product.get("price")
        if not isinstance(price, int) or price <= 0 or not product.get("name"):
            raise Refusal(400, "price or name is wrong", "validation_error")
        return self.new_id(), str(product["name"]), price, quantity

    def _word(self, length: int) -> str:
        return "".join(self.world.random.choices(TOKEN, k=length))

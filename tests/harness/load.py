"""Customers and their payers: seeded, bounded, and as patient as a careful client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import Any, Final

import aiohttp

from adapters.providers import discover
from domain.currencies import currency
from domain.money import Money
from tests.harness.shop import Answer, Shop

AGAIN_S: Final = (0.05, 0.4)  # before a request is repeated of which nothing was heard
LONGEST_S: Final = 2.0  # a client waits at most so long for a Retry-After
ASKED_S: Final = 0.3  # between looks at who has to pay
REFUNDS_S: Final = 3.0
PLENTY: Final = 1_000_000  # orders, or seconds: more than any test has time for
MOST_ACTS: Final = 32  # payers at once
RETRY: Final = {"conflict", "idempotency_in_progress", "unavailable", "overloaded"} | {
    "commit_unknown",
    "rate_limited",
}
NOBODY: Final = "no_provider_available"  # a final answer: try later with another key
APPROVES, DECLINES, UNDECIDED = "1111", "2222", "0000"  # last digits of a payer's phone
ROUTED: Final = ("maya", "gcash")  # both take the same payments


@dataclass(slots=True)
class Order:
    """One thing to ask for, under one key, until there is a final answer."""

    key: str
    path: str
    body: dict[str, Any]
    told: list[str] = field(default_factory=list)  # every answer: "201", "503 unavailable", "lost"
    resources: set[str] = field(default_factory=set)  # of 2xx answers: one, or it is a mistake
    waits: list[str] = field(default_factory=list)  # Retry-After of each 503
    last: dict[str, Any] = field(default_factory=dict)  # the last answer's body
    final: int | None = None

    @property
    def resource(self) -> str | None:
        return next(iter(self.resources), None)

    def hear(self, answer: Answer) -> None:
        code = answer.body.get("code", "")
        self.last = answer.body
        self.told.append(f"{answer.status} {code}".strip())
        if answer.status < 300:
            self.resources.add(answer.body["id"])
            self.final = answer.status
        elif code not in RETRY and answer.status != 500:
            self.final = answer.status
        if answer.status == 503 and code != NOBODY:
            self.waits.append(answer.headers.get("Retry-After", "none"))


@dataclass
class Load:
    """`orders` are placed by customers who repeat their keys. Loads of one shop have different
    seeds: the keys begin with them."""

    shop: Shop
    seed: int
    orders: list[Order] = field(default_factory=list)
    refunds: list[Order] = field(default_factory=list)
    stopped: bool = False  # customers place no more orders, payers do not act any more
    success: asyncio.Event = field(default_factory=asyncio.Event)  # for who waits: clear it before

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.known = discover()

    async def place(
        self, count: int, at_once: int = 12, *, think_s: float = 0.0, within_s: float = 30.0
    ) -> None:
        """So many orders, one after another by each customer, who thinks for so long before each.
        What has no final answer when the time is over stays so: the verdict tells what became
        of it."""
        line = (self._order() for _ in range(count))
        await self._all(line, at_once, within_s, think_s)

    @asynccontextmanager
    async def going_on(
        self, at_once: int, think_s: float, *, refunds: bool = False
    ) -> AsyncIterator[None]:
        """So many customers order, and payers pay, until the block ends, however it ends."""
        ordering = self.place(PLENTY, at_once, think_s=think_s, within_s=PLENTY)
        async with self.paying(refunds=refunds):
            task = asyncio.create_task(ordering)
            try:
                yield
            finally:
                self.stopped = True
                await task

    @asynccontextmanager
    async def paying(self, *, refunds: bool = False) -> AsyncIterator[None]:
        """Payers pay until the block ends; with `refunds`, some of it is given back."""
        tasks = [asyncio.create_task(self.payers())]
        if refunds:
            tasks.append(asyncio.create_task(self.refund_now_and_then()))
        try:
            yield
        finally:
            self.stopped = True
            await asyncio.gather(*tasks)
            self.stopped = False

    async def insist(self, *, within_s: float) -> None:
        """Repeat every key that has no final answer yet, until all have one or the time is over."""
        deadline = asyncio.get_running_loop().time() + within_s
        while open_ := [one for one in (*self.orders, *self.refunds) if one.final is None]:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or self.stopped:
                return
            await self._all(iter(open_), 12, left)
            await asyncio.sleep(min(left, LONGEST_S))

    async def give_back(
        self, payments: list[dict[str, Any]], *, share: float = 0.35, within_s: float = 30.0
    ) -> None:
        """Refunds of a share of what was paid: some whole, some in parts, some of too much."""
        new: list[Order] = []
        for one in payments:
            profile = self.known[one["provider"]].described() if one["provider"] else None
            if one["status"] != "succeeded" or profile is None or not profile.refunds:
                continue
            if self._draw(f"refund/{one['reference']}") >= share:
                continue
            in_parts = profile.partial_refunds and self._draw(f"parts/{one['reference']}") > 0.5
            for number, amount in enumerate(self._parts(one) if in_parts else [None]):
                more = {"amount": amount} if amount else {}
                key = f"refund-{one['reference']}-{number}"
                new.append(self.refund(key, paymentId=one["id"], **more))
        await self._all(iter(new), 6, within_s)

    def _parts(self, payment: dict[str, Any]) -> list[str | None]:
        """Something, the rest, and all once more, which is refused."""
        least = self.known[payment["provider"]].sample.least_refund
        third = max(least, int(payment["amount"].replace(".", "")) // 3 // least * least)
        return [Money(third, currency(payment["currency"])).major, None, payment["amount"]]

    async def refund_now_and_then(self) -> None:
        """Until stopped: of what was paid lately, a share is given back."""
        asked: set[str] = set()
        while not self.stopped:
            await asyncio.sleep(REFUNDS_S)
            try:
                paid = (await self.shop.api("GET", "/api/payments?limit=50&status=succeeded")).body
            except (aiohttp.ClientError, TimeoutError):
                continue
            new = [one for one in paid.get("data", ()) if one["id"] not in asked]
            asked |= {one["id"] for one in new}
            await self.give_back(new, within_s=REFUNDS_S)

    async def payers(self) -> None:
        """Until stopped: whoever has something to pay looks at it, and most of them pay."""
        acted: set[tuple[str, str]] = set()
        while not self.stopped:
            await self.act_once(acted)
            await asyncio.sleep(ASKED_S)

    async def act_once(self, acted: set[tuple[str, str]]) -> None:
        """Everybody who has not acted yet does."""
        gate = asyncio.Semaphore(MOST_ACTS)

        async def act(provider: str, reference: str) -> None:
            async with gate:
                action = "approve" if self._draw(f"payer/{reference}") < 0.85 else "decline"
                await self.shop.act(provider, reference, action)

        waiting = {
            (one["provider"], one["reference"])
            for one in await self.shop.books()
            if one["status"] == "pending"
        }
        new = waiting - acted
        acted |= new
        await asyncio.gather(*(act(*one) for one in sorted(new)))

    def told(self, start: str) -> int:
        """How many answers began so."""
        return sum(one.startswith(start) for order in self.orders for one in order.told)

    def order(self, key: str, method: str = "maya", acts: str = UNDECIDED, **more: Any) -> Order:
        """At that provider, in its currency, by a payer who acts so; not placed yet."""
        one = self.known[method].sample
        usual = {
            "amount": Money(one.minors[0], currency(one.currency)).major,
            "currency": one.currency,
            "country": one.country,
            "reference": key,
            "method": method,
            "customer": {"id": f"c-{key}", "phone": f"{one.phone}{acts}"},
        }
        self.orders.append(Order(key, "/api/payments/initiate", {**usual, **more}))
        return self.orders[-1]

    def refund(self, key: str, **body: Any) -> Order:
        """A refund, not asked for yet."""
        self.refunds.append(Order(key, "/api/payments/refund", body))
        return self.refunds[-1]

    def _order(self) -> Order:
        """Anything, from anybody; some leave the choice of the provider to the router."""
        method, chance = self.random.choice(self.shop.providers), self.random.random()
        one = self.known[method].sample
        minor = self.random.choice(one.minors[:3])
        amount = Money(minor, currency(one.currency)).major
        acts = APPROVES if chance < 0.3 else DECLINES if chance < 0.4 else UNDECIDED
        order = self.order(f"o-{self.seed}-{len(self.orders)}", method, acts, amount=amount)
        if self.random.random() < 0.5 and method in ROUTED:
            del order.body["method"]
        return order

    async def _all(
        self, line: Iterator[Order], at_once: int, within_s: float, think_s: float = 0.0
    ) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s

        async def customer() -> None:
            while not self.stopped and loop.time() < deadline:
                await asyncio.sleep(think_s)
                if (order := next(line, None)) is None:
                    return
                await self._insist(order, lambda: loop.time() < deadline)

        await asyncio.gather(*(customer() for _ in range(at_once)))

    async def _insist(self, order: Order, patient: Callable[[], bool]) -> None:
        """With the same key, until a final answer or until patience ends. An order whose first
        request still runs, or died, is left for later: it is told so for a minute."""
        while order.final is None:
            wait_s = await self.ask(order)
            if order.told[-1] == "409 idempotency_in_progress" or not patient() or self.stopped:
                return
            await asyncio.sleep(wait_s)

    async def ask(self, order: Order) -> float:
        """One request, whatever becomes of it; how long to wait before the next."""
        wait_s = self.random.uniform(*AGAIN_S)
        try:
            answer = await self.shop.api("POST", order.path, order.body, order.key)
        except (aiohttp.ClientError, TimeoutError) as error:
            order.told.append(f"lost {type(error).__name__}")
            return wait_s
        order.hear(answer)
        if answer.status < 300:
            self.success.set()
        after = answer.headers.get("Retry-After", "")
        return min(float(after), LONGEST_S) if after.isdigit() else wait_s

    def _draw(self, about: str) -> float:
        """A number in [0, 1) that depends on the seed and on what it is about alone."""
        digest = blake2b(f"{self.seed}/{about}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / (1 << 56)

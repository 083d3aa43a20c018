"""What became of the money: our rows, the doctor's word and the companies' books must agree."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Final

import aiohttp

from tests.harness.load import Load, Order
from tests.harness.shop import Shop

Line = dict[str, Any]  # a payment of ours, or a line of a company's books
LOOK_S: Final = 0.3
AT_ONCE: Final = 8  # refreshes
ON_ITS_WAY: Final = "onItsWay"  # minor units; a field that only a patient verdict adds
SHOWN: Final = 40
PROPER: Final = ("409", "429", "422 refund_exceeds_payment")  # a no that a client deserves
OPEN: Final = ("pending", "awaiting_verification")


async def settled(shop: Shop, load: Load, *, within_s: float, patient: bool = False) -> None:
    """Return when both sides say the same of every payment, or the time is over: then `verdict`
    names what differs. Asking for a payment asks its company."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while loop.time() < deadline:
        payments, books = await stored(shop, load, patient=patient), await shop.books()
        behind = list(lagging(payments, books))
        if not behind and (patient or not [one async for one in unpaid_back(shop, load)]):
            return
        gate = asyncio.Semaphore(AT_ONCE)

        async def refresh(payment_id: str, gate: asyncio.Semaphore = gate) -> None:
            async with gate:
                try:
                    await shop.payment(payment_id, refresh=True)
                except (aiohttp.ClientError, TimeoutError, AssertionError):
                    return  # it is asked again

        await asyncio.gather(*(refresh(one["id"]) for one in behind))
        await asyncio.sleep(LOOK_S)


async def judge(shop: Shop, load: Load, *, within_s: float = 30.0, patient: bool = False) -> None:
    """Wait until it is quiet, then say what is wrong. Raises AssertionError with all of it, and
    with what the processes said. `patient`: refunds may still be on their way; some companies
    take their time, and the more often they were asked in vain, the later they are asked again."""
    shop.yard.log.tell("settling")
    await settled(shop, load, within_s=within_s, patient=patient)
    shop.yard.log.tell("settled")
    if found := await verdict(shop, load, patient=patient):
        wrong = "\n".join(found[:SHOWN])
        raise AssertionError(f"{len(found)} things are wrong\n{wrong}\n\n{shop.yard.told()}")


async def verdict(shop: Shop, load: Load, *, patient: bool = False) -> list[str]:
    """All that is wrong, in words; nothing when the money is right."""
    payments, books = await stored(shop, load, patient=patient), await shop.books()
    found = [
        *once(load.orders, payments),
        *answered((*load.orders, *load.refunds)),
        *charged_once(payments, books),
        *agreed(payments, books),
        *([] if patient else [one async for one in unpaid_back(shop, load)]),
        *[one async for one in told_once(shop, load, payments)],
        *booked((await shop.api("GET", "/api/ledger/accounts")).body["data"], payments, books),
        *await doctor(shop),
    ]
    shop.yard.log.tell("verdict", payments=len(payments), charges=len(books), wrong=found)
    return found


def once(orders: Iterable[Order], payments: list[Line]) -> Iterator[str]:
    """Each accepted request has exactly one payment, and it is the one that was answered."""
    known = Counter(one["reference"] for one in payments)
    ids = {one["reference"]: one["id"] for one in payments}
    for reference, number in known.items():
        if number > 1:
            yield f"{reference} has {number} payments"
    for order in orders:
        if len(order.resources) > 1:
            yield f"{order.key} was answered with {sorted(order.resources)}"
        if order.resource is not None and ids.get(order.key) != order.resource:
            yield f"{order.key} was answered with {order.resource}, stored is {ids.get(order.key)}"


def answered(orders: Iterable[Order]) -> Iterator[str]:
    """Trouble is told in words that a client can act on."""
    for order in orders:
        for told in order.told:
            if told.startswith("500") or (told[0] == "4" and not told.startswith(PROPER)):
                yield f"{order.key} was told {told}: {order.body} -> {order.last}"
        if "none" in order.waits:
            yield f"{order.key} was told 503 without Retry-After"


def charged_once(payments: list[Line], books: list[Line]) -> Iterator[str]:
    """No payer paid twice, net of what was given back; no charge is a stranger."""
    owners = {attempt["id"]: one for one in payments for attempt in one["attempts"]}
    for reference, number in Counter(one["reference"] for one in books).items():
        if number > 1:
            yield f"attempt {reference} was sent {number} times"
        if reference not in owners:
            yield f"charge {reference} belongs to no attempt of ours"
    kept: Counter[str] = Counter()
    for line in paid(books):
        if line["reference"] in owners and line["amountMinor"] > line["refundedMinor"]:
            kept[owners[line["reference"]]["id"]] += 1
    for one in payments:
        surplus = (kept[one["id"]] - 1) * _minor(one["chargedAmount"])
        if surplus > one.get(ON_ITS_WAY, 0):
            yield f"{one['id']} is paid {kept[one['id']]} times"


def agreed(payments: list[Line], books: list[Line]) -> Iterator[str]:
    """What the companies took is what we say was paid, and what they gave back as well."""
    lines = {one["reference"]: one for one in books}
    for one in payments:
        its = [lines[it["id"]] for it in one["attempts"] if it["id"] in lines]
        if (word := _differs(one, its)) is not None:
            yield f"{one['id']} ({one['reference']}) {word}"


def _differs(payment: Line, its: list[Line]) -> str | None:
    taken = list(paid(its))
    if (payment["status"] == "succeeded") != bool(taken):
        return f"is {payment['status']}, the books say {[one['status'] for one in its]}"
    if not taken:
        return None
    minor = _minor(payment["chargedAmount"])
    if any(one["amountMinor"] != minor for one in taken):
        return f"is of {minor}, the books say {[one['amountMinor'] for one in taken]}"
    surplus = minor * (len(taken) - 1)
    given, ours = sum(one["refundedMinor"] for one in taken), _minor(payment["refundedAmount"])
    if abs(ours + surplus - given) > payment.get(ON_ITS_WAY, 0):
        return f"gave back {ours} and a surplus of {surplus}, the books say {given}"
    return None


async def stored(shop: Shop, load: Load, *, patient: bool) -> list[Line]:
    """All payments; with what of each is on its way back, for a patient verdict."""
    payments = await shop.payments()
    if not patient:
        return payments
    asked = {order.body["paymentId"] for order in load.refunds}
    moving = [one for one in payments if one["id"] in asked or len(one["attempts"]) > 1]
    ways = {one["id"]: await on_its_way(shop, one) for one in moving}
    return [{**one, ON_ITS_WAY: ways.get(one["id"], 0)} for one in payments]


async def on_its_way(shop: Shop, payment: Line) -> int:
    """Minor units of its refunds of which nobody knows the end yet."""
    found = await shop.api("GET", f"/api/payments/{payment['id']}/refunds")
    return sum(_minor(one["amount"]) for one in found.body["data"] if one["status"] == "pending")


def lagging(payments: list[Line], books: list[Line]) -> Iterator[Line]:
    """Payments about which the books know more than we do."""
    lines = {one["reference"]: one for one in books}
    for one in payments:
        its = [lines[it["id"]] for it in one["attempts"] if it["id"] in lines]
        decided = [line for line in its if line["status"] != "pending"]
        if _differs(one, its) or (one["status"] in OPEN and len(decided) == len(one["attempts"])):
            yield one


def booked(accounts: list[Line], payments: list[Line], books: list[Line]) -> Iterator[str]:
    """The ledger sums to zero, and holds of each company what its books hold of us, less fees."""
    sides = {
        (one["code"], one["currency"]): _minor(one["debits"]) - _minor(one["credits"])
        for one in accounts
    }
    for unit in {unit for _, unit in sides}:
        if (rest := sum(side for (_, its), side in sides.items() if its == unit)) != 0:
            yield f"the ledger's debits and credits in {unit} differ by {rest}"
    owed: Counter[tuple[str, str]] = Counter()
    for line in paid(books):
        left = line["amountMinor"] - line["refundedMinor"]
        owed[f"receivable:{line['provider']}", line["currency"]] += left
    for one in payments:
        if one["status"] == "succeeded":
            owed[f"receivable:{one['provider']}", one["currency"]] -= _minor(one["fee"]["amount"])
    moving = sum(one.get(ON_ITS_WAY, 0) for one in payments)
    for (account, unit), kept in owed.items():
        held = sides.get((account, unit), 0)
        if not 0 <= held - kept <= moving:
            yield f"{account} is {held} {unit}, the books say {kept}"


async def unpaid_back(shop: Shop, load: Load) -> AsyncIterator[str]:
    """Accepted refunds that are not final, or of which we keep another one than was answered."""
    for order in load.refunds:
        if order.resource is None:
            continue
        found = await shop.api("GET", f"/api/refunds/{order.resource}")
        if found.status != 200 or found.body["status"] == "pending":
            yield f"{order.key} ({order.resource}) is {found.body.get('status', found.status)}"


async def told_once(shop: Shop, load: Load, payments: list[Line]) -> AsyncIterator[str]:
    """A payment succeeds once: an effect that ran twice would show here."""
    ours = {order.key for order in load.orders}
    for one in payments:
        if one["status"] != "succeeded" or one["reference"] not in ours:
            continue
        found = await shop.api("GET", f"/api/payments/{one['id']}/timeline")
        times = sum(event["type"] == "payment.succeeded" for event in found.body["data"])
        if times != 1:
            yield f"{one['id']} succeeded {times} times by its timeline"


async def doctor(shop: Shop) -> list[str]:
    """Every law, recomputed from the rows by a process of its own."""
    status, told, failure = await shop.yard.tried("doctor", "--json", "--no-probes")
    report = json.loads(told) if told else {"checks": []}
    breaches = [
        f"doctor: {check['check']}: {row['row']} {row['message']}"
        for check in report["checks"]
        for row in check["first"]
    ]
    return breaches if status == 0 or breaches else [f"doctor ended with {status}: {failure}"]


def paid(books: Iterable[Line]) -> Iterator[Line]:
    return (one for one in books if one["status"] == "succeeded")


def _minor(major: str) -> int:
    """ "15.00" has all its digits, whatever the currency."""
    return int(major.replace(".", ""))

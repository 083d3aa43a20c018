"""Commands that read payments, and the one that ends them."""

from dataclasses import dataclass
from typing import Final, TypedDict, Unpack

from adapters.cli import show
from adapters.cli.failures import AGAIN, DONE, NO
from adapters.cli.receipt import ENDED, money, next_step, show_attempts, show_payment
from adapters.cli.requests import form_of, instant_of, text_of
from adapters.cli.which_tenant import WhichTenant
from adapters.cli.words import entry_words, explanation_words, payment_words
from application.payments.cancel_payment import CancelPayment
from application.payments.get_payment import GetPayment
from application.payments.well_formed import (
    CURRENCY,
    LONGEST_CUSTOMER_ID,
    LONGEST_REFERENCE,
    LONGEST_SEARCH,
    METHOD,
    PAYMENT_ID,
)
from domain.fees.schedule import Fee
from domain.ids import PaymentId
from domain.payments.payment import Payment
from domain.payments.status import OPEN, PaymentStatus
from domain.ports.clock import Clock
from domain.ports.views import Page, PaymentFilter, TimelineEntry, Views

NOWHERE: Final = 10_000  # the place of who would not be tried: behind all others


@dataclass(frozen=True, slots=True)
class ShowPayment:
    get: GetPayment
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, payment: str, refresh: bool, tenant: str | None, json: bool) -> int:
        tenant_id = await self.which(tenant)
        found = await self.get(tenant_id, PaymentId(payment), refresh=refresh)
        if json:
            show.line(payment_words(found))
            return DONE
        show_payment(found, self.clock.now(), ("Next", next_step(found)))
        return DONE


@dataclass(frozen=True, slots=True)
class EndPayment:
    cancel: CancelPayment
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, payment: str, tenant: str | None, json: bool) -> int:
        found = await self.cancel(await self.which(tenant), PaymentId(payment))
        if json:
            show.line(payment_words(found))
        else:
            show_payment(found, self.clock.now(), ("Next", _ended(found)))
        if found.status in ENDED:
            return DONE
        return AGAIN if found.status in OPEN else NO


def _ended(payment: Payment) -> str:
    if payment.status in ENDED:
        return "It can't be paid any more."
    if payment.status is PaymentStatus.SUCCEEDED:
        return f"It was paid meanwhile. Give it back: cauri refund {payment.id}"
    return f"The provider has not confirmed it yet; try again, or: cauri status {payment.id}"


class Wanted(TypedDict):
    """What the command line says: all that is set must hold."""

    tenant: str | None
    status: str | None
    provider: str | None
    currency: str | None
    customer: str | None
    reference: str | None
    since: str | None
    until: str | None
    q: str | None
    limit: int
    after: str | None
    json: bool


def _filter(wanted: Wanted) -> PaymentFilter:
    """Raises Invalid."""
    for field, text, longest in (
        ("customerId", wanted["customer"], LONGEST_CUSTOMER_ID),
        ("reference", wanted["reference"], LONGEST_REFERENCE),
        ("q", wanted["q"], LONGEST_SEARCH),
    ):
        if text is not None:
            text_of(text, field, longest, 1)
    return PaymentFilter(
        status=wanted["status"],
        provider=form_of(wanted["provider"], METHOD, "provider"),
        currency=form_of(wanted["currency"], CURRENCY, "currency"),
        customer_id=wanted["customer"],
        reference=wanted["reference"],
        since=instant_of(wanted["since"], "from"),
        until=instant_of(wanted["until"], "to"),
        q=wanted["q"],
    )


@dataclass(frozen=True, slots=True)
class ListPayments:
    views: Views
    which: WhichTenant
    clock: Clock

    async def __call__(self, **wanted: Unpack[Wanted]) -> int:
        which = _filter(wanted)
        after = form_of(wanted["after"], PAYMENT_ID, "cursor")
        before = PaymentId(after) if after is not None else None
        tenant_id = await self.which(wanted["tenant"])
        page = await self.views.payments(tenant_id, which, before, wanted["limit"])
        if wanted["json"]:
            words = [payment_words(one) for one in page.payments]
            show.line({"data": words, "nextCursor": page.next_before})
            return DONE
        self._tell(page)
        return DONE

    def _tell(self, page: Page) -> None:
        if not page.payments:
            show.say("No payment fits. Make one: cauri pay 10.00 PHP")
            return
        now = self.clock.now()
        show.table(
            ("Payment", "Status", "Amount", "Provider", "Reference", "Made"),
            [
                (
                    one.id,
                    one.status,
                    money(one.amount),
                    one.current.provider if one.current is not None else "-",
                    one.intent.reference,
                    show.ago(one.intent.created_at, now),
                )
                for one in page.payments
            ],
            right=("Amount",),
        )
        if page.next_before is not None:
            show.say(f"More: --after {page.next_before}")


@dataclass(frozen=True, slots=True)
class ShowTimeline:
    views: Views
    which: WhichTenant

    async def __call__(self, *, payment: str, tenant: str | None, json: bool) -> int:
        entries = await self.views.timeline(await self.which(tenant), PaymentId(payment))
        if json:
            show.line({"data": [entry_words(one) for one in entries], "nextCursor": None})
            return DONE
        show.table(
            ("", "Time (UTC)", "What", "Cause", "About", "More"),
            [
                (
                    str(one.number),
                    f"{one.at:%Y-%m-%d %H:%M:%S}",
                    one.type,
                    one.cause,
                    one.refund_id or one.attempt_id or "",
                    _more(one),
                )
                for one in entries
            ],
            right=("",),
        )
        return DONE


def _more(entry: TimelineEntry) -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.data.items() if value is not None)


@dataclass(frozen=True, slots=True)
class ExplainRouting:
    get: GetPayment
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, payment: str, tenant: str | None, json: bool) -> int:
        found = await self.get(await self.which(tenant), PaymentId(payment))
        words = explanation_words(found)
        if json:
            show.line(words)
            return DONE
        fees = {one.provider: one.fee for one in found.decision.snapshot.candidates}
        show.say(f"{words['chosen'] or 'Nobody'}: {words['reason']} ({words['strategy']})")
        show.say("")
        rows = []
        for one in sorted(words["candidates"], key=lambda one: one["place"] or NOWHERE):
            quoted = fees[one["provider"]]
            seen = one["health"]
            rows.append(
                (
                    str(one["place"] or "-"),
                    one["provider"],
                    "taken" if one["taken"] else one["reason"],
                    _price(quoted, known=one["isFeeKnown"]),
                    f"circuit {seen['circuit']}, {seen['successes']} of {seen['finished']} paid",
                )
            )
        show.table(
            ("Place", "Provider", "Taken, or why not", "Fee", "Health"), rows, right=("Fee",)
        )
        if found.attempts:
            show.say("")
            show_attempts(found, self.clock.now())
        return DONE


def _price(quoted: Fee | None, *, known: bool) -> str:
    """An unknown price counts as nothing, and is not told as if it were nothing."""
    if quoted is None:
        return "-"
    return money(quoted.amount) if known else "unknown"

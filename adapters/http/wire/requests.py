"""Bodies and parameters of the payment endpoints, besides the initiation's."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct, field

from adapters.http.wire import text
from adapters.http.wire.reading import Findings
from adapters.http.wire.shapes import (
    Amount,
    CurrencyCode,
    CustomerId,
    PaymentKey,
    ProviderCode,
    Reason,
    Reference,
)
from application.payments.well_formed import (
    LONGEST_CUSTOMER_ID,
    LONGEST_REFERENCE,
    LONGEST_SEARCH,
    LONGEST_TEXT,
    check_text,
)
from application.text import instant
from domain.money import Currency, Money
from domain.payments.status import PaymentStatus
from domain.ports.views import PaymentFilter

PAGE: Final = 50
MOST_A_PAGE: Final = 200
NOT_GIVEN: Final = Raw(b"null")  # an amount that is left out, or null


class StatusQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """`refresh` asks the provider first, when the payment is not final."""

    refresh: bool = False


class ListQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """All that is given must hold."""

    status: PaymentStatus | None = None
    provider: ProviderCode | None = None
    currency: CurrencyCode | None = None
    customer_id: CustomerId | None = None
    reference: Reference | None = None
    since: Annotated[str, Meta(max_length=40, description="Created then or later.")] | None = field(
        default=None, name="from"
    )
    to: Annotated[str, Meta(max_length=40, description="Created before.")] | None = None
    q: (
        Annotated[
            str,
            Meta(
                max_length=LONGEST_SEARCH,
                description="Part of an id, reference, name, e-mail or phone.",
            ),
        ]
        | None
    ) = None
    cursor: PaymentKey | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = PAGE

    def filter(self) -> PaymentFilter:
        """Raises Faulty."""
        found = Findings()
        check_text("customerId", self.customer_id, found.add, LONGEST_CUSTOMER_ID, 1)
        check_text("reference", self.reference, found.add, LONGEST_REFERENCE, 1)
        check_text("q", self.q, found.add, LONGEST_SEARCH)
        start, end = self.since, self.to
        since = found.tried("from", lambda: instant(start)) if start is not None else None
        until = found.tried("to", lambda: instant(end)) if end is not None else None
        found.raise_if_any()
        return PaymentFilter(
            status=self.status,
            provider=self.provider,
            currency=self.currency,
            customer_id=self.customer_id,
            reference=self.reference,
            since=since,
            until=until,
            q=self.q,
        )


class VerifyBody(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """What a person saw. `return`: another amount came than was due, or it was paid already, so it
    goes back whole. `bounced`: a cheque that was received, and its bank took back. Without
    `receivedAmount`: exactly what was due; for `return`, what the provider said. With `attemptId`
    it is refused when another attempt is the one that waits."""

    outcome: Literal["received", "rejected", "return", "bounced"]
    reason: Reason
    received_amount: Amount = field(default_factory=lambda: NOT_GIVEN)
    attempt_id: Annotated[str, Meta(max_length=40)] | None = None

    def amount(self, currency: Currency) -> Money | None:
        """Raises Faulty."""
        return _optional("receivedAmount", self.received_amount, currency, self.reason)


class RefundVerifyBody(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Whether the money is with the payer again, by whatever way."""

    outcome: Literal["returned", "not_returned"]
    reason: Reason


class RefundBody(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """What to give back. Without `amount`: all that remains."""

    payment_id: PaymentKey
    amount: Amount = field(default_factory=lambda: NOT_GIVEN)
    reason: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""

    def money(self, currency: Currency) -> Money | None:
        """Raises Faulty."""
        return _optional("amount", self.amount, currency, self.reason)

    def canonical(self, money: Money | None) -> bytes:
        """The same bytes for the same request, however it was written."""
        due = money.major if money is not None else "rest"
        return f"{self.payment_id}\n{due}\n{self.reason}".encode()


def _optional(name: str, raw: Raw, currency: Currency, reason: str) -> Money | None:
    found, money = Findings(), None
    if bytes(raw) != b"null":
        money = found.tried(name, lambda: text.amount(bytes(raw), currency))
    check_text("reason", reason, found.add)
    found.raise_if_any()
    return money

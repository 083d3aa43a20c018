"""What payers can pay with, and what this build can talk to."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from adapters.http.wire import text
from adapters.http.wire.parts import FeeReply, fee_reply, optional_major
from adapters.http.wire.reading import Findings
from adapters.http.wire.shapes import CountryCode, CurrencyCode, CustomerId, Decimal, ProviderCode
from application.payments.quote_methods import Quote
from application.payments.well_formed import LONGEST_AMOUNT, LONGEST_CUSTOMER_ID, check_text
from domain.countries import country
from domain.currencies import currency
from domain.money import Money
from domain.payments.routing import Obstacle
from domain.providers.profile import Kind, Profile


class MethodsQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """The payment in question."""

    amount: Annotated[str, Meta(max_length=LONGEST_AMOUNT, description="In major units: 1500.00")]
    currency: CurrencyCode
    country: CountryCode | None = None
    customer_id: CustomerId | None = None

    def money(self) -> Money:
        """Raises Faulty."""
        found = Findings()
        money: Money | None = None
        if (known := found.tried("currency", lambda: currency(self.currency))) is not None:
            raw = self.amount.encode("ascii", "replace")
            money = found.tried("amount", lambda: text.amount(raw, known))
        if (code := self.country) is not None:
            found.tried("country", lambda: country(code))
        check_text("customerId", self.customer_id, found.add, LONGEST_CUSTOMER_ID, 1)
        found.raise_if_any()
        assert money is not None  # else there was a finding
        return money


class MethodReply(Struct, rename="camel"):
    """One way to pay, for this amount, now."""

    code: str
    name: str
    type: Kind
    available: bool
    reason: str | None
    obstacle: Obstacle | None
    fee: FeeReply | None
    is_fee_known: Annotated[
        bool, Meta(description="False: nobody told a price; give the account one.")
    ]
    min_amount: Decimal | None
    max_amount: Decimal | None
    currencies: list[str]
    countries: list[str]
    supports_refund: bool
    supports_partial_refund: bool
    is_default: bool

    @classmethod
    def of(cls, quote: Quote) -> "MethodReply":
        profile, one = quote.profile, quote.candidate
        obstacle = None if quote.available else one.obstacle
        return cls(
            code=profile.code,
            name=profile.title,
            type=profile.kind,
            available=quote.available,
            reason=(one.detail or obstacle) if obstacle is not None else None,
            obstacle=obstacle,
            fee=fee_reply(one.fee) if one.fee is not None else None,
            is_fee_known=one.priced,
            min_amount=optional_major(quote.minimum),
            max_amount=optional_major(quote.maximum),
            currencies=sorted(profile.currencies),
            countries=sorted(profile.countries),
            supports_refund=profile.refunds,
            supports_partial_refund=profile.partial_refunds,
            is_default=quote.is_default,
        )


class MethodList(Struct, rename="camel"):
    """The cheapest first; what is not available comes last."""

    data: list[MethodReply]

    @classmethod
    def of(cls, quotes: Sequence[Quote]) -> "MethodList":
        return cls([MethodReply.of(one) for one in quotes])


class CustomerQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Whose preference."""

    customer_id: CustomerId

    def checked(self) -> str:
        """Raises Faulty."""
        found = Findings()
        check_text("customerId", self.customer_id, found.add, LONGEST_CUSTOMER_ID, 1)
        found.raise_if_any()
        return self.customer_id


class DefaultBody(Struct, forbid_unknown_fields=True, frozen=True):
    """The method to prefer."""

    method: ProviderCode


class DefaultReply(Struct, rename="camel"):
    """The method a customer prefers; null when none was chosen."""

    customer_id: str
    method: str | None


class Capabilities(Struct, rename="camel"):
    refund: bool
    partial_refund: bool
    cancel: bool
    callbacks: bool
    offline: bool


class ProviderReply(Struct, rename="camel"):
    """A provider of this build."""

    code: str
    name: str
    type: Kind
    countries: list[str]
    currencies: list[str]
    capabilities: Capabilities
    is_connected: bool
    is_active: bool

    @classmethod
    def of(cls, profile: Profile, *, connected: bool, active: bool) -> "ProviderReply":
        return cls(
            profile.code,
            profile.title,
            profile.kind,
            sorted(profile.countries),
            sorted(profile.currencies),
            Capabilities(
                profile.refunds,
                profile.partial_refunds,
                profile.cancels,
                profile.callbacks,
                profile.offline,
            ),
            connected,
            active,
        )


class ProviderList(Struct, rename="camel"):
    data: list[ProviderReply]

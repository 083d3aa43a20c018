"""The body of POST /api/payments/initiate, and how it becomes a NewPayment."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from adapters.http.wire import text
from adapters.http.wire.reading import Findings
from adapters.http.wire.shapes import (
    Amount,
    CountryCode,
    CurrencyCode,
    CustomerId,
    ProviderCode,
    Reference,
)
from application.payments import well_formed
from application.payments.new_payment import EXPIRES_S, LONGEST_S, SHORTEST_S, NewPayment
from application.payments.well_formed import (
    EMAIL,
    LONGEST_ADDRESS,
    LONGEST_EMAIL,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_METADATA,
    PHONE,
)
from domain.currencies import currency
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Money
from domain.payments.intent import Customer


class CustomerBody(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """Who pays, as the merchant knows them."""

    id: CustomerId | None = None
    name: Annotated[str, Meta(max_length=LONGEST_NAME)] | None = None
    email: Annotated[str, Meta(max_length=LONGEST_EMAIL, pattern=f"^{EMAIL}$")] | None = None
    phone: Annotated[str, Meta(pattern=f"^{PHONE}$", description="E.164.")] | None = None


class InitiateBody(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """A payment to take."""

    amount: Amount
    currency: CurrencyCode
    reference: Reference | None = None
    customer: CustomerBody | None = None
    method: ProviderCode | None = None
    country: CountryCode | None = None
    fee_bearer: Bearer = Bearer.MERCHANT
    description: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""
    return_url: (
        Annotated[str, Meta(max_length=LONGEST_ADDRESS, description="http or https.")] | None
    ) = None
    expires_in: Annotated[int, Meta(ge=SHORTEST_S, le=LONGEST_S, description="Seconds.")] = (
        EXPIRES_S
    )
    metadata: Annotated[
        dict[
            Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY)],
            Annotated[str, Meta(max_length=LONGEST_TEXT)],
        ],
        Meta(max_length=MOST_METADATA),
    ] = {}

    def checked(self, tenant_id: TenantId) -> NewPayment:
        """What the use case takes. Raises Faulty with everything that is wrong."""
        found = Findings()
        money = self._money(found)
        well_formed.check(self, found.add)
        found.raise_if_any()
        assert money is not None  # else there was a finding
        return NewPayment(
            tenant_id=tenant_id,
            amount=money,
            reference=self.reference,
            customer=_customer(self.customer),
            method=self.method,
            country=self.country,
            bearer=self.fee_bearer,
            description=self.description,
            return_url=self.return_url,
            expires_in_s=self.expires_in,
            metadata=self.metadata,
        )

    def canonical(self, money: Money) -> bytes:
        """The same bytes for the same request, however it was written. What equals its default
        is left out, so that a field added later changes no fingerprint of an earlier key."""
        same = msgspec.structs.replace(
            self,
            amount=Raw(f'"{money.major}"'.encode()),
            expires_in=EXPIRES_S if self.expires_in == EXPIRES_S else self.expires_in,
        )  # a default is left out by identity, which an equal number need not have
        return msgspec.json.encode(same, order="deterministic")

    def _money(self, found: Findings) -> Money | None:
        known = found.tried("currency", lambda: currency(self.currency))
        if known is None:
            return None
        return found.tried("amount", lambda: text.amount(bytes(self.amount), known))


def _customer(body: CustomerBody | None) -> Customer:
    if body is None:
        return Customer()
    return Customer(id=body.id, name=body.name, email=body.email, phone=body.phone)

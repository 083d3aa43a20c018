"""The body of POST /api/payments/initiate, and how it becomes a NewPayment."""

from collections.abc import Mapping
from typing import Annotated, Final

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
from application.payments.new_payment import EXPIRES_S, LONGEST_S, SHORTEST_S, NewPayment
from domain.currencies import currency
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Money
from domain.payments.intent import Customer

MOST_METADATA: Final = 50


class CustomerBody(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """Who pays, as the merchant knows them."""

    id: CustomerId | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    phone: Annotated[str, Meta(pattern=r"^\+[1-9]\d{6,14}$", description="E.164.")] | None = None


class InitiateBody(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """A payment to take."""

    amount: Amount
    currency: CurrencyCode
    reference: Reference
    customer: CustomerBody | None = None
    method: ProviderCode | None = None
    country: CountryCode | None = None
    fee_bearer: Bearer = Bearer.MERCHANT
    description: Annotated[str, Meta(max_length=500)] = ""
    return_url: Annotated[str, Meta(max_length=2048, description="http or https.")] | None = None
    expires_in: Annotated[int, Meta(ge=SHORTEST_S, le=LONGEST_S, description="Seconds.")] = (
        EXPIRES_S
    )
    metadata: Annotated[
        dict[
            Annotated[str, Meta(min_length=1, max_length=40)], Annotated[str, Meta(max_length=500)]
        ],
        Meta(max_length=MOST_METADATA),
    ] = {}

    def checked(self, tenant_id: TenantId) -> NewPayment:
        """What the use case takes. Raises Faulty with everything that is wrong."""
        found = Findings()
        money = self._money(found)
        self._check_texts(found)
        if (code := self.country) is not None:
            found.tried("country", lambda: text.country(code))
        if (url := self.return_url) is not None:
            found.tried("returnUrl", lambda: text.web_address(url))
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

    def _check_texts(self, found: Findings) -> None:
        texts: dict[str, str | None] = {
            "reference": self.reference,
            "description": self.description,
        }
        if (who := self.customer) is not None:
            texts |= {
                "customer.id": who.id,
                "customer.name": who.name,
                "customer.email": who.email,
            }
        check_texts(found, texts)
        for key, value in self.metadata.items():
            check_texts(found, {f"metadata.{key}": key + "\t" + value})


def check_texts(found: Findings, texts: Mapping[str, str | None]) -> None:
    """Every given text is plain, or a finding of its field."""
    for name, value in texts.items():
        if value:
            found.tried(name, lambda value=value: text.plain(value))  # type: ignore[misc]


def _customer(body: CustomerBody | None) -> Customer:
    if body is None:
        return Customer()
    return Customer(id=body.id, name=body.name, email=body.email, phone=body.phone)

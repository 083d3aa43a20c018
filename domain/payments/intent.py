"""What the merchant asked for, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.fees.schedule import Bearer
from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who pays, as the merchant knows them. Nothing here is needed to decide about money."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None  # E.164, e.g. "+639171234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the merchant asked for. It never changes."""

    amount: Money
    reference: str
    customer: Customer
    method: str | None
    country: str | None
    bearer: Bearer
    description: str
    return_url: str | None
    metadata: Mapping[str, str]
    created_at: datetime
    expires_at: datetime

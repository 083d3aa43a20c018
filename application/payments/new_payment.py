"""Input: a payment to initiate, already well-formed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Money
from domain.payments.intent import Customer

EXPIRES_S: Final = 1800  # half an hour, unless the request says otherwise
NOBODY: Final = Customer()
LONGEST_S: Final = 7 * 86_400
SHORTEST_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """`expires_in_s` counts from now, 60 seconds to 7 days. Without a reference of the merchant's
    the payment's id is it."""

    tenant_id: TenantId
    amount: Money
    reference: str | None = None
    customer: Customer = NOBODY
    method: str | None = None
    country: str | None = None
    bearer: Bearer = Bearer.MERCHANT
    description: str = ""
    return_url: str | None = None
    expires_in_s: int = EXPIRES_S
    metadata: Mapping[str, str] = field(default_factory=dict)

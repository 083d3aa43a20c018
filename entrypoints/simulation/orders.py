"""What merchants want: an order's amount, method and habits follow from the seed and its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from adapters.provider_kit.manifest import Manifest
from application.payments.new_payment import NewPayment
from domain.currencies import currency
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Money
from domain.payments.intent import Customer
from entrypoints.simulation.chance import Chance

PROVIDERS: Final = ("cash", "gcash", "maya")  # more make other runs of the same seeds
PHP: Final = currency("PHP")
METHODS: Final = (None, None, None, None, "gcash", "maya", "maya", "gcash", "cash", None)
PHONES: Final = ("1111", "2222", "4444", "5555")  # payers who act by themselves, as documented
EXPIRES_S: Final = (1800, 1800, 1800, 300, 7200, 60, 86_400)


@dataclass(frozen=True, slots=True)
class Order:
    """`parts` are the refunds that the merchant will ask for, in minor units; None is all."""

    name: str
    new: NewPayment
    arrives_s: float
    cancels_s: float | None
    parts: Sequence[int | None]
    at_once: bool  # the refunds race


def serving() -> Mapping[str, Manifest]:
    """The providers that the merchants of a run use."""
    return {code: import_module(f"adapters.providers.{code}").MANIFEST for code in PROVIDERS}


def order_of(number: int, tenants: Sequence[TenantId], chance: Chance) -> Order:
    """Order `number` of a run."""
    name = f"p{number}"

    def dice(what: str) -> float:
        return chance(f"order/{name}/{what}")

    def one_of(what: str, values: Sequence[object]) -> object:
        return values[int(dice(what) * len(values))]

    minor = int(2_000 + 198_000 * dice("amount") ** 2)
    if dice("slow") < 0.1:  # the refund of it is under way for a while
        minor = minor // 100 * 100 + 2
    method = one_of("method", METHODS)
    digits = one_of("phone", PHONES) if dice("magic") < 0.2 else "6789"
    new = NewPayment(
        tenant_id=tenants[int(dice("tenant") * len(tenants))],
        amount=Money(minor, PHP),
        reference=f"order-{name}",
        customer=Customer(name="Juan dela Cruz", phone=f"+63917555{digits}"),
        method=str(method) if method else None,
        country="PH",
        bearer=Bearer.PAYER if dice("bearer") < 0.3 else Bearer.MERCHANT,
        expires_in_s=int(str(one_of("expires", EXPIRES_S))),
    )
    return Order(
        name=name,
        new=new,
        arrives_s=120 * dice("arrives"),
        cancels_s=(400 * dice("cancels_s") if dice("cancels") < 0.12 else None),
        parts=_parts(minor, dice("refund"), dice("share")),
        at_once=dice("race") < 0.7,
    )


def _parts(minor: int, mood: float, share: float) -> Sequence[int | None]:
    if mood < 0.6:
        return ()
    if mood < 0.72:
        return (None,)
    part = max(1, int(minor * (0.1 + 0.5 * share)))
    if mood < 0.85:
        return (part, part)
    return (part, part, part, None)

"""What merchants want: an order's amount, method and habits follow from the seed and its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.provider_kit.manifest import Manifest
from application.payments.new_payment import NewPayment
from domain.currencies import currency
from domain.fees.schedule import Bearer
from domain.ids import TenantId
from domain.money import Money
from domain.payments.intent import Customer
from entrypoints.simulation.cast import PAIR, place_of, serves
from entrypoints.simulation.chance import Chance

EXPIRES_S: Final = (1800, 1800, 1800, 300, 7200, 60, 86_400)
THINKS: Final = "6789"  # how the phone ends of a payer who does not act by themselves
MAGIC: Final = ("1111", "2222", "3333", "4444", "5555", "6666", "7777", "8888")  # and who do
SLOW: Final = (2, 2, 32, 34, 36)  # how an amount ends whose refund takes its time, or comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """Whom a merchant sells to. Amounts are minor units, in steps of `step`; `exact` are some that
    are of interest, `methods` what is asked for by name. A phone begins with `phone`."""

    currency: str
    country: str | None
    phone: str
    least: int
    most: int
    exact: Sequence[int] = ()
    step: int = 1
    methods: Sequence[str | None]
    magic: Sequence[str] = MAGIC
    slow: Sequence[int] = SLOW


PESOS: Final = Custom(
    currency="PHP",
    country="PH",
    phone="+63917555",
    least=2_000,
    most=200_000,
    methods=(None, None, None, None, "gcash", "maya", "maya", "gcash", "cash", None),
    magic=("1111", "2222", "4444", "5555"),
    slow=(2,),
)


@dataclass(frozen=True, slots=True)
class Order:
    """`parts` are the refunds that the merchant will ask for, in minor units; None is all."""

    name: str
    new: NewPayment
    arrives_s: float
    cancels_s: float | None
    parts: Sequence[int | None]
    at_once: bool  # the refunds race


def customs(cast: Mapping[str, Manifest]) -> Sequence[Custom]:
    """Those of each company, and of whom else nobody would come to."""
    if tuple(cast) == PAIR:
        return (PESOS,)
    sellers = [one for one in cast.values() if one.simulator is not None]
    places = [place_of(one) for one in sellers]
    alone = [
        one
        for one in cast.values()
        if one.simulator is None and not any(serves(one.profile, *place) for place in places)
    ]
    return [_custom(one, cast) for one in (*sellers, *alone)]


def _custom(manifest: Manifest, cast: Mapping[str, Manifest]) -> Custom:
    """Its sample's payers and amounts, with the others of the cast that could serve them."""
    sample, (code, country) = manifest.sample, place_of(manifest)
    phone = f"{sample.phone}{THINKS}"
    fits = [
        name
        for name, one in cast.items()
        if serves(one.profile, code, country) and one.profile.asks(phone)
    ]
    online = [name for name in fits if cast[name].simulator is not None]
    by_hand = [name for name in fits if cast[name].simulator is None]
    own = [one for one in online if one == manifest.profile.code]
    steps = [one.minor for one in manifest.profile.step if one.currency.code == code]
    return Custom(
        currency=code,
        country=country,
        phone=sample.phone,
        least=min(sample.minors),
        most=sample.minors[0],
        exact=sample.minors,
        step=max(steps, default=1),
        methods=(*[None] * 6, *own, *online, *online, *by_hand) if online else by_hand,
    )


def order_of(
    number: int, tenants: Sequence[TenantId], chance: Chance, customs: Sequence[Custom]
) -> Order:
    """Order `number` of a run."""
    name = f"p{number}"

    def dice(what: str) -> float:
        return chance(f"order/{name}/{what}")

    def one_of(what: str, values: Sequence[object]) -> object:
        return values[int(dice(what) * len(values))]

    custom = customs[int(dice("custom") * len(customs))] if len(customs) > 1 else customs[0]
    minor = _minor(custom, chance, f"order/{name}")
    method = one_of("method", custom.methods)
    digits = one_of("phone", custom.magic) if dice("magic") < 0.2 else THINKS
    new = NewPayment(
        tenant_id=tenants[int(dice("tenant") * len(tenants))],
        amount=Money(minor, currency(custom.currency)),
        reference=f"order-{name}",
        customer=Customer(
            name="Juan dela Cruz", phone=f"{custom.phone}{digits}", email="juan@example.com"
        ),
        method=str(method) if method else None,
        country=custom.country,
        bearer=Bearer.PAYER if dice("bearer") < 0.3 else Bearer.MERCHANT,
        return_url="https://shop.example/thanks",
        expires_in_s=int(str(one_of("expires", EXPIRES_S))),
    )
    return Order(
        name=name,
        new=new,
        arrives_s=120 * dice("arrives"),
        cancels_s=(400 * dice("cancels_s") if dice("cancels") < 0.12 else None),
        parts=_parts(minor, custom.step, dice("refund"), dice("share")),
        at_once=dice("race") < 0.7,
    )


def _minor(custom: Custom, chance: Chance, about: str) -> int:
    minor = int(custom.least + (custom.most - custom.least) * chance(f"{about}/amount") ** 2)
    minor -= minor % custom.step
    if custom.exact and chance(f"{about}/exact") < 0.2:
        minor = custom.exact[int(chance(f"{about}/exact") * len(custom.exact))]
    if chance(f"{about}/slow") < 0.1 and custom.step == 1:
        ends = custom.slow[int(chance(f"{about}/ends") * len(custom.slow))]
        minor = minor // 100 * 100 + ends
    return minor


def _parts(minor: int, step: int, mood: float, share: float) -> Sequence[int | None]:
    if mood < 0.6:
        return ()
    if mood < 0.72:
        return (None,)
    part = max(step, int(minor * (0.1 + 0.5 * share)) // step * step)
    if mood < 0.85:
        return (part, part)
    return (part, part, part, None)

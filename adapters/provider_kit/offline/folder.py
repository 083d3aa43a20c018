"""How a folder of the offline family registers: the profile that all of them share."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.offline.client import OfflineClient, OfflineConfig
from adapters.provider_kit.transport import Transport
from domain.currencies import CURRENCIES
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.ports.clock import Clock
from domain.providers.profile import Kind, Profile, Promises

NOBODY: Final = "a person sees the money; there is no company that is called, no wire, no callback"
PROMISES: Final = Promises(
    takes_keys=True,  # the code follows from the attempt: twice is once
    key_lifetime_s=10 * 366 * 86_400,
    strongly_consistent=True,
    visibility_s=0,
    signed_callbacks=False,
)


def offline(
    code: str,
    title: str,
    kind: Kind,
    client: type[OfflineClient],
    config: type[OfflineConfig],
    *,
    source: str,
    currencies: Iterable[str] = (),  # every one
    countries: Iterable[str] = (),
    maximum: Iterable[Money] = (),
    bounces: bool = False,
) -> Manifest:
    """The manifest of an offline provider. It is free unless the account has prices of its own."""

    def build(settings: Any, transport: Transport, clock: Clock) -> OfflineClient:
        return client(settings, clock)

    taken = frozenset(currencies)
    return Manifest(
        profile=Profile(
            code=code,
            title=title,
            kind=kind,
            currencies=taken,
            countries=frozenset(countries),
            offline=True,
            maximum=tuple(maximum),
            bounces=bounces,
            fees=tuple(FeeSchedule(currency=CURRENCIES[one]) for one in taken or CURRENCIES),
            ladder_s=(600, 3600),  # it only ever learns that time is over
            promises=PROMISES,
        ),
        client=client,
        config=config,
        build=build,
        source=source,
        deviations={"remote": NOBODY},
    )

"""Cash over the counter: nobody is called; a person confirms that the money is there.

A refund in cash is also a person's act, and there is nothing here that could give it: this
provider has no refunds, and says so, rather than calling money returned that nobody handed out.
"""

from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.transport import Transport
from adapters.providers.cash.client import CashClient, CashConfig
from domain.currencies import CURRENCIES
from domain.fees.schedule import FeeSchedule
from domain.ports.clock import Clock
from domain.providers.profile import Kind, Profile, Promises


def build(config: CashConfig, transport: Transport, clock: Clock) -> CashClient:
    return CashClient(config, clock)


MANIFEST: Final = Manifest(
    profile=Profile(
        code="cash",
        title="Cash",
        kind=Kind.CASH,
        currencies=frozenset(),  # every one
        countries=frozenset(),  # every one
        offline=True,
        fees=tuple(FeeSchedule(currency=currency) for currency in CURRENCIES.values()),
        ladder_s=(600, 3600),  # it only ever learns that time is over
        promises=Promises(
            takes_keys=True,  # the code follows from the attempt: twice is once
            key_lifetime_s=10 * 366 * 86_400,
            strongly_consistent=True,
            visibility_s=0,
            signed_callbacks=False,
        ),
    ),
    client=CashClient,
    config=CashConfig,
    build=build,
    source="none: there is no other side",
    deviations={
        "remote": "a person takes the money; there is no company, no wire and no callback",
    },
)

"""Zamtel Money (Zamtel Kwacha): mobile money in Zambia, through the ZamPay REST call.

Nothing about it is published, and it can't be asked what became of a payment. An aggregator that
covers Zamtel is the better way where a merchant has the choice.
"""

from typing import Final

from adapters.provider_kit.manifest import Manifest, Sample
from adapters.providers.zamtel.client import ZamtelProvider
from adapters.providers.zamtel.config import ZamtelConfig
from adapters.providers.zamtel.simulator import ZamtelSimulator
from adapters.providers.zamtel.wire import CURRENCY, NETWORK
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.deadlines import LONGEST_S, Deadlines
from domain.providers.profile import Kind, Profile, Promises

MANIFEST: Final = Manifest(
    profile=Profile(
        code="zamtel",
        title="Zamtel Money",
        kind=Kind.MOBILE_MONEY,
        currencies=frozenset({CURRENCY}),
        countries=frozenset({"ZM"}),
        networks=(NETWORK,),
        fees=(FeeSchedule(currency=currency(CURRENCY)),),
        ladder_s=(150,),  # nobody can be asked: after this a person is
        promises=Promises(
            takes_keys=False,  # nothing says what a ConversationId used twice would do
            finds_by_our_reference=False,
            strongly_consistent=False,
            visibility_s=0,
            horizon_s=150,  # the longest a prompt is known to stand, and a little more
            signed_callbacks=False,
        ),
        deadlines=Deadlines(charge_s=LONGEST_S),  # the payer types a PIN meanwhile
    ),
    client=ZamtelProvider,
    config=ZamtelConfig,
    build=ZamtelProvider,
    simulator=ZamtelSimulator,
    sample=Sample(currency="ZMW", country="ZM", phone="+26095000"),
    source="Public client code only, as stored in November 2026: a PHP SDK, a Laravel application,"
    " two NestJS services and a mobile app that call the same host. No documentation is published,"
    " nor are fees: without one of the account's own they count as zero.",
    deviations={
        "probe": "its one call asks a payer for money, so nothing can be tried without one",
        "pending": "one call blocks while the payer types the PIN, and its answer is final",
        "query": "no status enquiry exists in any client; what is unknown goes to a person",
        "not_found": "no status enquiry exists in any client; what is unknown goes to a person",
        "lost_charge": "no status enquiry exists in any client; a lost answer stays unknown",
        "declined_elsewhere": "how an outage looks is not known, so it is never taken for a no",
    },
)

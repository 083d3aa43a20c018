"""Example Money: invented, so that a new provider starts from one that works.

`cauri provider new` copies this folder. Replace what is invented, one file at a time: the wire
first, then the simulator from the company's documents (never from the client), and run
`cauri provider verify` after each step.
"""

from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.template.client import ExampleConfig, ExampleProvider
from adapters.provider_kit.template.simulator import ExampleSimulator
from domain.currencies import currency
from domain.fees.schedule import FeeSchedule
from domain.providers.profile import Kind, Profile, Promises

MANIFEST: Final = Manifest(
    profile=Profile(
        code="example",
        title="Example Money",
        kind=Kind.MOBILE_MONEY,
        currencies=frozenset({"PHP"}),
        countries=frozenset({"PH"}),
        fees=(FeeSchedule(currency=currency("PHP"), rate_bps=150),),
        promises=Promises(
            takes_keys=True,  # a reference twice is one charge
            key_lifetime_s=86_400,
            visibility_s=60,
            signed_callbacks=False,
        ),
    ),
    client=ExampleProvider,
    config=ExampleConfig,
    build=ExampleProvider,
    simulator=ExampleSimulator,
    deviations={"probe": "not written yet: until then a wrong key fails at the first customer"},
    source="invented; name the document, its version and its date here",
)

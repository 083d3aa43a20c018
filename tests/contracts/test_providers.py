"""What every provider of the build must do, found by its folder.

The behaviours are adapters.provider_kit.conformance: there they are read and changed, and a third
party's package is held to the same. Nothing is skipped: each runs for whoever has the ability
(read off the client's class), and what a protocol can't have is a deviation in its manifest, with
a reason, that is proven to be needed.
"""

from collections import Counter

import pytest

from adapters.provider_kit.conformance.declared import DECLARED
from adapters.provider_kit.conformance.deviations import CHECKS
from adapters.provider_kit.conformance.suite import BEHAVIOURS, PARTS, asked_of, run, shows
from adapters.provider_kit.manifest import DEVIATIONS
from tests.contracts.provider_worlds import MANIFESTS, SETTINGS

pytestmark = pytest.mark.anyio

ASKED = [(name, one.name) for name in SETTINGS for one in asked_of(SETTINGS[name])]


@pytest.mark.parametrize("name", sorted(MANIFESTS))
@pytest.mark.parametrize("what", sorted(DECLARED))
def test_a_manifest_declares_what_can_be(name: str, what: str) -> None:
    assert MANIFESTS[name].profile.code == name
    DECLARED[what](MANIFESTS[name])


@pytest.mark.parametrize(("name", "behaviour"), ASKED)
async def test_a_provider_does_what_all_must(name: str, behaviour: str) -> None:
    one = BEHAVIOURS[behaviour]
    for variant in one.each:
        try:
            await run(one, variant, SETTINGS[name], MANIFESTS)
        except Exception as error:
            error.add_note(f"{name}: {behaviour} {variant!r:.200}")
            raise


@pytest.mark.parametrize(
    ("name", "behaviour"),
    [(name, one) for name in SETTINGS for one in CHECKS if CHECKS[one].asked_of(SETTINGS[name])],
)
async def test_a_behaviour_is_there_unless_the_manifest_says_why_not(
    name: str, behaviour: str
) -> None:
    shown = await shows(behaviour, SETTINGS[name], MANIFESTS)
    assert shown == (behaviour not in SETTINGS[name].deviations)


def test_every_deviation_can_be_checked() -> None:
    assert set(CHECKS) | {"remote"} == set(DEVIATIONS)


def test_nothing_is_left_out_silently() -> None:
    """Behaviours that only some protocols have; each other one is asked of somebody."""
    assert set(BEHAVIOURS) - {behaviour for _, behaviour in ASKED} <= {
        "the_same_key_twice_moves_money_once",
        "a_payer_whose_card_was_declined_may_still_pay_once",
        "what_was_only_prepared_cannot_be_paid",
        "a_payer_who_waits_longer_than_the_call_leaves_it_unknown",
    }


def test_every_part_of_the_suite_is_run() -> None:
    """Owed: sixty behaviours, and of each kind more than one. What a manifest declares, and may
    deviate from, comes on top."""
    assert len(BEHAVIOURS) >= 60
    by_part = Counter(one.part for one in BEHAVIOURS.values())
    assert set(by_part) == {part.__name__.rpartition(".")[2] for part in PARTS}
    assert min(by_part.values()) > 1
    assert all(one.about for one in BEHAVIOURS.values())

"""What a manifest declares, before anything is sent."""

from collections.abc import Callable, Mapping
from typing import Final

from adapters.provider_kit.manifest import DEVIATIONS, Manifest
from domain.currencies import CURRENCIES

LEAST_REASON: Final = 20  # characters: a reason says why


def it_tells_who_it_is_and_what_it_was_written_from(manifest: Manifest) -> None:
    profile = manifest.profile
    assert profile.code
    assert profile.title
    assert manifest.source
    assert all(code in CURRENCIES for code in profile.currencies)
    assert all(len(code) == 2 and code.isupper() for code in profile.countries)
    priced = {schedule.currency.code for schedule in profile.fees}
    assert priced >= (profile.currencies or set(CURRENCIES))
    assert profile.ladder_s == tuple(sorted(profile.ladder_s))
    assert profile.promises.horizon_s > profile.promises.visibility_s


def its_configuration_is_frozen_and_refuses_what_it_does_not_know(manifest: Manifest) -> None:
    config = manifest.config.__struct_config__
    assert (config.frozen, config.forbid_unknown_fields) == (True, True)


def its_deviations_are_known_have_a_reason_and_follow_from_the_protocol(
    manifest: Manifest,
) -> None:
    assert set(manifest.deviations) <= set(DEVIATIONS)
    assert all(len(reason) > LEAST_REASON for reason in manifest.deviations.values())
    assert ("remote" in manifest.deviations) == (manifest.simulator is None)


def its_other_settings_are_fields_of_its_configuration(manifest: Manifest) -> None:
    fields = set(manifest.config.__struct_encode_fields__)
    assert all(set(one) <= fields and one for one in manifest.settings.values())
    assert manifest.simulator is not None or not manifest.settings


DECLARED: Final[Mapping[str, Callable[[Manifest], None]]] = {
    one.__name__: one
    for one in (
        it_tells_who_it_is_and_what_it_was_written_from,
        its_configuration_is_frozen_and_refuses_what_it_does_not_know,
        its_deviations_are_known_have_a_reason_and_follow_from_the_protocol,
        its_other_settings_are_fields_of_its_configuration,
    )
}

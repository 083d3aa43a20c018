"""The suite itself: what it asks of the template, and that each of its parts can fail."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.provider_kit.conformance import sandbox
from adapters.provider_kit.conformance.behaviour import BEHAVIOURS, able, refused
from adapters.provider_kit.conformance.suite import verified
from adapters.provider_kit.conformance.wire import HandClock
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.matrix import page, row
from adapters.provider_kit.rests_on import table_of
from adapters.provider_kit.simulated_transport import SimulatedTransport
from adapters.provider_kit.template import MANIFEST
from adapters.provider_kit.template.client import ExampleProvider
from adapters.provider_kit.transport import NothingSent, Request, Response
from adapters.providers import discover
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import Answer, NotFound, Outcome, Succeeded
from domain.ports.providers import Charge, Lookup
from tests.architecture.rules import ROOT
from tests.builders import CountingIds
from tests.contracts.provider_worlds import open_shop

pytestmark = pytest.mark.anyio


async def failures(manifest: Manifest) -> set[str]:
    return {one.behaviour async for one in verified(manifest) if not one.passed}


def served_by(client: type[ExampleProvider]) -> Manifest:
    return replace(MANIFEST, client=client, build=client)


class Hasty(ExampleProvider):
    """Takes every answer for a success."""

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        await super().charge(charge, timeout_s=timeout_s)
        return Succeeded(amount=charge.amount)


class Twice(ExampleProvider):
    """Sends a charge again when it has no answer."""

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        await super().charge(charge, timeout_s=timeout_s)
        again = replace(charge, attempt_id=type(charge.attempt_id)(f"{charge.attempt_id[:-1]}9"))
        return await super().charge(again, timeout_s=timeout_s)


class Blind(ExampleProvider):
    """Never finds anything."""

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        return NotFound()


async def test_the_template_is_right() -> None:
    assert await failures(MANIFEST) == set()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (served_by(Hasty), "rubbish_instead_of_an_answer_is_not_believed"),
        (served_by(Blind), "a_lost_answer_is_never_a_no_and_the_charge_is_found_later"),
        (served_by(Twice), "an_approved_payment_succeeds_once_to_the_minor_unit"),
        (
            replace(MANIFEST, settings={"blue": {"colour": "blue"}}),
            "its_other_settings_are_fields_of_its_configuration",
        ),
        (
            replace(MANIFEST, settings={"blue": {"colour": "blue"}}),
            "blue:two_payments_are_two_charges",
        ),
        (replace(MANIFEST, source=""), "it_tells_who_it_is_and_what_it_was_written_from"),
        (
            replace(MANIFEST, deviations={"pending": "because I say so, at length"}),
            "deviation:pending",
        ),
        (
            replace(MANIFEST, deviations={"colour": "because I say so, at length"}),
            "its_deviations_are_known_have_a_reason_and_follow_from_the_protocol",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_is_wrong_is_found(wrong: Manifest, found: str) -> None:
    assert found in await failures(wrong)


def test_a_behaviour_has_a_name_of_its_own() -> None:
    async def an_approved_payment_succeeds_once_to_the_minor_unit(shop: object) -> None:
        """It would hide the first."""

    known = dict(BEHAVIOURS)
    with pytest.raises(ValueError, match="twice"):
        able()(an_approved_payment_succeeds_once_to_the_minor_unit)
    assert known == BEHAVIOURS


def test_what_is_not_refused_fails() -> None:
    with pytest.raises(AssertionError, match="Invalid"), refused(Invalid):
        pass
    with refused(Invalid) as caught:
        Money.parse("no", currency("PHP"))
    assert caught.value.field == "amount"


# A real sandbox


class Gone:
    async def send(self, request: Request, *, timeout_s: float) -> Response:
        raise NothingSent("nobody is there")


async def in_sandbox(change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, str | None]:
    async with open_shop(MANIFEST) as shop:
        wire: Any = SimulatedTransport([shop.remote])
        config = change(dict(shop.config))
        tried = sandbox.tried(MANIFEST, config, wire, HandClock(), CountingIds())
        return {one.behaviour: one.told async for one in tried}


async def test_a_sandbox_is_asked_what_costs_nothing() -> None:
    assert await in_sandbox(lambda config: config) == {
        "the_configuration_is_accepted": None,
        sandbox.NEVER: None,
    }
    wrong = await in_sandbox(lambda config: config | {"api_key": "another"})
    assert wrong[sandbox.NEVER] is not None
    nonsense = await in_sandbox(lambda config: config | {"colour": "blue"})
    assert list(nonsense) == ["the_configuration_is_accepted"]
    assert (nonsense["the_configuration_is_accepted"] or "").startswith("colour")


async def test_a_sandbox_that_is_not_there_fails() -> None:
    gone: Any = Gone()
    config = {"api_key": "k"}
    tried = sandbox.tried(MANIFEST, config, gone, HandClock(), CountingIds())
    found = {one.behaviour: one.told async for one in tried}
    assert found[sandbox.NEVER] is not None


# The matrix


def test_the_page_of_providers_is_what_the_manifests_say() -> None:
    """`cauri provider matrix > docs/providers.md` writes it anew."""
    assert (ROOT / "docs" / "providers.md").read_text("utf-8") == page(discover())


def test_every_company_that_is_called_has_its_endpoints_told_by_what_they_rest_on() -> None:
    called = {code: one for code, one in discover().items() if one.simulator is not None}
    assert [code for code, one in called.items() if len(table_of(one).splitlines()) < 3] == []
    assert table_of(discover()["cash"]) == ""


def test_every_provider_has_its_row_and_every_deviation_its_reason() -> None:
    told = page(discover())
    for code, manifest in discover().items():
        assert f"| `{code}` |" in told
        for name, why in manifest.deviations.items():
            assert name == "remote" or why in told
    assert row(discover()["maya"])["refund"] == "full, partial"
    assert row(discover()["cash"])["refund"] == "by hand"

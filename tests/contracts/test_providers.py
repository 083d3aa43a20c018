"""What every provider of the build must do, found by its folder.

Nothing is skipped: a test runs for whoever has the ability (read off the client's class), and what
a protocol can't have is a deviation in its manifest, with a reason, that is proven to be needed.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from adapters.provider_kit.manifest import DEVIATIONS, Manifest
from adapters.provider_kit.transport import NoAnswer, NothingSent, Response
from domain.currencies import CURRENCIES
from domain.errors import Invalid
from domain.payments.outcome import (
    Declined,
    FailureKind,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import Callbacks, Cancels, Charge, Prepares, Probes, Refunds, Registers
from tests.contracts.provider_deviations import CHECKS, TODAY
from tests.contracts.provider_worlds import (
    APPROVES,
    ASKED_OF_NOBODY,
    CALLBACK_URL,
    DECLINES,
    IGNORES,
    MANIFESTS,
    REMOTES,
    Meddle,
    Shop,
    T,
    able,
    lookup,
    lost,
    open_shop,
    opened,
    shop_of,
)

pytestmark = pytest.mark.anyio
shop = shop_of


everyone = pytest.mark.parametrize("name", sorted(MANIFESTS))


def waits(manifest: Manifest) -> bool:
    return "pending" not in manifest.deviations


# What is declared


@everyone
def test_a_manifest_tells_who_it_is_and_what_it_was_written_from(name: str) -> None:
    manifest = MANIFESTS[name]
    profile = manifest.profile
    assert profile.code == name
    assert profile.title
    assert manifest.source
    assert all(code in CURRENCIES for code in profile.currencies)
    assert all(len(code) == 2 and code.isupper() for code in profile.countries)
    priced = {schedule.currency.code for schedule in profile.fees}
    assert priced >= (profile.currencies or set(CURRENCIES))
    assert profile.ladder_s == tuple(sorted(profile.ladder_s))
    assert profile.promises.horizon_s > profile.promises.visibility_s


@everyone
def test_a_configuration_is_frozen_and_refuses_what_it_does_not_know(name: str) -> None:
    config = MANIFESTS[name].config.__struct_config__
    assert (config.frozen, config.forbid_unknown_fields) == (True, True)


@everyone
def test_a_deviation_is_known_has_a_reason_and_follows_from_the_protocol(name: str) -> None:
    manifest = MANIFESTS[name]
    assert set(manifest.deviations) <= set(DEVIATIONS)
    assert all(len(reason) > 20 for reason in manifest.deviations.values())
    assert ("remote" in manifest.deviations) == (manifest.simulator is None)


@pytest.mark.parametrize(
    ("name", "behaviour"),
    [(name, one) for name in REMOTES for one in CHECKS if CHECKS[one].asked_of(MANIFESTS[name])],
)
async def test_a_behaviour_is_there_unless_the_manifest_says_why_not(
    name: str, behaviour: str
) -> None:
    async with open_shop(MANIFESTS[name]) as shop:
        shown = await CHECKS[behaviour].shown(shop)
    assert shown == (behaviour not in MANIFESTS[name].deviations)


def test_every_deviation_can_be_checked() -> None:
    assert set(CHECKS) | {"remote"} == set(DEVIATIONS)


def test_nothing_is_left_out_silently() -> None:
    """Abilities that a build may lack; each other question is asked of somebody."""
    assert set(ASKED_OF_NOBODY) <= {
        "test_the_same_key_twice_moves_money_once",
        "test_what_was_only_prepared_cannot_be_paid",
        "test_a_payer_who_waits_longer_than_the_call_leaves_it_unknown",
    }


# Money in


@pytest.mark.parametrize("which", range(4))
@able()
async def test_an_approved_payment_succeeds_once_to_the_minor_unit(shop: Shop, which: int) -> None:
    minors = shop.manifest.sample.minors
    minor = minors[which % len(minors)]
    charge, outcome = await shop.begin(shop.charge(APPROVES, minor))
    assert isinstance(outcome, Pending | Succeeded)
    answer = await shop.ended(charge, outcome)
    assert isinstance(answer, Succeeded)
    assert answer.amount == charge.amount
    assert [(one.amount_minor, one.currency, one.status) for one in shop.books(charge)] == [
        (minor, charge.amount.currency.code, "succeeded")
    ]


@able()
async def test_a_payer_who_declines_is_told_so_and_nobody_else_is_tried(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge(DECLINES))
    answer = await shop.ended(charge, outcome)
    assert isinstance(answer, Declined)
    assert not answer.elsewhere
    assert shop.moved(charge) == 0


@able(holds=waits)
async def test_a_payer_who_waits_is_pending_with_something_to_do(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge())
    assert isinstance(outcome, Pending)
    assert outcome.next_action is not None
    assert outcome.provider_reference
    assert isinstance(await shop.find(charge), Pending)
    assert shop.moved(charge) == 0


@able(holds=lambda one: not waits(one))
async def test_a_payer_who_waits_longer_than_the_call_leaves_it_unknown(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge(IGNORES))
    assert isinstance(outcome, Unknown)
    assert outcome.timed_out
    assert shop.moved(charge) == 0
    approve(shop, charge)
    assert shop.moved(charge) == 1


@able()
async def test_a_payer_who_never_comes_does_not_become_paid(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge(IGNORES))
    shop.clock.pass_(days=2)
    silent = Pending | Declined | NotFound if shop.asks else Unknown
    assert isinstance(await shop.find(charge), silent)
    assert shop.moved(charge) == 0


@able(holds=lambda one: one.profile.promises.takes_keys)
async def test_the_same_key_twice_moves_money_once(shop: Shop) -> None:
    charge, _ = await shop.begin(shop.charge(APPROVES))
    await shop.client.charge(charge, timeout_s=T)
    assert shop.moved(charge) == 1


@able()
async def test_two_payments_are_two_charges(shop: Shop) -> None:
    first, second = await shop.pay(), await shop.pay()
    assert (shop.moved(first), shop.moved(second)) == (1, 1)


@able(holds=lambda one: bool(one.profile.currencies))
async def test_an_amount_that_it_does_not_take_is_not_executed(shop: Shop) -> None:
    charge = shop.charge(APPROVES, minor=1)
    charge, outcome = await shop.begin(charge)
    if shop.moved(charge):  # a provider without a minimum
        assert isinstance(await shop.ended(charge, outcome), Succeeded)
    else:
        assert isinstance(outcome, Declined | NotSent)


# Silence: every request of a charge, each kind of it


async def steps_of(shop: Shop) -> int:
    """How many requests a charge takes."""
    await shop.begin(shop.charge())
    steps = len(shop.wire.sent)
    shop.restart()
    return steps


async def each_step(shop: Shop, strikes: Callable[[int], dict[str, Any]]) -> tuple[Charge, object]:
    """A charge for each request that is struck, held to the law; the last one, which is struck
    at the request that moves money."""
    seen: list[tuple[Charge, object]] = []
    for step in range(await steps_of(shop)):
        shop.restart()
        for where, what in strikes(step).items():
            getattr(shop.wire, where).update(what)
        seen.append(await shop.begin(shop.charge()))
        await holds_the_law(shop, *seen[-1])
    return seen[-1]


async def holds_the_law(shop: Shop, charge: Any, outcome: object) -> None:
    """A no, or "not sent", is the truth for ever: the payer can't pay it any more. Anything else
    is cleared up by asking, where that can be done, and never by a second charge."""
    assert isinstance(outcome, Pending | Succeeded | Declined | NotSent | Unknown)
    assert len(shop.books(charge)) <= 1
    approve(shop, charge)
    shop.wire.quiet()
    if isinstance(outcome, Declined | NotSent):
        assert shop.moved(charge) == 0
    elif shop.moved(charge):
        found = shop.finds or (shop.asks and not isinstance(outcome, Unknown))
        assert isinstance(await shop.find(charge), Succeeded if found else Unknown)


def approve(shop: Shop, charge: Any) -> None:
    try:
        shop.remote.simulator.act(charge.attempt_id, TODAY.approve)
    except LookupError:
        return


@able()
async def test_a_lost_answer_is_never_a_no_and_the_charge_is_found_later(shop: Shop) -> None:
    charge, outcome = await each_step(shop, lambda step: {"after": {step: lost}})
    assert isinstance(outcome, Unknown)  # the last request is the one that moves money
    assert outcome.timed_out
    assert shop.moved(charge) == 1


@able()
async def test_a_request_that_vanished_leaves_nothing_to_pay_twice(shop: Shop) -> None:
    reset = NoAnswer("reset by peer")
    charge, outcome = await each_step(shop, lambda step: {"before": {step: reset}})
    assert isinstance(outcome, Unknown)
    assert not outcome.timed_out
    silent = NotFound | Pending | Declined if shop.finds else Unknown
    assert isinstance(await shop.find(charge), silent)


@able()
async def test_a_refused_connection_is_not_sent(shop: Shop) -> None:
    steps = await steps_of(shop)
    for step in range(steps):
        shop.restart()
        shop.wire.before[step] = NothingSent("connection refused")
        charge, outcome = await shop.begin(shop.charge())
        await holds_the_law(shop, charge, outcome)
        if step in (0, steps - 1):
            assert isinstance(outcome, NotSent)


@able()
async def test_a_company_that_is_down_was_sent_nothing(shop: Shop) -> None:
    shop.remote.faults.put(msgspec.convert({"outage": True}, type(shop.remote.faults.script)))
    charge, outcome = await shop.begin(shop.charge())
    assert isinstance(outcome, NotSent)
    shop.remote.faults.end()
    assert shop.books(charge) == []


RUBBISH = {
    "nothing": b"",
    "spaces": b"  \r\n",
    "a page": b"<!doctype html><html><body>Bad gateway</body></html>",
    "half an object": b'{"data":{"id":"x","attr',
    "a number": b"12",
    "null": b"null",
    "an empty object": b"{}",
    "an empty list": b"[]",
    "a list": b'[{"id":1}]',
    "a string": b'"ok"',
    "other types": b'{"data":5,"id":[],"status":{},"code":{},"errors":"x","amount":"1"}',
    "not UTF-8": b'{"status":"\xff\xfe"}',
    "too deep": b"[" * 100_000,
    "a deep object": b'{"data":' * 20_000,
    "a huge number": b'{"data":{"id":1e99999,"attributes":{"amount":1e99999}}}',
    "not a number": b'{"amount":NaN}',
    "zeros": b"\0" * 64,
}


@pytest.mark.parametrize("kind", RUBBISH)
@pytest.mark.parametrize("status", [200, 201, 302, 400, 404, 418, 500, 502, 503])
@able()
async def test_rubbish_instead_of_an_answer_is_not_believed(
    shop: Shop, status: int, kind: str
) -> None:
    rubbish = Response(status, {"content-type": "application/json"}, RUBBISH[kind])
    _, outcome = await each_step(shop, lambda step: {"after": {step: lambda answer: rubbish}})
    assert isinstance(outcome, Unknown)


def cut(tenths: int, whole: list[int]) -> Meddle:
    """Cut off there; `whole` is told how long it was."""

    def half(answer: Response) -> Response:
        whole.append(len(answer.body))
        return replace(answer, body=answer.body[: len(answer.body) * tenths // 10])

    return half


@able()
async def test_half_an_answer_is_not_believed(shop: Shop) -> None:
    steps = await steps_of(shop)
    for tenths in range(10):
        whole: list[int] = []
        shop.restart()
        shop.wire.after[steps - 1] = cut(tenths, whole)
        charge, outcome = await shop.begin(shop.charge())
        assert isinstance(outcome, Unknown) or whole == [0]  # its status line says it all
        await holds_the_law(shop, charge, outcome)


@pytest.mark.parametrize("kind", RUBBISH)
@pytest.mark.parametrize("status", [200, 302, 400, 500])
@able()
async def test_rubbish_instead_of_a_status_says_nothing(shop: Shop, status: int, kind: str) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    rubbish = Response(status, {}, RUBBISH[kind])
    shop.wire.after = dict.fromkeys(range(9), lambda answer: rubbish)
    answer = await shop.find(charge)
    assert isinstance(answer, Unknown | NotFound)
    if status >= 300 or not RUBBISH[kind].strip().startswith(b"["):
        assert isinstance(answer, Unknown)


@pytest.mark.parametrize("silence", [NothingSent("refused"), NoAnswer("cut"), Response(503)])
@able()
async def test_a_query_that_fails_says_nothing(shop: Shop, silence: Exception | Response) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    shop.wire.before = dict.fromkeys(range(9), silence)
    assert isinstance(await shop.find(charge), Unknown)


# Ending a payment


@able(Cancels)
async def test_a_canceled_payment_can_never_be_paid(shop: Shop) -> None:
    charge, outcome = await shop.begin(shop.charge())
    charge = replace(charge, provider_reference=getattr(outcome, "provider_reference", None))
    answer = await shop.client.cancel(lookup(charge), timeout_s=T)
    assert isinstance(answer, Declined)
    assert answer.failure.kind is FailureKind.CANCELED
    approve(shop, charge)
    assert shop.moved(charge) == 0


@able(Cancels)
async def test_a_payment_that_was_paid_meanwhile_is_not_canceled(shop: Shop) -> None:
    charge = await shop.pay()
    answer = await shop.client.cancel(lookup(charge), timeout_s=T)
    assert not isinstance(answer, Declined)
    assert shop.moved(charge) == 1


@able(Cancels)
async def test_a_cancel_whose_answer_was_lost_is_not_a_no(shop: Shop) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    shop.wire.after = dict.fromkeys(range(9), lost)
    assert isinstance(await shop.client.cancel(lookup(charge), timeout_s=T), Unknown)


# Connecting an account


async def probed(shop: Shop, config: dict[str, Any]) -> None:
    client = shop.providers.configure(shop.name, config)
    assert isinstance(client, Probes)
    await client.probe(timeout_s=T)


@able(Probes)
async def test_good_credentials_pass_and_each_wrong_one_is_named(shop: Shop) -> None:
    await probed(shop, shop.config)
    books = list(shop.remote.simulator.books())
    config = shop.manifest.config
    required = config.__struct_encode_fields__[: -len(config.__struct_defaults__) or None]
    for name in required:
        wrong = {**shop.config, name: f"{shop.config[name][:3]}zz{shop.config[name][3:]}"}
        with pytest.raises(Invalid) as caught:
            await probed(shop, wrong)
        unnamed = "named_credential" in shop.manifest.deviations
        assert caught.value.field in (required if unnamed else [name])
        assert wrong[name] not in str(caught.value)
    assert list(shop.remote.simulator.books()) == books


@able(Probes)
async def test_a_company_that_is_down_accepts_no_account(shop: Shop) -> None:
    shop.wire.before = dict.fromkeys(range(9), NothingSent("refused"))
    with pytest.raises(Invalid):
        await shop.client.probe(timeout_s=T)


@able(Registers)
async def test_callbacks_can_be_registered_again_and_a_refusal_is_in_words(shop: Shop) -> None:
    added = await shop.client.register(CALLBACK_URL, timeout_s=T)
    shop.config |= added
    opened(shop)
    if not shop.wire.sent:  # it goes along with every charge, so there is nothing to refuse
        assert CALLBACK_URL in added.values()
        return
    shop.wire.quiet()
    shop.wire.before = dict.fromkeys(range(30), NothingSent("refused"))
    with pytest.raises(Invalid):
        await shop.client.register(CALLBACK_URL, timeout_s=T)


@able()
async def test_a_configuration_that_cannot_be_right_names_its_field(shop: Shop) -> None:
    with pytest.raises(Invalid) as caught:
        shop.providers.configure(shop.name, {**shop.config, "colour": "blue"})
    assert caught.value.field == "colour"
    first = shop.manifest.config.__struct_encode_fields__[0]
    with pytest.raises(Invalid) as caught:
        shop.providers.configure(shop.name, {**shop.config, first: 5})
    assert caught.value.field == first


@able()
async def test_no_log_line_repr_or_reason_shows_a_secret(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    seen: list[object] = [shop.client, shop.client.client, vars(shop.client.client)]
    charge = await shop.pay()
    seen += [charge, await shop.find(charge), *shop.wire.sent, shop.manifest]
    for status in (200, 401, 500):
        shop.wire.quiet()
        echo = msgspec.json.encode({"message": shop.secrets, "code": "K1"})
        shop.wire.before = dict.fromkeys(range(9), Response(status, {}, echo))
        seen += [(await shop.begin(shop.charge()))[1], await shop.find(charge)]
    shop.wire.before = dict.fromkeys(range(9), RuntimeError(str(shop.secrets)))
    seen.append((await shop.begin(shop.charge()))[1])
    text = repr(seen) + caplog.text
    assert [one for one in shop.secrets if one in text] == []


@able(Prepares)
async def test_what_was_only_prepared_cannot_be_paid(shop: Shop) -> None:
    charge = shop.charge(APPROVES)
    await shop.client.prepare(charge, timeout_s=T)
    approve(shop, charge)
    assert shop.moved(charge) == 0


@able(Refunds)
async def test_the_profile_says_what_the_client_can(shop: Shop) -> None:
    profile = shop.providers.profiles[shop.name]
    assert profile.refunds
    assert profile.cancels == isinstance(shop.client, Cancels)
    assert profile.callbacks == isinstance(shop.client, Callbacks)

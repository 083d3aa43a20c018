"""What a company says by itself: believed only with its signature, and only once."""

from dataclasses import replace

from adapters.provider_kit.conformance.behaviour import able, refused
from adapters.provider_kit.conformance.shop import (
    APPROVES,
    DECLINES,
    Shop,
    arrived,
    open_shop,
)
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.simulator import Outgoing
from domain.errors import Forged, Invalid
from domain.payments.outcome import (
    Declined,
    Succeeded,
)
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Notice,
)


def signed(manifest: Manifest) -> bool:
    return manifest.profile.promises.signed_callbacks


def signed_apart(manifest: Manifest) -> bool:
    return signed(manifest) and "signed_headers" not in manifest.deviations


def tells(manifest: Manifest) -> bool:
    return "callback_amount" not in manifest.deviations


async def told(shop: Shop, payer: str = APPROVES) -> tuple[Charge, list[Outgoing]]:
    """A payment that came to its end, and what the company sends about it."""
    charge, _ = await shop.begin(shop.charge(payer))
    return charge, [one for one in shop.outgoing() if one.about == charge.attempt_id]


def received(shop: Shop, outgoing: Outgoing) -> Notice:
    notice: Notice = shop.client.receive(arrived(outgoing), outgoing.due_at)
    return notice


def refuses(shop: Shop, callback: Callback, outgoing: Outgoing) -> bool:
    try:
        shop.client.receive(callback, outgoing.due_at)
    except (Forged, Invalid):
        return True
    return False


@able(Callbacks)
async def a_success_is_told_about_our_charge(shop: Shop) -> None:
    charge, outgoing = await told(shop)
    assert outgoing
    notice = received(shop, outgoing[-1])
    assert notice.attempt_id == charge.attempt_id or (
        notice.provider_reference and notice.provider_reference == charge.provider_reference
    )
    assert notice.trusted == shop.manifest.profile.promises.signed_callbacks
    if tells(shop.manifest):
        assert isinstance(notice.answer, Succeeded)
    else:  # it only makes us ask
        assert (notice.trusted, notice.answer) == (False, None)


@able(Callbacks)
async def a_no_is_never_told_as_a_yes(shop: Shop) -> None:
    _, outgoing = await told(shop, DECLINES)
    for one in outgoing:
        assert not isinstance(received(shop, one).answer, Succeeded)


@able(Callbacks)
async def a_repeat_has_the_same_id_and_another_fact_another(shop: Shop) -> None:
    _, first = await told(shop)
    _, second = await told(shop)
    ids = [received(shop, one).id for one in (*first, *second)]
    assert len(set(ids)) == len(ids)
    assert [received(shop, one).id for one in (*first, *second)] == ids
    later = shop.client.receive(arrived(first[0]), first[0].due_at.replace(microsecond=1))
    assert later.id == ids[0]


@able(Callbacks)
async def a_hint_about_something_else_has_another_id(shop: Shop) -> None:
    """Else whoever sends that first keeps the company from being heard."""
    charge, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest = received(shop, genuine)
    for number in (charge.attempt_id, honest.provider_reference or charge.attempt_id):
        other = number[:-1] + ("0" if number[-1] != "0" else "1")
        body = genuine.body.replace(number.encode(), other.encode())
        callback = replace(arrived(genuine), body=body)
        if body == genuine.body or refuses(shop, callback, genuine):
            continue
        notice = shop.client.receive(callback, genuine.due_at)
        about = (notice.attempt_id, notice.provider_reference)
        if about != (honest.attempt_id, honest.provider_reference):
            assert notice.id != honest.id


@able(Callbacks, holds=tells)
async def a_wrong_amount_is_seen(shop: Shop) -> None:
    charge, outgoing = await told(shop)
    lie = shop.remote.simulator.wrong_amount(outgoing[-1])
    notice = received(shop, lie)
    assert isinstance(notice.answer, Succeeded)
    assert notice.answer.amount != charge.amount


@able(Callbacks, holds=signed_apart)
async def a_changed_cut_or_missing_header_is_refused(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest = received(shop, genuine)
    headers = dict(arrived(genuine).headers)
    needed = 0
    for name, value in headers.items():
        without = {key: text for key, text in headers.items() if key != name}
        if not refuses(shop, Callback(genuine.body, without), genuine):
            assert shop.client.receive(Callback(genuine.body, without), genuine.due_at) == honest
            continue
        needed += 1
        for changed in ("", value[: len(value) // 2], value[:-1], value[::-1], "\udcff", "é" * 20):
            callback = Callback(genuine.body, {**headers, name: changed})
            if not refuses(shop, callback, genuine):
                assert shop.client.receive(callback, genuine.due_at) == honest
    assert needed >= 1
    with refused(Forged):
        shop.client.receive(Callback(genuine.body, {}), genuine.due_at)


@able(Callbacks, holds=signed_apart)
async def a_lie_under_a_genuine_signature_is_forged(shop: Shop) -> None:
    _, outgoing = await told(shop)
    lie = shop.remote.simulator.wrong_amount(outgoing[-1])
    with refused(Forged):
        received(shop, replace(lie, headers=outgoing[-1].headers))


@able(Callbacks, holds=signed)
async def what_another_account_was_told_is_not_believed(shop: Shop) -> None:
    _, outgoing = await told(shop)
    async with open_shop(shop.manifest, shop.everyone, seed=8) as stranger:
        for secret in stranger.secrets:  # another merchant's, wherever the seed does not reach
            for key, value in list(stranger.config.items()):
                if value == secret and not value.startswith("-----BEGIN"):  # half a key is none
                    stranger.config[key] = value[:-4] + "zzzz"
        other = stranger.providers.configure(shop.name, stranger.config)
        assert isinstance(other, Callbacks)
        try:
            notice = other.receive(arrived(outgoing[-1]), outgoing[-1].due_at)
        except (Forged, Invalid):
            return
        assert not notice.trusted


NONSENSE = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b"<xml/>",
    b"[" * 50_000,
    b'{"data":' * 20_000,
    b"\xff\xfe",
    b'{"id":5,"status":[],"data":{"attributes":7}}',
)


@able(Callbacks, each=[(body,) for body in NONSENSE])
async def nonsense_is_forged_or_invalid_and_nothing_else(shop: Shop, body: bytes) -> None:
    _, outgoing = await told(shop)
    assert refuses(shop, Callback(body, dict(arrived(outgoing[-1]).headers)), outgoing[-1])
    assert refuses(shop, Callback(body, {}), outgoing[-1])


@able(Callbacks)
async def its_callbacks_are_recognised_and_nobody_elses(shop: Shop) -> None:
    _, outgoing = await told(shop)
    for one in outgoing:
        assert shop.providers.recognise(arrived(one)) == shop.name
    for body in NONSENSE:
        assert shop.providers.recognise(Callback(body, {})) is None
    if signed_apart(shop.manifest):  # else there is nothing but the body to know it by
        other = Callback(outgoing[-1].body, {"x-other": "1"})
        assert shop.providers.recognise(other) is None


@able(Callbacks)
async def a_decline_that_is_told_is_final_or_says_nothing(shop: Shop) -> None:
    charge, outgoing = await told(shop, DECLINES)
    answers = [received(shop, one).answer for one in outgoing]
    if any(isinstance(one, Declined) for one in answers):
        shop.wire.quiet()
        assert isinstance(await shop.find(charge), Declined)

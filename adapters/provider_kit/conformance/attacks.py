"""Callbacks by who wants to be paid for nothing: changed, cut, old, put together from two."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from adapters.provider_kit.conformance.behaviour import able, refused
from adapters.provider_kit.conformance.callbacks import (
    received,
    refuses,
    signed,
    signed_apart,
    told,
)
from adapters.provider_kit.conformance.shop import DECLINES, Shop, arrived
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.simulator import Outgoing
from domain.errors import Forged, Invalid
from domain.payments.outcome import Succeeded
from domain.ports.providers import Callback, Callbacks, Notice

BITS = tuple(1 << number for number in range(8))
LONG = 100_000  # characters of a header


def a_hint(manifest: Manifest) -> bool:
    return not signed(manifest)


def dated(manifest: Manifest) -> bool:
    return "stale_callbacks" not in manifest.deviations


def read(shop: Shop, callback: Callback, outgoing: Outgoing) -> Notice | None:
    """None when it is refused. Anything else that is raised fails the behaviour."""
    try:
        notice: Notice = shop.client.receive(callback, outgoing.due_at)
    except (Forged, Invalid):
        return None
    return notice


def flipped(text: bytes) -> Iterator[bytes]:
    """Each bit of it, once."""
    for place, bit in ((place, bit) for place in range(len(text)) for bit in BITS):
        yield text[:place] + bytes([text[place] ^ bit]) + text[place + 1 :]


@able(Callbacks, holds=signed)
async def each_flipped_bit_of_a_signed_body_is_refused_or_changes_nothing(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest = received(shop, genuine)
    for body in flipped(genuine.body):
        assert read(shop, replace(arrived(genuine), body=body), genuine) in (None, honest)


@able(Callbacks, holds=signed_apart)
async def each_flipped_bit_of_a_signature_is_refused_or_changes_nothing(shop: Shop) -> None:
    """In every header that it can't do without."""
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest, headers = received(shop, genuine), dict(arrived(genuine).headers)
    struck = 0
    for name, value in headers.items():
        without = {key: text for key, text in headers.items() if key != name}
        if not refuses(shop, Callback(genuine.body, without), genuine):
            continue
        for changed in flipped(value.encode("latin-1")):
            lie = Callback(genuine.body, {**headers, name: changed.decode("latin-1")})
            found = read(shop, lie, genuine)
            assert found in (None, honest)
            struck += found is None
    assert struck > 0


@able(Callbacks, holds=a_hint)
async def a_hint_is_never_believed_whatever_stands_in_it(shop: Shop) -> None:
    """Nothing proves who sent it: it makes us ask, at most."""
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    assert not received(shop, genuine).trusted
    for body in flipped(genuine.body):
        found = read(shop, replace(arrived(genuine), body=body), genuine)
        assert found is None or not found.trusted


@able(Callbacks)
async def a_cut_callback_is_refused(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest = received(shop, genuine)
    for length in range(len(genuine.body)):
        found = read(shop, replace(arrived(genuine), body=genuine.body[:length]), genuine)
        assert found is None or not found.trusted or found == honest


@able(Callbacks)
async def what_is_put_behind_a_callback_is_refused_or_changes_nothing(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest = received(shop, genuine)
    for more in (b" ", b"\n", b"\0", b"}", b"{}", b"&status=SUCCESS", genuine.body):
        found = read(shop, replace(arrived(genuine), body=genuine.body + more), genuine)
        assert found is None or not found.trusted or found == honest


@able(Callbacks)
async def a_callback_that_says_a_thing_twice_is_refused_or_changes_nothing(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest = received(shop, genuine)
    try:
        members = json.loads(genuine.body)
    except ValueError:  # a form: its own tests have it
        return
    for key, value in members.items():
        lies: tuple[object, ...] = (None, 0, "SUCCESS", [], {}, value)
        for lie in lies:
            more = f"{json.dumps(key)}:{json.dumps(lie)}".encode()
            bare = genuine.body.strip()[1:-1]
            for body in (b"{" + more + b"," + bare + b"}", b"{" + bare + b"," + more + b"}"):
                found = read(shop, replace(arrived(genuine), body=body), genuine)
                assert found is None or not found.trusted or found == honest


@able(Callbacks, holds=dated)
async def a_callback_of_another_time_is_refused(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    for days in (1, 30, 365, 36_500, -1, -30):
        with refused(Forged):
            shop.client.receive(arrived(genuine), genuine.due_at + timedelta(days=days))


@able(Callbacks)
async def an_old_callback_sent_again_is_the_same_fact(shop: Shop) -> None:
    """So the second is stored nowhere, however late it comes and whoever sends it."""
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    first = received(shop, genuine)
    for later in (timedelta(seconds=1), timedelta(days=1), timedelta(days=400)):
        again = replace(genuine, due_at=genuine.due_at + later)
        found = read(shop, arrived(again), again)
        assert found is None or found.id == first.id


@able(Callbacks, holds=signed_apart)
async def the_signature_of_one_callback_does_not_fit_another(shop: Shop) -> None:
    _, paid = await told(shop)
    _, declined = await told(shop, DECLINES)
    _, other = await told(shop)
    for theirs in (*declined, *other):
        mixed = Callback(paid[-1].body, dict(arrived(theirs).headers))
        assert refuses(shop, mixed, paid[-1])


@able(Callbacks)
async def headers_beyond_measure_are_refused_or_change_nothing(shop: Shop) -> None:
    _, outgoing = await told(shop)
    genuine = outgoing[-1]
    honest, headers = received(shop, genuine), dict(arrived(genuine).headers)
    for name in headers:
        for value in ("a" * LONG, "0" * LONG, "," * LONG, "v1=" * LONG, "=" * LONG, "\0", " "):
            found = read(shop, Callback(genuine.body, {**headers, name: value}), genuine)
            assert found is None or not found.trusted or found == honest


@able(Callbacks)
async def a_yes_is_never_read_out_of_anothers_no(shop: Shop) -> None:
    """Each word of a declined callback in the place of each other one."""
    _, outgoing = await told(shop, DECLINES)
    for one in outgoing:
        for word in (b"SUCCESS", b"PAID", b"COMPLETED", b"TS", b"succeeded", b"paid"):
            for no in (b"FAILED", b"DECLINED", b"REJECTED", b"TF", b"failed", b"CANCELED"):
                lie = replace(arrived(one), body=one.body.replace(no, word))
                found = read(shop, lie, one)
                honest = isinstance(received(shop, one).answer, Succeeded)
                yes = found is not None and isinstance(found.answer, Succeeded)
                assert not yes or honest or (found is not None and not found.trusted)

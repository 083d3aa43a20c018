"""Connecting an account: what is wrong is named, and no secret is told."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from adapters.provider_kit.conformance.behaviour import able, refused
from adapters.provider_kit.conformance.shop import (
    CALLBACK_URL,
    Shop,
    T,
    opened,
)
from adapters.provider_kit.transport import NothingSent, Response
from domain.errors import Invalid
from domain.ports.providers import (
    Probes,
    Registers,
)

# Connecting an account


async def probed(shop: Shop, config: dict[str, Any]) -> None:
    client = shop.providers.configure(shop.name, config)
    assert isinstance(client, Probes)
    await client.probe(timeout_s=T)


@able(Probes)
async def good_credentials_pass_and_each_wrong_one_is_named(shop: Shop) -> None:
    await probed(shop, shop.config)
    books = list(shop.remote.simulator.books())
    config = shop.manifest.config
    required = config.__struct_encode_fields__[: -len(config.__struct_defaults__) or None]
    for name in required:
        wrong = {**shop.config, name: f"{shop.config[name][:3]}zz{shop.config[name][3:]}"}
        with refused(Invalid) as caught:
            await probed(shop, wrong)
        unnamed = "named_credential" in shop.manifest.deviations
        assert caught.value.field in (required if unnamed else [name])
        assert wrong[name] not in str(caught.value)
    assert list(shop.remote.simulator.books()) == books


@able(Probes)
async def a_company_that_is_down_accepts_no_account(shop: Shop) -> None:
    shop.wire.before = dict.fromkeys(range(9), NothingSent("refused"))
    with refused(Invalid):
        await shop.client.probe(timeout_s=T)


@able(Registers)
async def callbacks_can_be_registered_again_and_a_refusal_is_in_words(shop: Shop) -> None:
    added = await shop.client.register(CALLBACK_URL, timeout_s=T)
    shop.config |= added
    opened(shop)
    if not shop.wire.sent:  # it goes along with every charge, so there is nothing to refuse
        assert CALLBACK_URL in added.values()
        return
    shop.wire.quiet()
    shop.wire.before = dict.fromkeys(range(30), NothingSent("refused"))
    with refused(Invalid):
        await shop.client.register(CALLBACK_URL, timeout_s=T)


@able()
async def a_configuration_that_cannot_be_right_names_its_field(shop: Shop) -> None:
    with refused(Invalid) as caught:
        shop.providers.configure(shop.name, {**shop.config, "colour": "blue"})
    assert caught.value.field == "colour"
    first = shop.manifest.config.__struct_encode_fields__[0]
    with refused(Invalid) as caught:
        shop.providers.configure(shop.name, {**shop.config, first: 5})
    assert caught.value.field == first


@able()
async def no_log_line_repr_or_reason_shows_a_secret(shop: Shop) -> None:
    seen: list[object] = [shop.client, shop.client.client, vars(shop.client.client)]
    with _listening() as lines:
        charge = await shop.pay()
        seen += [charge, await shop.find(charge), *shop.wire.sent, shop.manifest]
        for status in (200, 401, 500):
            shop.wire.quiet()
            echo = msgspec.json.encode({"message": shop.secrets, "code": "K1"})
            shop.wire.before = dict.fromkeys(range(9), Response(status, {}, echo))
            seen += [(await shop.begin(shop.charge()))[1], await shop.find(charge)]
        shop.wire.before = dict.fromkeys(range(9), RuntimeError(str(shop.secrets)))
        seen.append((await shop.begin(shop.charge()))[1])
    text = repr(seen) + "\n".join(lines)
    assert [one for one in shop.secrets if one in text] == []


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, however unimportant."""
    lines: list[str] = []
    handler, root = logging.Handler(), logging.getLogger()
    told = logging.Formatter()
    handler.emit = lambda record: lines.append(told.format(record))  # type: ignore[method-assign]
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

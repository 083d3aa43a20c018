"""Answers that are none: they are not believed, and they move nothing."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Final

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.shop import (
    Shop,
)
from adapters.provider_kit.conformance.steps import each_step, holds_the_law, steps_of
from adapters.provider_kit.conformance.wire import Meddle
from adapters.provider_kit.transport import MOST_BODY, NoAnswer, NothingSent, Response
from domain.payments.outcome import (
    NotFound,
    Pending,
    Succeeded,
    Unknown,
)

BOMB: Final = b" " * (4 * MOST_BODY)  # what a small body of one blows up to
RUBBISH: Final[Mapping[str, bytes]] = {
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
    "a yes": b'{"status":"SUCCESS"}',
    "a no": b'{"status":"FAILED"}',
    "many a yes": b'{"status":"SUCCESSFUL","state":"COMPLETED","success":true,"code":0,'
    b'"isPaid":true,"resultCode":0,"paymentStatus":"PAID","responseStatus":"Successful"}',
    "many a no": b'{"status":"REJECTED","state":"CANCELED","success":false,'
    b'"responseStatus":"Failed","paymentStatus":"FAILED"}',
    "infinity": b'{"amount":-Infinity}',
    "a number without end": b'{"id":1' + b"0" * 5000 + b"}",
    "a key twice": b'{"status":"SUCCESS","status":"FAILED","data":{"id":"x","id":"y"}}',
    "half a character": b'{"status":"\\ud800"}',
    "a character too long": b'{"status":"\xc0\xaf"}',
    "a mark of order": b"\xef\xbb\xbf{}",
    "UTF-16": '{"status":"SUCCESS"}'.encode("utf-16"),
    "two objects": b"{}{}",
    "a comment": b'{"status":"SUCCESS"/* yes */}',
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "a bomb of gzip": gzip.compress(BOMB, 9, mtime=0),
    "a bomb of deflate": zlib.compress(BOMB, 9),
    "a list too long": b"[" + b"0," * (MOST_BODY // 2) + b"0]",
    "zeros": b"\0" * 64,
}
TYPES: Final = ("application/json", "text/html; charset=x", "image/png", "", "\udcff")
STATUSES: Final = (200, 201, 302, 400, 404, 418, 500, 502, 503)


def rubbish_of(status: int, kind: str, place: int = 0) -> Response:
    """Under a type that fits as little as its length; a redirect leads to a stranger."""
    encoding = {"a bomb of gzip": "gzip", "a bomb of deflate": "deflate"}.get(kind)
    headers = {
        "content-type": TYPES[(len(kind) + place) % len(TYPES)],
        "location": "http://127.0.0.1:9/elsewhere?status=SUCCESS",
        "retry-after": "-1",
    }
    return Response(
        status, headers | ({"content-encoding": encoding} if encoding else {}), RUBBISH[kind]
    )


def always(answer: Response) -> dict[int, Meddle]:
    return dict.fromkeys(range(9), lambda genuine: answer)


@able(each=list(product(STATUSES, RUBBISH)))
async def rubbish_instead_of_an_answer_is_not_believed(shop: Shop, status: int, kind: str) -> None:
    rubbish = rubbish_of(status, kind)
    _, outcome = await each_step(shop, lambda step: {"after": {step: lambda answer: rubbish}})
    assert isinstance(outcome, Unknown)


def cut(tenths: int, whole: list[int]) -> Meddle:
    """Cut off there; `whole` is told how long it was."""

    def half(answer: Response) -> Response:
        whole.append(len(answer.body))
        return replace(answer, body=answer.body[: len(answer.body) * tenths // 10])

    return half


@able()
async def half_an_answer_is_not_believed(shop: Shop) -> None:
    steps = await steps_of(shop)
    for tenths in range(10):
        whole: list[int] = []
        shop.restart()
        shop.wire.after[steps - 1] = cut(tenths, whole)
        charge, outcome = await shop.begin(shop.charge())
        assert isinstance(outcome, Unknown) or whole == [0]  # its status line says it all
        await holds_the_law(shop, charge, outcome)


@able(each=list(product((200, 302, 400, 500, 502), RUBBISH)))
async def rubbish_instead_of_a_status_says_nothing(shop: Shop, status: int, kind: str) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    shop.wire.after = always(rubbish_of(status, kind))
    answer = await shop.find(charge)
    assert isinstance(answer, Unknown | NotFound)
    if status >= 300 or not RUBBISH[kind].strip().startswith(b"["):
        assert isinstance(answer, Unknown)


@able(each=[(NothingSent("refused"),), (NoAnswer("cut"),), (Response(503),)])
async def a_query_that_fails_says_nothing(shop: Shop, silence: Exception | Response) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    shop.wire.before = dict.fromkeys(range(9), silence)
    assert isinstance(await shop.find(charge), Unknown)


def doubled(body: bytes, change: Callable[[Any], Any]) -> bytes | None:
    """The same JSON, in which its first member stands once more and says something else."""
    try:
        read = json.loads(body)
    except ValueError:
        return None
    if not isinstance(read, dict) or not read:
        return None
    key, value = next(iter(read.items()))
    return body.rstrip()[:-1] + f",{json.dumps(key)}:{json.dumps(change(value))}}}".encode()


@able(each=[(lambda value: None,), (lambda value: value,), (lambda value: "FAILED",)])
async def an_answer_that_says_a_thing_twice_says_nothing(
    shop: Shop, change: Callable[[Any], Any]
) -> None:
    steps = await steps_of(shop)
    shop.restart()
    whole: list[bytes | None] = []

    def twice(answer: Response) -> Response:
        whole.append(doubled(answer.body, change))
        return replace(answer, body=whole[-1] or b"")

    shop.wire.after[steps - 1] = twice
    charge, outcome = await shop.begin(shop.charge())
    assert isinstance(outcome, Unknown) or whole == [None]  # its status line says it all
    await holds_the_law(shop, charge, outcome)


@able(each=[(one,) for one in TYPES])
async def what_an_answer_calls_itself_does_not_change_what_it_is(shop: Shop, kind: str) -> None:
    """Some companies send JSON as text/html: the body decides, and it is the truth."""

    def renamed(answer: Response) -> Response:
        return replace(answer, headers={**answer.headers, "content-type": kind})

    shop.wire.after = dict.fromkeys(range(9), renamed)
    charge, outcome = await shop.begin(shop.charge())
    assert isinstance(outcome, Pending | Succeeded | Unknown)
    await holds_the_law(shop, charge, outcome)


@able(each=[(status,) for status in (301, 302, 303, 307, 308)])
async def a_redirect_is_not_followed(shop: Shop, status: int) -> None:
    """Not with our credentials to a stranger, and not by sending a charge a second time."""
    elsewhere = Response(status, {"location": "http://127.0.0.1:9/elsewhere"})
    steps = await steps_of(shop)
    for step in range(steps):
        shop.restart()
        shop.wire.before[step] = elsewhere
        charge, outcome = await shop.begin(shop.charge())
        assert all(one.url.startswith(shop.base_url) for one in shop.wire.sent)
        assert not isinstance(outcome, Pending | Succeeded)
        assert step < steps - 1 or isinstance(outcome, Unknown)
        await holds_the_law(shop, charge, outcome)

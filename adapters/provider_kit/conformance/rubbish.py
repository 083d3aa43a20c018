"""Answers that are none: they are not believed, and they move nothing."""

from dataclasses import replace
from itertools import product

from adapters.provider_kit.conformance.behaviour import able
from adapters.provider_kit.conformance.shop import (
    Shop,
)
from adapters.provider_kit.conformance.steps import each_step, holds_the_law, steps_of
from adapters.provider_kit.conformance.wire import Meddle
from adapters.provider_kit.transport import NoAnswer, NothingSent, Response
from domain.payments.outcome import (
    NotFound,
    Unknown,
)

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


@able(each=list(product((200, 201, 302, 400, 404, 418, 500, 502, 503), RUBBISH)))
async def rubbish_instead_of_an_answer_is_not_believed(shop: Shop, status: int, kind: str) -> None:
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
async def half_an_answer_is_not_believed(shop: Shop) -> None:
    steps = await steps_of(shop)
    for tenths in range(10):
        whole: list[int] = []
        shop.restart()
        shop.wire.after[steps - 1] = cut(tenths, whole)
        charge, outcome = await shop.begin(shop.charge())
        assert isinstance(outcome, Unknown) or whole == [0]  # its status line says it all
        await holds_the_law(shop, charge, outcome)


@able(each=list(product((200, 302, 400, 500), RUBBISH)))
async def rubbish_instead_of_a_status_says_nothing(shop: Shop, status: int, kind: str) -> None:
    charge = await shop.pay()
    shop.wire.quiet()
    rubbish = Response(status, {}, RUBBISH[kind])
    shop.wire.after = dict.fromkeys(range(9), lambda answer: rubbish)
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

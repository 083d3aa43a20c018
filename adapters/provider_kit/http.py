"""What provider clients share: a JSON request out, a decoded answer back, nothing raised.

answer = await ask(transport, json_request("POST", url, body, headers), timeout_s=left())
if not isinstance(answer, Response):
    return answer  # NotSent or Unknown, exactly
try:
    wire = decode(answer.body, WireType)
except Undecodable:
    return unusable(answer)
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from json import JSONDecoder
from typing import Any, Final, TypeVar, cast

import msgspec

from adapters.provider_kit.transport import (
    MOST_BODY,
    NoAnswer,
    NothingSent,
    Request,
    Response,
    Transport,
)
from domain.payments.outcome import NotSent, Unknown
from domain.ports.clock import Clock

T = TypeVar("T")

ACCEPT: Final = {"accept": "application/json"}


class Undecodable(Exception):
    """The body is not what it should be. The message never holds a piece of it."""


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The configuration of an account. Its repr names the fields and shows no value."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.__struct_fields__)})"

    def __rich_repr__(self) -> Any:
        yield from self.__struct_fields__


def json_request(
    method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Request:
    """A request with a JSON body, or with none."""
    given = headers or {}
    if body is None:
        return Request(method, url, {**ACCEPT, **given})
    typed = {**ACCEPT, "content-type": "application/json", **given}
    return Request(method, url, typed, msgspec.json.encode(body))


async def ask(
    transport: Transport, request: Request, *, timeout_s: float
) -> Response | NotSent | Unknown:
    """One exchange. Silence comes back as the outcome that it is."""
    try:
        return await transport.send(request, timeout_s=timeout_s)
    except NothingSent as nothing:
        return NotSent(str(nothing))
    except NoAnswer as silence:
        return Unknown(reason=str(silence), timed_out=silence.timed_out)


def decode(body: bytes, type_: type[T]) -> T:
    """Raises Undecodable: too large, not JSON, not UTF-8, too deep, not of that shape, or an object
    in it says a thing twice: nobody knows which of the two was meant."""
    if len(body) > MOST_BODY:
        raise Undecodable("too large")
    decoder: msgspec.json.Decoder[T] = _decoder(cast("Any", type_))
    try:
        read = decoder.decode(body)
        _TWICE.decode(body.decode())
        return read
    except msgspec.ValidationError as error:
        path = re.search(r"`(\$[^`]*)`$", str(error))
        raise Undecodable(f"not the expected shape at {path[1] if path else '$'}") from None
    except (ValueError, RecursionError):  # malformed, not UTF-8; nested too deeply
        raise Undecodable("not JSON, or a key twice") from None


def unusable(response: Response, reason: str = "") -> Unknown:
    """An answer that says nothing certain. Its body is not repeated: it may hold anything."""
    kind = response.headers.get("content-type", "no type").partition(";")[0][:40]
    detail = f": {reason}" if reason else ""
    return Unknown(reason=f"HTTP {response.status}, {len(response.body)} bytes of {kind}{detail}")


def deadline(clock: Clock, timeout_s: float) -> Callable[[], float]:
    """What is left of `timeout_s`, each time it is asked: for calls that share one deadline."""
    end = clock.monotonic() + timeout_s
    return lambda: max(0.0, end - clock.monotonic())


def shown(request: Request) -> str:
    """A request for a log line: no header value, no body, no query."""
    return f"{request.method} {request.url.partition('?')[0]} ({len(request.body)} bytes)"


def _once(pairs: Sequence[tuple[str, Any]]) -> None:
    """An object of JSON is not kept; its keys must differ. Raises ValueError."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError


_TWICE: Final = JSONDecoder(object_pairs_hook=_once)  # msgspec takes the last of two


@lru_cache(maxsize=256)
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)

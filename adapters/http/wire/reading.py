"""Bytes from a client -> a checked Struct, or every fault that was found."""

from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from adapters.http.exchange import Exchange
from adapters.http.intake import whole_body
from adapters.http.problems import Edged, Fault, Faulty
from application.payments.well_formed import HINTS
from domain.errors import Invalid

OUT_T = TypeVar("OUT_T", covariant=True)
STRUCT_T = TypeVar("STRUCT_T", bound=msgspec.Struct)
MOST_PARAMETERS: Final = 32
LONGEST_NAME: Final = 64  # of an unknown field, when it is told back


class Reads(Protocol[OUT_T]):
    """How an endpoint's input is read. `body` and `query` are what the documentation shows."""

    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None

    async def read(self, request: Request[Any, Any, Any], exchange: Exchange) -> OUT_T:
        """Raises Edged invalid_json, unsupported_media_type; Faulty; and what a body may."""


class Nothing:
    """An endpoint without input: a body that is sent anyway is not looked at."""

    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None

    async def read(self, request: Request[Any, Any, Any], exchange: Exchange) -> None:
        return None


class Raw:
    """The body's bytes as they came: callbacks are signed over exactly these."""

    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None

    async def read(self, request: Request[Any, Any, Any], exchange: Exchange) -> bytes:
        return await whole_body(request.receive)


class Body(Generic[STRUCT_T]):
    """A JSON body."""

    query: type[msgspec.Struct] | None = None

    def __init__(self, kind: type[STRUCT_T]) -> None:
        self.body: type[msgspec.Struct] | None = kind
        self._kind = kind
        self._decode: Callable[[bytes], STRUCT_T] = msgspec.json.Decoder(kind).decode

    async def read(self, request: Request[Any, Any, Any], exchange: Exchange) -> STRUCT_T:
        if not _is_json(exchange.headers):
            raise Edged("unsupported_media_type")
        return self.decode(await whole_body(request.receive))

    def decode(self, body: bytes) -> STRUCT_T:
        """Raises Edged invalid_json, Faulty."""
        try:
            return self._decode(body)
        except msgspec.ValidationError as error:
            raise Faulty([_fault(str(error), self._kind)]) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Edged("invalid_json", "The body is not JSON in UTF-8.") from None
        except RecursionError:
            raise Edged("invalid_json", "The body is nested too deeply.") from None


class Query(Generic[STRUCT_T]):
    """Parameters of the address."""

    body: type[msgspec.Struct] | None = None

    def __init__(self, kind: type[STRUCT_T]) -> None:
        self.query: type[msgspec.Struct] | None = kind
        self._kind = kind
        self._plain: STRUCT_T | None = None  # without parameters, once it was asked for

    async def read(self, request: Request[Any, Any, Any], exchange: Exchange) -> STRUCT_T:
        return self.parse(request.scope["query_string"])

    def parse(self, text: bytes) -> STRUCT_T:
        """Raises Faulty."""
        if not text:
            self._plain = self._plain or self._convert({})
            return self._plain
        try:
            pairs = parse_qsl(
                text.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except ValueError:  # too many, or not UTF-8
            fault = Fault("query", f"must be at most {MOST_PARAMETERS} parameters in UTF-8")
            raise Faulty([fault]) from None
        found: dict[str, str] = {}
        for name, value in pairs:
            if name in found:
                raise Faulty([Fault(name[:LONGEST_NAME], "is given twice; give it once")])
            if value:  # an empty one is as good as none
                found[name] = value
        return self._convert(found)

    def _convert(self, found: dict[str, str]) -> STRUCT_T:
        try:
            return msgspec.convert(found, self._kind, strict=False)
        except msgspec.ValidationError as error:
            raise Faulty([_fault(str(error), self._kind)]) from None


class Findings:
    """Collects what is wrong with a request, so that a client hears all of it at once."""

    __slots__ = ("faults",)

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, field: str, message: str) -> None:
        self.faults.append(Fault(field, message))

    def tried(self, field: str, read: Callable[[], OUT_T]) -> OUT_T | None:
        """What `read` gives; None, and a fault of the field, when it raises Invalid."""
        try:
            return read()
        except Invalid as error:
            self.add(field, str(error))
            return None

    def raise_if_any(self) -> None:
        """Raises Faulty."""
        if self.faults:
            raise Faulty(self.faults)


def _is_json(headers: dict[bytes, bytes]) -> bool:
    kind, _, rest = headers.get(b"content-type", b"").partition(b";")
    if kind.strip().lower() != b"application/json" or b"content-encoding" in headers:
        return False
    charset = rest.strip().lower().removeprefix(b"charset=").strip(b'"')
    return not rest or charset in (b"utf-8", b"utf8", b"")


def _fault(text: str, kind: type[msgspec.Struct]) -> Fault:
    """msgspec's words ("Expected `str`, got `int` - at `$.customer.email`") as a fault."""
    text = text.replace(" - at `key` in `$", " - at `$")
    message, _, path = text.partition(" - at `$")
    field = path.strip("`").strip(".").replace("[...]", "")
    for start, told in (
        ("Object missing required field `", "is required"),
        ("Object contains unknown field `", "is not a field here; remove it"),
    ):
        if message.startswith(start):
            name = message.removeprefix(start).rstrip("`")[:LONGEST_NAME]
            return Fault(f"{field}.{name}" if field else name, told)
    last = field.rpartition(".")[2]
    if "matching regex" in message:
        message = HINTS.get(last, message)
    if message.startswith("Invalid enum value") and (words := _choices(kind, field)):
        message = f"must be one of: {', '.join(words)}"
    return Fault(field or "body", message[:1].lower() + message[1:])


def _choices(kind: type[msgspec.Struct], name: str) -> list[str]:
    """The words that a field of `kind` may be; none of a field that is deeper inside."""
    for one in msgspec.structs.fields(kind):
        if one.encode_name == name:
            return _words(msgspec.inspect.type_info(one.type))
    return []


def _words(found: msgspec.inspect.Type) -> list[str]:
    match found:
        case msgspec.inspect.EnumType(cls=words):
            return [str(one.value) for one in words]
        case msgspec.inspect.LiteralType(values=values):
            return [str(one) for one in values]
        case msgspec.inspect.Metadata(type=inner):
            return _words(inner)
        case msgspec.inspect.UnionType(types=types):
            return [word for one in types for word in _words(one)]
    return []

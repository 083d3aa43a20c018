"""The rows of one real payment, recorded, and as many copies of them with ids of their own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Final

import msgspec
import uvloop
from dishka import Provider, Scope, provide
from litestar import Litestar

from adapters.provider_kit.transport import Transport
from adapters.sql.database import Database
from adapters.sql.unit_of_work import SqlUnits
from adapters.sql.writes import Committer, Line, Shape, WriteSet, merged
from adapters.system.ids import RandomIds
from domain.ports.unit_of_work import Units
from entrypoints.bench.maya import InstantMaya, answers
from entrypoints.bench.shop import ORDER, Shop
from entrypoints.site import Site
from entrypoints.wiring import production

Unit = Sequence[tuple[Shape, Line]]  # parents first
KEY: Final = "bench-recorded"
TIME: Final = 10**15  # whole numbers above are microseconds since 1970
STEP: Final = 200  # microseconds between payments
Fill = Callable[["Fresh"], Any]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is new in a copy."""

    ulid: str
    lower: str
    checkout: str
    key: str
    later: int


@dataclass(frozen=True)
class Recording:
    """The two units of one payment, as lists of statements and values."""

    tenant_id: str
    units: Sequence[Unit]
    ulid: str  # shared by the ids of a payment, its attempt, events and job
    checkout: str

    def copies(self, tenant_id: str) -> Iterator[list[list[Line]]]:
        """Endless; the lines of each unit in the order of `units`, for any tenant."""
        made = [[[self._fill(value, tenant_id) for value in line] for _, line in unit]
                for unit in self.units]  # fmt: skip
        ids, chance = RandomIds(), answers(99)
        for number in count(1):
            ulid, checkout = ids.payment_id()[4:], checkout_of(next(chance))
            fresh = Fresh(ulid, ulid.lower(), checkout, f"copy-{ulid}", number * STEP)
            yield [[tuple([fill(fresh) for fill in line]) for line in unit] for unit in made]

    def sets(self, tenant_id: str) -> Iterator[WriteSet]:
        """The same as units of work, one after the other."""
        for lines in self.copies(tenant_id):
            for unit, copied in zip(self.units, lines, strict=True):
                written = WriteSet(tenant_id, ())
                written.lines = [
                    (shape, line) for (shape, _), line in zip(unit, copied, strict=True)
                ]
                yield written

    def _fill(self, value: Any, tenant_id: str) -> Fill:
        if isinstance(value, bytes):
            text = self._fill(value.decode("latin-1"), tenant_id)
            return lambda fresh: text(fresh).encode("latin-1")
        if isinstance(value, str):
            value = str.__str__(value).replace(self.tenant_id, tenant_id)
            marks = (self.ulid, self.ulid.lower(), self.checkout, KEY)
            if any(mark in value for mark in marks):
                return partial(_replaced, value, marks)
        elif isinstance(value, int) and value > TIME:
            return lambda fresh: value + fresh.later
        return lambda fresh: value


def _replaced(value: str, marks: tuple[str, ...], fresh: Fresh) -> str:
    told = (fresh.ulid, fresh.lower, fresh.checkout, fresh.key)
    for mark, new in zip(marks, told, strict=True):
        value = value.replace(mark, new)
    return value


class _Recorder(Committer):
    def __init__(self, committer: Committer) -> None:
        self.sets, self._committer = list[WriteSet](), committer

    async def commit(self, unit: WriteSet) -> None:
        self.sets.append(unit)
        await self._committer.commit(unit)


class _Recorded(Provider):
    """The production graph, listened to where units of work leave it."""

    scope = Scope.APP

    @provide(override=True)
    def transport(self) -> Transport:
        return InstantMaya()

    @provide
    def recorder(self, database: Database) -> _Recorder:
        return _Recorder(database.committer)

    @provide(override=True)
    def units(self, database: Database, recorder: _Recorder) -> Units:
        return SqlUnits(database.reads, recorder)


def recorded(shop: Shop) -> Recording:
    """One payment through the whole application, in process."""
    return uvloop.run(_recorded(shop))


async def _recorded(shop: Shop) -> Recording:
    container = production(shop.settings, Site(), _Recorded())
    try:
        app, recorder = await container.get(Litestar), await container.get(_Recorder)
        answer = await _initiate(app, shop.api_key)
        units = [[*_in_order(unit)] for unit in recorder.sets]
    finally:
        await container.close()
    return Recording(shop.tenant_id, units, answer["id"][4:], answer["providerReference"])


def _in_order(unit: WriteSet) -> Iterator[tuple[Shape, Line]]:
    for shape, lines in merged([unit]).items():
        yield from ((shape, line) for line in lines)


async def _initiate(app: Litestar, api_key: str) -> dict[str, Any]:
    body, sent = msgspec.json.encode(ORDER), list[Any]()
    headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json",
               "content-length": str(len(body)), "idempotency-key": KEY}  # fmt: skip
    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": "/api/payments/initiate",
        "raw_path": b"/api/payments/initiate",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if sent[0]["status"] != 201:
        raise RuntimeError(sent[1]["body"].decode())
    found: dict[str, Any] = msgspec.json.decode(sent[1]["body"])
    return found


def checkout_of(answer: bytes) -> str:
    """The id in an answer of Maya."""
    found: dict[str, str] = msgspec.json.decode(answer)
    return found["checkoutId"]

"""The usual way's mapped classes, and the recorded rows as templates for their objects."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy.orm import DeclarativeBase, Mapped, relationship

from adapters.sql import tables as t
from adapters.system.clock import SystemClock
from entrypoints.bench.rows import Recording

Row = dict[str, Any]
ULID, CHECKOUT = "{ulid}", "{checkout}"
CLOCK: Final = SystemClock()


class Model(DeclarativeBase):
    metadata = t.metadata


class Attempt(Model):
    __table__ = t.attempts
    __mapper_args__ = {"version_id_col": t.attempts.c.version}  # noqa: RUF012
    id: Mapped[Any]
    status: Mapped[Any]
    provider_reference: Mapped[Any]
    next_action: Mapped[Any]


class Evidence(Model):
    __table__ = t.evidence


class Event(Model):
    __table__ = t.events


class Told(Model):
    __table__ = t.feed


class Payment(Model):
    __table__ = t.payments
    __mapper_args__ = {"version_id_col": t.payments.c.version}  # noqa: RUF012
    id: Mapped[Any]
    updated_at: Mapped[Any]
    attempts: Mapped[list[Attempt]] = relationship(Attempt)
    evidence: Mapped[list[Evidence]] = relationship(Evidence)
    events: Mapped[list[Event]] = relationship(Event)


class Job(Model):
    __table__ = t.jobs


class Key(Model):
    __table__ = t.idempotency_keys
    __mapper_args__ = {"version_id_col": t.idempotency_keys.c.version}  # noqa: RUF012
    status: Mapped[Any]
    answer: Mapped[Any]


class ApiKey(Model):
    __table__ = t.api_keys
    id: Mapped[Any]
    revoked_at: Mapped[Any]


class Account(Model):
    __table__ = t.provider_accounts


class DefaultMethod(Model):
    __table__ = t.default_methods


class Usual(msgspec.Struct):
    """What the baseline's process is told. A unit is its tables' rows, with marks in texts."""

    url: str
    tenant_id: str
    maya_url: str
    units: list[list[tuple[str, Row]]]


def templates(recording: Recording, tenant_id: str) -> list[list[tuple[str, Row]]]:
    """The recorded rows by table; versions are the mapper's."""

    marks = {
        recording.tenant_id: tenant_id,
        recording.ulid: ULID,
        recording.ulid.lower(): ULID,
        recording.checkout: CHECKOUT,
    }

    def marked(value: Any) -> Any:
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if not isinstance(value, str):
            return value
        for old, new in marks.items():
            value = value.replace(old, new)
        return value

    plain = str.__str__  # names of SQLAlchemy are strings of a kind of their own
    return [
        [
            (
                plain(shape.table.name),
                {plain(n): marked(v) for n, v in zip(shape.columns, line, strict=True)},
            )
            for shape, line in unit
        ]
        for unit in recording.units
    ]


class Made:
    """The objects of one payment."""

    def __init__(self, usual: Usual, ulid: str, key: str) -> None:
        self._first, self._second = (dict(unit) for unit in usual.units)
        self._ulid, self._key, self._checkout = ulid, key, ""
        self._now = int(CLOCK.now().timestamp() * 1_000_000)

    def payment(self, reference: str) -> Payment:
        now, first = self._now, self._first
        payment = Payment(**self._row(first["payments"], created_at=now, reference=reference))
        payment.attempts = [Attempt(**self._row(first["attempts"], opened_at=now))]
        payment.evidence = []
        payment.events = [Event(**self._row(first["events"], at=now))]
        return payment

    def key(self) -> Key:
        row = self._row(self._first["idempotency_keys"], key=self._key, created_at=self._now)
        return Key(**{**row, "fingerprint": sha256(self._key.encode()).digest()})

    def job(self) -> Job:
        return Job(**self._row(self._first["jobs"], run_at=self._now + 5_000_000), version=0)

    def pending(self, payment: Payment, key: Key, checkout: Mapping[str, str]) -> None:
        """The provider's answer, into everything it changes."""
        self._checkout, second = checkout["checkoutId"], self._second
        now = int(CLOCK.now().timestamp() * 1_000_000)
        payment.updated_at = now
        attempt = payment.attempts[0]
        changed = self._row(second["attempts"])
        attempt.status, attempt.next_action = changed["status"], changed["next_action"]
        attempt.provider_reference = changed["provider_reference"]
        payment.evidence.append(Evidence(**self._row(second["evidence"], at=now)))
        payment.events.append(Event(**self._row(second["events"], at=now)))
        key.status = 201
        key.answer = self._text(second["idempotency_keys"]["answer"]).encode()

    def told(self) -> Told:
        now = int(CLOCK.now().timestamp() * 1_000_000)
        return Told(**self._row(self._second["feed"], at=now), version=0)

    def _row(self, template: Row, **own: Any) -> Row:
        row = {name: self._text(value) if isinstance(value, str) else value
               for name, value in template.items() if name != "version"}  # fmt: skip
        return row | own

    def _text(self, text: str) -> str:
        if "{" not in text:
            return text
        return text.replace(ULID, self._ulid).replace(CHECKOUT, self._checkout)

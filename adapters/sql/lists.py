"""The statements of lists: one for each combination of filters, built once."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal_column, select, tuple_

from adapters.sql import tables as t
from adapters.sql.rows.attempt import ATTEMPT_COLUMNS
from adapters.sql.rows.payment import PAYMENT_COLUMNS
from adapters.sql.rows.values import us
from adapters.sql.writes import Value
from domain.payments.attempt import LIVE
from domain.payments.status import PaymentStatus
from domain.ports.views import PaymentFilter

COMBINATIONS: Final = 512  # statements kept; an installation uses some dozens

_pays: Final = t.payments.c
_ORDER: Final = tuple_(_pays.created_at, _pays.id)
_CREATED: Final = (
    select(_pays.created_at)
    .where(_pays.id == bindparam("before"), _pays.tenant_id == bindparam("tenant_id"))
    .correlate(None)
    .scalar_subquery()
)
TESTS: Final[Mapping[str, Callable[[], ColumnElement[bool]]]] = {
    "provider": lambda: _pays.provider == bindparam("provider"),
    "currency": lambda: _pays.currency == bindparam("currency"),
    "customer_id": lambda: _pays.customer_id == bindparam("customer_id"),
    "reference": lambda: _pays.reference == bindparam("reference"),
    "since": lambda: _pays.created_at >= bindparam("since"),
    "until": lambda: _pays.created_at < bindparam("until"),
    "q": lambda: _pays.search.like(bindparam("q"), escape="\\"),
    # An id that is not here has no time, so nothing comes before it.
    "before": lambda: tuple_(_CREATED, bindparam("before")) > _ORDER,
}


def values_of(which: PaymentFilter, before: str | None) -> dict[str, Value]:
    """The filters that are set, as the statement's values; status stands in its text."""
    given: dict[str, Value | None] = {
        "provider": which.provider,
        "currency": which.currency,
        "customer_id": which.customer_id,
        "reference": which.reference,
        "since": us(which.since) if which.since is not None else None,
        "until": us(which.until) if which.until is not None else None,
        "q": fragment(which.q) if which.q else None,
        "before": before,
    }
    return {name: value for name, value in given.items() if value is not None}


def fragment(text: str) -> str:
    """A LIKE pattern for text that stands anywhere; its own % and _ mean themselves."""
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text.casefold()}%"


@lru_cache(COMBINATIONS)
def newest_first(names: Sequence[str], status: PaymentStatus | None) -> Select[Any]:
    """The page's payments with their attempts, those of one payment together."""
    page = select(_pays.id).where(_pays.tenant_id == bindparam("tenant_id"))
    if status is not None:
        page = page.where(_in_state(status))
    page = page.where(*(TESTS[name]() for name in names))
    page = page.order_by(_pays.created_at.desc(), _pays.id.desc()).limit(bindparam("limit"))
    return _whole(page).order_by(_pays.created_at.desc(), _pays.id.desc(), t.attempts.c.number)


def oldest_first(status: PaymentStatus) -> Select[Any]:
    page = (
        select(_pays.id)
        .where(_pays.tenant_id == bindparam("tenant_id"), _in_state(status))
        .order_by(_pays.created_at, _pays.id)
        .limit(bindparam("limit"))
    )
    return _whole(page).order_by(_pays.created_at, _pays.id, t.attempts.c.number)


def _paid_and_doubted() -> Select[Any]:
    """Paid payments with another attempt that only a person can decide. Of few attempts anything
    was ever doubted, so those are looked for first."""
    tries = t.attempts.c
    live = [f"'{one.value}'" for one in sorted(LIVE)]
    page = (
        select(_pays.id, _pays.created_at)
        .join(t.payments, and_(_pays.id == tries.payment_id, _pays.tenant_id == tries.tenant_id))
        .where(
            tries.tenant_id == bindparam("tenant_id"),
            t.DOUBTED,
            tries.status.in_([literal_column(one) for one in live]),
            _in_state(PaymentStatus.SUCCEEDED),
        )
        .distinct()
        .order_by(_pays.created_at, _pays.id)
        .limit(bindparam("limit"))
    )
    return _whole(page).order_by(_pays.created_at, _pays.id, t.attempts.c.number)


def _whole(page: Select[Any]) -> Select[Any]:
    ids = page.subquery("page")
    return select(*PAYMENT_COLUMNS, *ATTEMPT_COLUMNS).select_from(
        ids.join(
            t.payments,
            and_(_pays.id == ids.c.id, _pays.tenant_id == bindparam("tenant_id")),
        ).outerjoin(
            t.attempts,
            and_(t.attempts.c.payment_id == _pays.id, t.attempts.c.tenant_id == _pays.tenant_id),
        )
    )


def _in_state(status: PaymentStatus) -> ColumnElement[bool]:
    """In the text, where the planner sees that the partial index serves it; SQLite must be told."""
    same = _pays.status == literal_column(f"'{status.value}'")
    return same if status is PaymentStatus.SUCCEEDED else and_(same, t.NOT_PAID)


DOUBTED: Final = _paid_and_doubted()

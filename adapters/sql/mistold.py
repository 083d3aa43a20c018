"""What merchants should hear of and don't: one statement for each way not to be told.

Each is read in one moment, and what belongs together was committed together, so nothing that is
under way looks wrong.
"""

from typing import Any, Final

from sqlalchemy import (
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)

from adapters.sql import tables as t
from adapters.sql.strays import Loss
from adapters.sql.tables.columns import where
from domain.audit.dossier import Check
from domain.webhooks.told import PUBLIC, Topic

_events, _feed, _way, _ends, _heads = (
    t.events.c,
    t.feed.c,
    t.deliveries.c,
    t.webhook_endpoints.c,
    t.feed_heads.c,
)
_limit: Final[Any] = bindparam("limit")


def _of(column: Any) -> Any:
    return column == bindparam("tenant_id")


def _not_in_feed() -> Select[Any]:
    told = exists().where(_feed.id == _events.id, _feed.tenant_id == _events.tenant_id)
    public: list[Any] = [where(f"'{kind.value}'") for kind in PUBLIC]
    return (
        select(_events.id, _events.type)
        .where(_of(_events.tenant_id), _events.type.in_(public), not_(told))
        .order_by(_events.id)
        .limit(_limit)
    )


def _gaps() -> Select[Any]:
    before = t.feed.alias("before")
    follows = exists().where(
        before.c.tenant_id == _feed.tenant_id,
        where("before.number IS NOT NULL"),
        before.c.number == _feed.number - 1,
    )
    return (
        select(_feed.id, _feed.number)
        .where(_of(_feed.tenant_id), t.NUMBERED, _feed.number > literal(1), not_(follows))
        .order_by(_feed.number)
        .limit(_limit)
    )


def _wrong_heads() -> Select[Any]:
    """In both directions: numbers without a head, and a head without its number."""
    last = (
        select(func.coalesce(func.max(_feed.number), literal(0)))
        .where(_of(_feed.tenant_id), t.NUMBERED)
        .scalar_subquery()
    )
    head = (
        select(func.coalesce(func.max(_heads.number), literal(0)))
        .where(_of(_heads.tenant_id))
        .scalar_subquery()
    )
    both = select(head.label("head"), last.label("last")).subquery("both")
    return select(both.c.head, both.c.last).where(both.c.head != both.c.last).limit(_limit)


def _no_delivery() -> Select[Any]:
    hears = case(
        (_feed.type == literal(Topic.TEST.value), _feed.subject == _ends.id),
        else_=or_(
            _ends.topics == literal("[]"),
            _ends.topics.like(literal('%"', String) + _feed.type + literal('"%', String)),
        ),
    )
    sent = exists().where(
        _way.event_id == _feed.id,
        _way.endpoint_id == _ends.id,
        _way.tenant_id == _feed.tenant_id,
    )
    heard = and_(_ends.tenant_id == _feed.tenant_id, _feed.number > _ends.since_number, hears)
    return (
        select(_feed.id, _ends.id)
        .select_from(t.feed.join(t.webhook_endpoints, heard))
        .where(_of(_feed.tenant_id), t.WITH_BODY, _feed.at >= bindparam("since"))
        .where(where("webhook_endpoints.state = 'active'"), not_(sent))
        .order_by(_feed.number)
        .limit(_limit)
    )


def _not_made() -> Select[Any]:
    name = literal("deliver:", String) + _way.endpoint_id + literal(":", String) + _way.event_id
    job = case(
        (_way.replays > 0, name + literal(":", String) + cast(_way.replays, String)), else_=name
    )
    work = exists().where(
        t.jobs.c.id == job,
        t.jobs.c.tenant_id == _way.tenant_id,
        where("jobs.state = 'ready'"),
    )
    return (
        select(_way.event_id, _way.endpoint_id)
        .where(_of(_way.tenant_id), where("deliveries.state = 'waiting'"), not_(work))
        .order_by(_way.event_id)
        .limit(_limit)
    )


MISTOLD: Final = (
    Loss(Check.TOLD, _not_in_feed(), "{0}", "is a {1}, and stands in no feed"),
    Loss(Check.TOLD, _gaps(), "{0}", "is number {1}, and none comes before it"),
    Loss(Check.TOLD, _wrong_heads(), "feed", "its head is {0}, its last number {1}"),
    Loss(Check.TOLD, _no_delivery(), "{0}", "was never on its way to {1}, which hears it"),
    Loss(Check.TOLD, _not_made(), "{0}", "waits to go to {1}, and nobody brings it"),
)

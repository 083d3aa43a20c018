"""`cauri events`: what the tenant's merchants are told, by number."""

from dataclasses import dataclass
from typing import Any

import click
import msgspec

from adapters.cli import show
from adapters.cli.endpoints import types_of
from adapters.cli.failures import DONE
from adapters.cli.webhook_words import event_json
from adapters.cli.which_tenant import WhichTenant
from application.webhooks.well_formed import topics_of
from domain.errors import Invalid
from domain.ids import EventId
from domain.ports.webhook_views import WebhookViews
from domain.webhooks.told import NumberedEvent, Topic


@dataclass(frozen=True, slots=True)
class ListEvents:
    views: WebhookViews
    which: WhichTenant

    async def __call__(
        self, *, after: int, limit: int, types: str | None, tenant: str | None, json: bool
    ) -> int:
        wanted = chosen(types)
        found = await self.views.events(await self.which(tenant), after, limit + 1)
        page, more = found[:limit], len(found) > limit
        told = [one for one in page if not wanted or one.topic in wanted]
        following = page[-1].number if page else after
        if json:
            data = [msgspec.Raw(event_json(one)) for one in told]
            show.line({"data": data, "nextAfter": following, "hasMore": more})
            return DONE
        if not told:
            show.say("No event fits.")
        for one in told:
            show.say(summary(one))
        if more:
            show.say(f"More: --after {following}")
        return DONE


@dataclass(frozen=True, slots=True)
class ShowEvent:
    views: WebhookViews
    which: WhichTenant

    async def __call__(self, *, event: str, tenant: str | None, json: bool) -> int:
        tenant_id, event_id = await self.which(tenant), EventId(event)
        found = await self.views.event(tenant_id, event_id)
        if json:
            show.line(msgspec.Raw(event_json(found)))
            return DONE
        show.say(summary(found))
        click.echo(msgspec.json.format(event_json(found), indent=2))
        deliveries = await self.views.deliveries_of(tenant_id, event_id)
        for one in deliveries:
            show.say(f"{one.endpoint_id}  {one.state}  sent {one.sends} times")
        return DONE


def chosen(types: str | None) -> frozenset[Topic]:
    """None: all. Raises Invalid, field `types`."""
    words = types_of(types or "")
    try:
        known = topics_of(words - {Topic.TEST.value})
    except Invalid as error:
        raise Invalid(str(error), "types") from None
    return known | {Topic.TEST} if Topic.TEST.value in words else known


def summary(one: NumberedEvent) -> str:
    """One line: when, its number, what, about what, how much."""
    at = f"{one.at:%Y-%m-%d %H:%M:%S}"
    return f"{at}  {one.number:>6}  {one.topic:<30}  {one.subject:<31}  {_amount(one)}".rstrip()


def _amount(one: NumberedEvent) -> str:
    data: Any = msgspec.json.decode(one.body)["data"] if one.body is not None else None
    if not isinstance(data, dict) or "amount" not in data or "currency" not in data:
        return ""
    return f"{data['amount']} {data['currency']}"

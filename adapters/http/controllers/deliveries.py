"""Deliveries to a webhook endpoint: what arrived, what did not and why, and once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http import webhook_examples as examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.operation import Call, Operation
from adapters.http.wire.deliveries import (
    DeliveriesQuery,
    DeliveryList,
    DeliveryLog,
    ReplayBody,
    ReplayReply,
)
from adapters.http.wire.reading import Body, Nothing, Query
from application.webhooks.replay import Replay
from domain.errors import NotFound
from domain.ids import EndpointId, EventId
from domain.ports.webhook_views import WebhookViews
from domain.tenants.api_key import Scope

ONE: Final = "/api/webhook-endpoints/{id:str}"
LIST: Final = Operation(
    method="GET",
    path=f"{ONE}/deliveries",
    summary="List deliveries to an endpoint, the newest event first",
    scope=Scope.WEBHOOKS_READ,
    reads=Query(DeliveriesQuery),
    replies=DeliveryList,
    errors=("not_found",),
    tag="Webhooks",
    example={"data": [examples.DELIVERY], "nextCursor": None},
)
LOG: Final = Operation(
    method="GET",
    path=f"{ONE}/deliveries/{{eventId:str}}",
    summary="See every attempt to deliver an event",
    scope=Scope.WEBHOOKS_READ,
    reads=Nothing(),
    replies=DeliveryLog,
    errors=("not_found",),
    tag="Webhooks",
    example={"delivery": examples.DELIVERY, "attempts": [examples.TRY]},
)
REPLAY: Final = Operation(
    method="POST",
    path=f"{ONE}/replay",
    summary="Send events to an endpoint once more",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Body(ReplayBody),
    replies=ReplayReply,
    status=202,
    errors=("not_found", "not_possible_now"),
    tag="Webhooks",
    example={"replayed": 26, "next": None},
)


@dataclass(frozen=True, slots=True)
class DeliveryController:
    replay_events: Replay
    views: WebhookViews

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            LIST.served(desk, self.list),
            LOG.served(desk, self.log),
            REPLAY.served(desk, self.replay),
        ]

    async def list(self, call: Call, query: DeliveriesQuery) -> Ready:
        """`state=failed` are those given up: replay them."""
        tenant_id, endpoint_id = call.caller.tenant_id, EndpointId(call.id("whk_"))
        await self.views.endpoint(tenant_id, endpoint_id)
        page = await self.views.deliveries_to(
            tenant_id, endpoint_id, query.state, query.before, query.limit
        )
        return encoded(DeliveryList.of(page))

    async def log(self, call: Call, _: None) -> Ready:
        """When, how it answered and how fast, with the first 2 KB of its answer."""
        tenant_id, endpoint_id = call.caller.tenant_id, EndpointId(call.id("whk_"))
        event_id = EventId(call.id("evt_", "eventId"))
        await self.views.endpoint(tenant_id, endpoint_id)
        of_event = await self.views.deliveries_of(tenant_id, event_id)
        mine = [one for one in of_event if one.endpoint_id == endpoint_id]
        if not mine:
            raise NotFound()
        tries = await self.views.tries(tenant_id, endpoint_id, event_id)
        return encoded(DeliveryLog.of(mine[0], tries))

    async def replay(self, call: Call, body: ReplayBody) -> Ready:
        """The same bytes under the same `webhook-id`, signed anew; receivers that have it already
        recognise it. Events of a range that it never got, but would hear now, are sent too."""
        which, endpoint_id = body.which(), EndpointId(call.id("whk_"))
        done = await self.replay_events(call.caller.tenant_id, endpoint_id, which)
        return encoded(ReplayReply.of(done), 202)

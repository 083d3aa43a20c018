"""Webhook endpoints: where a tenant hears of events, and how each delivery went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.http import webhook_examples as examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk, request_key
from adapters.http.controllers.payments import replayable
from adapters.http.operation import Call, Operation
from adapters.http.wire.reading import Body, Nothing
from adapters.http.wire.webhooks import (
    Deleted,
    EndpointBody,
    EndpointList,
    EndpointPatch,
    EndpointReply,
    EndpointWithSecret,
    MadeEvent,
)
from application.answers import Answer
from application.webhooks.create_endpoint_once import CreateEndpointOnce
from application.webhooks.endpoints import (
    CreateEndpoint,
    DeleteEndpoint,
    EndpointChanges,
    MadeEndpoint,
    RotateSecret,
    SendTestEvent,
    UpdateEndpoint,
)
from domain.ids import EndpointId
from domain.ports.webhook_views import WebhookViews
from domain.tenants.api_key import Scope

ALL: Final = "/api/webhook-endpoints"
ONE: Final = "/api/webhook-endpoints/{id:str}"
TAG: Final = "Webhooks"
SECRET: Final = {**examples.ENDPOINT, "secret": examples.SECRET}

CREATE: Final = Operation(
    method="POST",
    path=ALL,
    summary="Have events sent to an address",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Body(EndpointBody),
    replies=EndpointWithSecret,
    status=201,
    may_be_keyed=True,
    errors=("not_possible_now",),
    tag=TAG,
    example=SECRET,
)
LIST: Final = Operation(
    method="GET",
    path=ALL,
    summary="List webhook endpoints, oldest first",
    scope=Scope.WEBHOOKS_READ,
    reads=Nothing(),
    replies=EndpointList,
    tag=TAG,
    example={"data": [examples.ENDPOINT], "nextCursor": None},
)
SHOW: Final = Operation(
    method="GET",
    path=ONE,
    summary="Get a webhook endpoint",
    scope=Scope.WEBHOOKS_READ,
    reads=Nothing(),
    replies=EndpointReply,
    errors=("not_found",),
    tag=TAG,
    example=examples.ENDPOINT,
)
CHANGE: Final = Operation(
    method="PATCH",
    path=ONE,
    summary="Change a webhook endpoint",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Body(EndpointPatch),
    replies=EndpointReply,
    errors=("not_found", "not_possible_now"),
    tag=TAG,
    example=examples.ENDPOINT,
)
DELETE: Final = Operation(
    method="DELETE",
    path=ONE,
    summary="Delete a webhook endpoint; what waits for it is dropped",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Nothing(),
    replies=Deleted,
    errors=("not_found",),
    tag=TAG,
    example={"id": examples.ENDPOINT["id"], "deleted": True},
)
ENABLE: Final = Operation(
    method="POST",
    path=f"{ONE}/enable",
    summary="Send events to a disabled endpoint again, from the next one on",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Nothing(),
    replies=EndpointReply,
    errors=("not_found", "not_possible_now"),
    tag=TAG,
    example=examples.ENDPOINT,
)
ROTATE: Final = Operation(
    method="POST",
    path=f"{ONE}/rotate-secret",
    summary="Make a new signing secret",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Nothing(),
    replies=EndpointWithSecret,
    errors=("not_found",),
    tag=TAG,
    example=SECRET,
)
TEST: Final = Operation(
    method="POST",
    path=f"{ONE}/test",
    summary="Send a test event to an endpoint",
    scope=Scope.WEBHOOKS_WRITE,
    reads=Nothing(),
    replies=MadeEvent,
    status=202,
    errors=("not_found", "not_possible_now"),
    tag=TAG,
    example={"event": examples.EVENT_ID},
)

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class WebhookEndpointController:
    create_endpoint: CreateEndpoint
    create_once: CreateEndpointOnce
    update_endpoint: UpdateEndpoint
    delete_endpoint: DeleteEndpoint
    rotate_secret: RotateSecret
    send_test_event: SendTestEvent
    views: WebhookViews

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            CREATE.served(desk, self.create),
            LIST.served(desk, self.list),
            SHOW.served(desk, self.show),
            CHANGE.served(desk, self.change),
            DELETE.served(desk, self.delete),
            ENABLE.served(desk, self.enable),
            ROTATE.served(desk, self.rotate),
            TEST.served(desk, self.test),
        ]

    async def create(self, call: Call, body: EndpointBody) -> Ready:
        """It hears every event that is numbered from now on. Keep the `secret`: it is shown here
        and never again. With an Idempotency-Key, the same request again makes no second one."""
        new = body.new(call.caller.tenant_id)
        if not call.key:
            return encoded(EndpointWithSecret.made(await self.create_endpoint(new)), 201)
        key = request_key(call.key, "webhook-endpoint", body.canonical())
        return replayable(await self.create_once(new, key, _made))

    async def list(self, call: Call, _: None) -> Ready:
        """Disabled ones too."""
        found = await self.views.endpoints(call.caller.tenant_id)
        return encoded(EndpointList([EndpointReply.of(one) for one in found]))

    async def show(self, call: Call, _: None) -> Ready:
        """`failingSince`, when nothing has arrived for a while; after 5 days it is disabled."""
        endpoint_id = EndpointId(call.id("whk_"))
        found = await self.views.endpoint(call.caller.tenant_id, endpoint_id)
        return encoded(EndpointReply.of(found))

    async def change(self, call: Call, body: EndpointPatch) -> Ready:
        """What is left out stays. Other `events` count from the next event on."""
        return await self._changed(call, body.changes())

    async def delete(self, call: Call, _: None) -> Ready:
        """For good; its log can't be read any more."""
        endpoint_id = EndpointId(call.id("whk_"))
        await self.delete_endpoint(call.caller.tenant_id, endpoint_id)
        return encoded(Deleted(endpoint_id))

    async def enable(self, call: Call, _: None) -> Ready:
        """What happened meanwhile is not sent by itself: replay it, or read it in the feed."""
        return await self._changed(call, EndpointChanges(active=True))

    async def rotate(self, call: Call, _: None) -> Ready:
        """The old secret signs beside the new one for 24 hours, so no event is refused while you
        change it. The new one is shown here and never again."""
        endpoint_id = EndpointId(call.id("whk_"))
        made = await self.rotate_secret(call.caller.tenant_id, endpoint_id)
        return encoded(EndpointWithSecret.made(made))

    async def test(self, call: Call, _: None) -> Ready:
        """A `webhook.test` for this endpoint alone, whatever it listens to. How it went stands in
        its deliveries."""
        endpoint_id = EndpointId(call.id("whk_"))
        event_id = await self.send_test_event(call.caller.tenant_id, endpoint_id)
        return encoded(MadeEvent(event_id), 202)

    async def _changed(self, call: Call, changes: EndpointChanges) -> Ready:
        endpoint_id = EndpointId(call.id("whk_"))
        found = await self.update_endpoint(call.caller.tenant_id, endpoint_id, changes)
        return encoded(EndpointReply.of(found))


def _made(made: MadeEndpoint) -> Answer:
    return Answer(201, _encode(EndpointWithSecret.made(made)))

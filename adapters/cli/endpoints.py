"""`cauri endpoints`: where the tenant hears of events."""

from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.webhook_words import endpoint_words, made_words
from adapters.cli.which_tenant import WhichTenant
from application.webhooks.endpoints import (
    CreateEndpoint,
    DeleteEndpoint,
    EndpointChanges,
    MadeEndpoint,
    NewEndpoint,
    RotateSecret,
    SendTestEvent,
    UpdateEndpoint,
)
from domain.ids import EndpointId
from domain.ports.clock import Clock
from domain.ports.webhook_views import WebhookViews
from domain.webhooks.endpoint import WebhookEndpoint


def types_of(text: str) -> frozenset[str]:
    """ "a,b" as words; "all" is none, which means all."""
    return frozenset(one.strip() for one in text.split(",") if one.strip()) - {"all"}


@dataclass(frozen=True, slots=True)
class ListEndpoints:
    views: WebhookViews
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, tenant: str | None, json: bool) -> int:
        found = await self.views.endpoints(await self.which(tenant))
        if json:
            show.line({"data": [endpoint_words(one) for one in found], "nextCursor": None})
            return DONE
        if not found:
            show.say("No endpoint yet. Make one: cauri endpoints add https://…")
            return DONE
        now = self.clock.now()
        show.table(
            ("Endpoint", "Address", "Events", "State", "Made"),
            [
                (one.id, one.url, _topics(one), _state(one), show.ago(one.created_at, now))
                for one in found
            ],
        )
        return DONE


@dataclass(frozen=True, slots=True)
class ShowEndpoint:
    views: WebhookViews
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, endpoint: str, tenant: str | None, json: bool) -> int:
        found = await self.views.endpoint(await self.which(tenant), EndpointId(endpoint))
        _told(found, self.clock, json=json)
        return DONE


@dataclass(frozen=True, slots=True)
class AddEndpoint:
    create: CreateEndpoint
    which: WhichTenant

    async def __call__(
        self,
        *,
        url: str,
        types: str,
        description: str,
        ordered: bool,
        tenant: str | None,
        json: bool,
    ) -> int:
        new = NewEndpoint(
            tenant_id=await self.which(tenant),
            url=url,
            description=description,
            events=types_of(types),
            ordered=ordered,
        )
        made = await self.create(new)
        _secret(made, json=json)
        if not json:
            show.say(f"Try it: cauri endpoints test {made.endpoint.id}")
        return DONE


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    update: UpdateEndpoint
    which: WhichTenant
    clock: Clock

    async def __call__(
        self,
        *,
        endpoint: str,
        url: str | None,
        types: str | None,
        description: str | None,
        ordered: bool | None,
        disable: bool,
        tenant: str | None,
        json: bool,
    ) -> int:
        changes = EndpointChanges(
            url=url,
            description=description,
            events=types_of(types) if types is not None else None,
            ordered=ordered,
            active=False if disable else None,
        )
        found = await self.update(await self.which(tenant), EndpointId(endpoint), changes)
        _told(found, self.clock, json=json)
        return DONE


@dataclass(frozen=True, slots=True)
class EnableEndpoint:
    update: UpdateEndpoint
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, endpoint: str, tenant: str | None, json: bool) -> int:
        changes = EndpointChanges(active=True)
        found = await self.update(await self.which(tenant), EndpointId(endpoint), changes)
        _told(found, self.clock, json=json)
        return DONE


@dataclass(frozen=True, slots=True)
class RemoveEndpoint:
    delete: DeleteEndpoint
    which: WhichTenant

    async def __call__(self, *, endpoint: str, tenant: str | None, json: bool) -> int:
        await self.delete(await self.which(tenant), EndpointId(endpoint))
        if json:
            show.line({"id": endpoint, "deleted": True})
        else:
            show.say(f"{endpoint} is deleted; what waited for it is dropped.")
        return DONE


@dataclass(frozen=True, slots=True)
class RenewSecret:
    rotate: RotateSecret
    which: WhichTenant

    async def __call__(self, *, endpoint: str, tenant: str | None, json: bool) -> int:
        made = await self.rotate(await self.which(tenant), EndpointId(endpoint))
        _secret(made, json=json)
        if not json:
            show.say("The old one signs beside it for 24 hours.")
        return DONE


@dataclass(frozen=True, slots=True)
class TryEndpoint:
    send: SendTestEvent
    which: WhichTenant

    async def __call__(self, *, endpoint: str, tenant: str | None, json: bool) -> int:
        event_id = await self.send(await self.which(tenant), EndpointId(endpoint))
        if json:
            show.line({"event": event_id})
        else:
            show.say(f"{event_id} is under way, when a worker runs.")
            show.say(f"See how it went: cauri endpoints deliveries {endpoint} --event {event_id}")
        return DONE


def _topics(one: WebhookEndpoint) -> str:
    return ", ".join(sorted(one.topics)) or "all"


def _state(one: WebhookEndpoint) -> str:
    if one.reason is not None:
        return f"{one.state}: {one.reason}"
    return "failing" if one.failing_since is not None else str(one.state)


def _secret(made: MadeEndpoint, *, json: bool) -> None:
    if json:
        show.line(made_words(made))
        return
    show.say(made.secret)
    show.say(f"This signs for {made.endpoint.id}. Keep it now: it is not shown again.")


def _told(one: WebhookEndpoint, clock: Clock, *, json: bool) -> None:
    if json:
        show.line(endpoint_words(one))
        return
    now = clock.now()
    show.fields(
        (
            ("Endpoint", one.id),
            ("Address", one.url),
            ("For", one.description),
            ("Events", _topics(one)),
            ("Ordered", "each payment's events one after another" if one.ordered else None),
            ("State", _state(one)),
            ("Disabled", show.moment(one.disabled_at, now)),
            ("Failing since", show.moment(one.failing_since, now)),
            ("Hears from", f"event {one.since_number + 1}"),
            ("Old secret until", show.moment(one.previous_until, now)),
            ("Made", show.moment(one.created_at, now)),
        )
    )

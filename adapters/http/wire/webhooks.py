"""Webhook endpoints as clients see them."""

from datetime import datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from application.webhooks.endpoints import EndpointChanges, MadeEndpoint, NewEndpoint
from application.webhooks.well_formed import LONGEST_DESCRIPTION, LONGEST_URL, TOPICS
from domain.ids import TenantId
from domain.webhooks.endpoint import WebhookEndpoint

StateWord = Literal["active", "disabled"]
Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_URL,
        description="https, on port 443, at a public address.",
        extra_json_schema={"examples": ["https://shop.example/hooks"]},
    ),
]
Description = Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)]
EventTypes = Annotated[
    list[Annotated[str, Meta(max_length=64, extra_json_schema={"enum": list(TOPICS)})]],
    Meta(max_length=64, description="Event types it hears; none: all."),
]
Ordered = Annotated[
    bool, Meta(description="Events of one payment come one after another, each after success.")
]


class EndpointBody(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Where to send which events."""

    url: Url
    description: Description = ""
    events: EventTypes = field(default_factory=list)
    ordered: Ordered = False

    def new(self, tenant_id: TenantId) -> NewEndpoint:
        return NewEndpoint(
            tenant_id=tenant_id,
            url=self.url,
            description=self.description,
            events=frozenset(self.events),
            ordered=self.ordered,
        )

    def canonical(self) -> bytes:
        """The same bytes for the same request, however it was written."""
        same = msgspec.structs.replace(self, events=sorted(set(self.events)))
        return msgspec.json.encode(same, order="deterministic")


class EndpointPatch(
    Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True
):
    """What is left out stays as it is."""

    url: Url | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    events: EventTypes | UnsetType = UNSET
    ordered: Ordered | UnsetType = UNSET
    status: StateWord | UnsetType = UNSET

    def changes(self) -> EndpointChanges:
        events, status = self.events, self.status
        return EndpointChanges(
            url=None if self.url is UNSET else self.url,
            description=None if self.description is UNSET else self.description,
            events=None if events is UNSET else frozenset(events),
            ordered=None if self.ordered is UNSET else self.ordered,
            active=None if status is UNSET else status == "active",
        )


class EndpointReply(Struct, rename="camel"):
    """An address that hears of events."""

    id: str
    url: str
    description: str
    events: Annotated[list[str], Meta(description="Event types it hears; none: all.")]
    ordered: bool
    status: StateWord
    disabled_reason: str | None
    disabled_at: datetime | None
    failing_since: Annotated[
        datetime | None, Meta(description="The first failure since something was delivered.")
    ]
    since_number: Annotated[
        int, Meta(description="It hears events with higher numbers, of its present types.")
    ]
    previous_secret_until: Annotated[
        datetime | None, Meta(description="So long the secret before the last rotation signs too.")
    ]
    created_at: datetime

    @classmethod
    def of(cls, one: WebhookEndpoint) -> "EndpointReply":
        return cls(
            one.id,
            one.url,
            one.description,
            sorted(one.topics),
            one.ordered,
            cast("StateWord", str(one.state)),
            one.reason,
            one.disabled_at,
            one.failing_since,
            one.since_number,
            one.previous_until,
            one.created_at,
        )


class EndpointWithSecret(EndpointReply):
    """The one answer that holds the secret."""

    secret: Annotated[str, Meta(description="For Standard Webhooks verifiers; shown once.")]

    @classmethod
    def made(cls, made: MadeEndpoint) -> "EndpointWithSecret":
        shown = msgspec.structs.asdict(EndpointReply.of(made.endpoint))
        return cls(**shown, secret=made.secret)


class EndpointList(Struct, rename="camel"):
    """All of them, oldest first."""

    data: list[EndpointReply]
    next_cursor: str | None = None


class Deleted(Struct):
    """It hears nothing any more."""

    id: str
    deleted: bool = True


class MadeEvent(Struct):
    """The event that was made; its delivery follows at once."""

    event: str

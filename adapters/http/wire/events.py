"""What merchants are told: the body of an event, the same bytes at an endpoint and in the feed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct, field

from adapters.http.wire.payments import PaymentReply
from adapters.http.wire.refunds import RefundReply
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.ports.webhooks import Bodies
from domain.webhooks.told import NumberedEvent, Told

Number = Annotated[
    int, Meta(description="1, 2, 3, … without a gap among the tenant's events; never changes.")
]
_encode: Final = msgspec.json.Encoder().encode


class EventBody(Struct, rename="camel"):
    """One thing that happened."""

    id: str
    type: str
    timestamp: Annotated[datetime, Meta(description="When it happened.")]
    number: Number
    data: Annotated[
        Mapping[str, Any] | None,
        Meta(
            description="The payment, refund or other object that it is about; "
            "null once it is too old to be kept."
        ),
    ]


class EventFeed(Struct, rename="camel"):
    """Events in the order of their numbers."""

    data: list[EventBody]
    next_after: Annotated[
        int, Meta(description="How far was looked, also past types not asked for.")
    ]
    has_more: bool


class _Told(Struct, rename="camel"):
    """An EventBody whose data is a Struct."""

    id: str
    type: str
    timestamp: datetime
    number: int
    data: PaymentReply | RefundReply | Mapping[str, Any] | None


class _Feed(Struct, rename="camel"):
    """An EventFeed whose events are bytes already."""

    data: list[Raw] = field(default_factory=list)
    next_after: int = 0
    has_more: bool = False


class EventBodies(Bodies):
    """Objects stand in events as the API shows them."""

    def __call__(self, one: Told, number: int, about: Payment | Refund | None) -> bytes:
        data: PaymentReply | RefundReply | Mapping[str, Any] | None = one.data
        if isinstance(about, Payment):
            data = PaymentReply.of(about)
        elif isinstance(about, Refund):
            data = RefundReply.of(about)
        return _encode(_Told(one.id, one.topic, one.at, number, data))


def body_of(event: NumberedEvent) -> bytes:
    """Its JSON, with null for data that is no longer kept."""
    if event.body is not None:
        return event.body
    return _encode(_Told(event.id, event.topic, event.at, event.number, None))


def feed(events: Sequence[NumberedEvent], next_after: int, *, has_more: bool) -> bytes:
    """The JSON of an EventFeed; bodies go in as they are stored."""
    return _encode(_Feed([Raw(body_of(one)) for one in events], next_after, has_more))

"""Commands about what came to an endpoint, what did not, and once more."""

import re
from dataclasses import dataclass, replace
from typing import Final, TypedDict, Unpack

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.requests import form_of, instant_of
from adapters.cli.webhook_words import delivery_words, log_words, replay_words
from adapters.cli.which_tenant import WhichTenant
from application.webhooks.replay import Replay, Replayed, Which
from domain.errors import Invalid, NotFound
from domain.ids import EndpointId, EventId, TenantId
from domain.ports.clock import Clock
from domain.ports.webhook_views import DeliveryPage, WebhookViews
from domain.webhooks.delivery import Delivery, DeliveryState, Try

CURSOR: Final = "[1-9][0-9]{0,15}"
NUMBER: Final = re.compile(CURSOR)
ROUNDS: Final = 100  # of one command; each begins a thousand


@dataclass(frozen=True, slots=True)
class ShowDeliveries:
    """All of an endpoint, or the log of one."""

    views: WebhookViews
    which: WhichTenant
    clock: Clock

    async def __call__(
        self,
        *,
        endpoint: str,
        event: str | None,
        state: str | None,
        limit: int,
        after: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        tenant_id, endpoint_id = await self.which(tenant), EndpointId(endpoint)
        await self.views.endpoint(tenant_id, endpoint_id)
        if event is not None:
            return await self._log(tenant_id, endpoint_id, EventId(event), json=json)
        cursor = form_of(after, CURSOR, "cursor")
        page = await self.views.deliveries_to(
            tenant_id,
            endpoint_id,
            DeliveryState(state) if state is not None else None,
            int(cursor) if cursor is not None else None,
            limit,
        )
        if json:
            following = str(page.next_before) if page.next_before is not None else None
            words = [delivery_words(one) for one in page.deliveries]
            show.line({"data": words, "nextCursor": following})
        else:
            self._page(page)
        return DONE

    async def _log(
        self, tenant_id: TenantId, endpoint_id: EndpointId, event_id: EventId, *, json: bool
    ) -> int:
        of_event = await self.views.deliveries_of(tenant_id, event_id)
        mine = [one for one in of_event if one.endpoint_id == endpoint_id]
        if not mine:
            raise NotFound(f"event {event_id} was not sent to {endpoint_id}")
        tries = await self.views.tries(tenant_id, endpoint_id, event_id)
        if json:
            show.line(log_words(mine[0], tries))
            return DONE
        show.say(f"{event_id}, number {mine[0].number}: {self._how(mine[0])}")
        show.table(
            ("", "Time (UTC)", "Status", "ms", "Why not", "Answer"),
            [_row(one) for one in tries],
            right=("", "ms"),
        )
        return DONE

    def _page(self, page: DeliveryPage) -> None:
        if not page.deliveries:
            show.say("No delivery fits.")
            return
        show.table(
            ("Number", "Event", "State", "Sent", "Last", "When"),
            [
                (
                    str(one.number),
                    one.event_id,
                    one.state,
                    str(one.sends),
                    one.last_error or str(one.last_status or ""),
                    show.ago(one.delivered_at or (one.next_at if one.is_waiting else None), now),
                )
                for now in [self.clock.now()]
                for one in page.deliveries
            ],
            right=("Number", "Sent"),
        )
        if page.next_before is not None:
            show.say(f"More: --after {page.next_before}")

    def _how(self, one: Delivery) -> str:
        if one.is_waiting:
            return f"{one.state}, next try {show.ago(one.next_at, self.clock.now())}"
        return str(one.state)


def _row(one: Try) -> tuple[str, ...]:
    status = str(one.status) if one.status is not None else "-"
    answer = " ".join(one.answer.split())[:80]
    return (
        str(one.number),
        f"{one.at:%Y-%m-%d %H:%M:%S}",
        status,
        str(one.ms),
        one.error or "",
        answer,
    )


class Wanted(TypedDict):
    """What to send once more."""

    endpoint: str
    event: str | None
    numbers: str | None
    since: str | None
    until: str | None
    failed: bool
    tenant: str | None
    json: bool


@dataclass(frozen=True, slots=True)
class SendAgain:
    """All that is asked for, however many requests to the use case that takes."""

    replay: Replay
    which: WhichTenant

    async def __call__(self, **wanted: Unpack[Wanted]) -> int:
        asked, json = _asked(wanted), wanted["json"]
        tenant_id, done = await self.which(wanted["tenant"]), Replayed(0, asked)
        with show.progress("Begun: 0", quiet=json) as bar:
            for _ in range(ROUNDS):
                if done.rest is None:
                    break
                more = await self.replay(tenant_id, EndpointId(wanted["endpoint"]), done.rest)
                done = replace(more, events=done.events + more.events)
                bar.tell(f"Begun: {done.events}")
        if json:
            show.line(replay_words(done))
            return DONE
        what = "1 delivery begins" if done.events == 1 else f"{done.events} deliveries begin"
        show.say(f"{what} anew.")
        if done.rest is not None:
            show.say("More are left; run it again.")
        return DONE


def _asked(wanted: Wanted) -> Which:
    """Raises Invalid."""
    first, last = _range(wanted["numbers"])
    event = wanted["event"]
    asked = Which(
        event_id=EventId(event) if event is not None else None,
        first=first,
        last=last,
        since=instant_of(wanted["since"], "from"),
        until=instant_of(wanted["until"], "to"),
        failed=wanted["failed"],
    )
    try:
        asked.check()
    except Invalid:
        if asked.ends_first:
            told = "must not end before it begins"
            raise Invalid(told, "numbers" if asked.last is not None else "to") from None
        told = "give just one of: --event, --numbers, --from and --to, --failed"
        raise Invalid(told) from None
    return asked


def _range(numbers: str | None) -> tuple[int | None, int | None]:
    """ "17-42" or "17". Raises Invalid."""
    if numbers is None:
        return None, None
    first, _, last = numbers.partition("-")
    if not all(map(NUMBER.fullmatch, (first, last or first))):
        raise Invalid("must be like 17-42, or one number", "numbers")
    return int(first), int(last or first)

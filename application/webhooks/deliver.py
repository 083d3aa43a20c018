"""The work of one delivery: sign, send, record, until it is taken or the last try has failed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from application.webhooks.gate import Gate
from application.webhooks.secrets import context
from domain.errors import Conflict, Overloaded, Unreadable
from domain.ids import EndpointId, EventId, TenantId
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobQueue
from domain.ports.post import NotPosted, Post, Posted
from domain.ports.unit_of_work import UnitOfWork, Units
from domain.ports.vault import Vault
from domain.ports.webhooks import Signer
from domain.webhooks.delivery import LONGEST_WAIT_S, Delivery, Try
from domain.webhooks.endpoint import EndpointState, WebhookEndpoint
from domain.webhooks.told import NumberedEvent

TIMEOUT_S: Final = 15.0
TRIES: Final = 64  # lost races in a row
MOST_BYTES: Final = 2048  # of an answer, in the log
MOST_LETTERS: Final = 300  # of an error
SOON_S: Final = (1, 2, 4, 8, 15)  # behind an earlier event whose try is under way, by claims
LATE: Final = timedelta(minutes=15)  # whoever ends hurries the next; this is for a crash in between
PATIENT: Final = (429, 503)  # answers whose Retry-After counts
GONE: Final = 410
NO_BODY: Final = "the event's content is no longer kept"
NO_SECRET: Final = "its secret can't be opened; rotate it"  # noqa: S105

Scrub = Callable[[str], str]  # masks secrets and card numbers in text from outside


@dataclass(frozen=True, slots=True)
class Deliver:
    """The handler of DELIVER. At least once: what was sent and not recorded is sent again, with
    the same bytes and the same id. Nothing is locked and no unit is open while it sends."""

    units: Units
    post: Post
    signer: Signer
    vault: Vault
    queue: JobQueue
    clock: Clock
    scrub: Scrub
    gate: Gate = field(default_factory=Gate)

    async def __call__(self, job: Job) -> datetime | None:
        """When to run again; None when the delivery is over, or of another round."""
        now = self.clock.now()
        async with self.units(job.tenant_id) as unit:
            if (delivery := await _mine(unit, job)) is None:
                return None
            endpoint = await unit.endpoints.find(delivery.endpoint_id)
            if endpoint is None or not endpoint.is_active:
                return await self._end(unit, delivery, endpoint)
            if delivery.next_at > now:
                return delivery.next_at
            if (ahead := await _ahead(unit, endpoint, delivery)) is not None:
                soon = now + timedelta(seconds=SOON_S[min(job.tries, len(SOON_S)) - 1])
                return max(soon, min(ahead.next_at, now + LATE))
            event = await unit.feed.get(delivery.event_id)
            if event.body is None:
                unit.deliveries.save(delivery.give_up(NO_BODY))
                await unit.commit()
                return None
        if (turn := self.gate.enter(endpoint.id, now)) is not None:
            return turn
        return await self._recorded(job, await self._through_gate(endpoint, event))

    async def _end(
        self, unit: UnitOfWork, delivery: Delivery, endpoint: WebhookEndpoint | None
    ) -> datetime | None:
        """Its endpoint hears nothing any more."""
        if endpoint is None or _is_deleted(endpoint):
            unit.deliveries.save(delivery.drop())
        else:
            unit.deliveries.save(delivery.give_up("the endpoint is disabled"))
        await unit.commit()
        return None

    async def _through_gate(
        self, endpoint: WebhookEndpoint, event: NumberedEvent
    ) -> Posted | NotPosted:
        ms = 0
        try:
            answer = await self._sent(endpoint, event)
            ms = answer.ms
        finally:
            self.gate.leave(endpoint.id, ms)
        if isinstance(answer, Posted) and (wait_s := _patience_s(answer)) is not None:
            wait = timedelta(seconds=min(wait_s, LONGEST_WAIT_S))
            self.gate.pause(endpoint.id, self.clock.now() + wait)
        return answer

    async def _sent(self, endpoint: WebhookEndpoint, event: NumberedEvent) -> Posted | NotPosted:
        body, now = event.body or b"", self.clock.now()
        try:
            sealed = endpoint.secrets(now)
            secrets = [self.vault.open(one, context(endpoint.id)) for one in sealed]
        except Unreadable:
            return NotPosted(NO_SECRET, 0)
        headers = {
            "content-type": "application/json",
            **self.signer(event.id, now, body, secrets),
        }
        return await self.post(endpoint.url, headers, body, timeout_s=TIMEOUT_S)

    async def _recorded(self, job: Job, answer: Posted | NotPosted) -> datetime | None:
        for _ in range(TRIES):
            async with self.units(job.tenant_id) as unit:
                if (delivery := await _mine(unit, job)) is None:  # replayed, or dropped meanwhile
                    return None
                endpoint = await unit.endpoints.find(delivery.endpoint_id)
                if endpoint is None:
                    return None
                moved = await self._record(unit, delivery, endpoint, answer)
                try:
                    await unit.commit()
                except Conflict:
                    continue
            if moved.is_waiting:
                return moved.next_at
            await self._hurry_next(job.tenant_id, endpoint, moved)
            return None
        raise Overloaded(f"delivery {job.id} is too busy; try again")

    async def _record(
        self,
        unit: UnitOfWork,
        delivery: Delivery,
        endpoint: WebhookEndpoint,
        answer: Posted | NotPosted,
    ) -> Delivery:
        now = self.clock.now()
        if isinstance(answer, Posted) and 200 <= answer.status < 300:
            moved, heard = delivery.taken(answer.status, now), endpoint.succeeded()
        else:
            status, error, wait_s = _why(answer)
            moved = delivery.missed(status, error, now, retry_after_s=wait_s)
            heard = endpoint.missed(now, gone=status == GONE)
            if not heard.is_active:
                moved = moved.drop() if _is_deleted(heard) else moved.give_up(error)
        if heard is not endpoint:
            unit.endpoints.save(heard)
            if heard.told:  # it was disabled: no event is numbered for it from now on
                unit.feed.hold(await unit.feed.head())
        unit.deliveries.save(moved)
        unit.deliveries.log(self._try(moved, answer, now))
        return moved

    def _try(self, moved: Delivery, answer: Posted | NotPosted, now: datetime) -> Try:
        text = answer.answer[:MOST_BYTES] if isinstance(answer, Posted) else b""
        return Try(
            endpoint_id=moved.endpoint_id,
            event_id=moved.event_id,
            number=moved.sends,
            at=now,
            status=moved.last_status,
            error=moved.last_error,
            ms=answer.ms,
            answer=self.scrub(text.decode("utf-8", "replace").replace("\x00", "")),
        )

    async def _hurry_next(
        self, tenant_id: TenantId, endpoint: WebhookEndpoint, ended: Delivery
    ) -> None:
        """Of the same payment, where they come one after another."""
        if not endpoint.ordered or ended.payment_id is None:
            return
        async with self.units(tenant_id) as unit:
            behind = await unit.deliveries.behind(endpoint.id, ended.payment_id, ended.number)
        if behind is not None:
            at = max(behind.next_at, self.clock.now())
            await self.queue.hurry(tenant_id, behind.job_id, at)


def _is_deleted(endpoint: WebhookEndpoint) -> bool:
    return endpoint.state is EndpointState.DELETED


async def _mine(unit: UnitOfWork, job: Job) -> Delivery | None:
    """The delivery, while it waits and nobody began another round."""
    found = await unit.deliveries.find(
        EndpointId(job.about["endpoint"]), EventId(job.about["event"])
    )
    if found is None or not found.is_waiting or found.job_id != job.id:
        return None
    return found


async def _ahead(
    unit: UnitOfWork, endpoint: WebhookEndpoint, delivery: Delivery
) -> Delivery | None:
    if not endpoint.ordered or delivery.payment_id is None:
        return None
    return await unit.deliveries.ahead(endpoint.id, delivery.payment_id, delivery.number)


def _why(answer: Posted | NotPosted) -> tuple[int | None, str, int | None]:
    """The status, why it does not count as taken, and the patience that was asked for."""
    if isinstance(answer, NotPosted):
        return None, answer.reason[:MOST_LETTERS], None
    return answer.status, f"it answered {answer.status}", _patience_s(answer)


def _patience_s(answer: Posted) -> int | None:
    return answer.retry_after_s if answer.status in PATIENT else None

"""`cauri account webhooks`: where an account's provider calls."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.here import Here
from adapters.cli.which_tenant import WhichTenant
from application.tenants.register_callbacks import RegisterCallbacks, Registered
from domain.ids import AccountId
from domain.ports.providers import Providers


@dataclass(frozen=True, slots=True)
class RegisterWebhooks:
    register: RegisterCallbacks
    providers: Providers
    which: WhichTenant
    here: Here

    async def __call__(
        self, *, account: str, url: str | None, tenant: str | None, json: bool
    ) -> int:
        tenant_id = await self.which(tenant)
        done = await self.register(tenant_id, AccountId(account), self.here.public_url, url)
        rows = [
            {"event": event, "url": address, "state": state}
            for event, address, state in _told(done)
        ]
        if json:
            words = {"id": done.account.id, "provider": done.account.provider}
            listed = rows if done.after is not None else None
            show.line({**words, "callbackUrl": done.url, "webhooks": listed})
            return 0
        show.say(f"Callbacks: {done.url}")
        if done.after is None:
            title = self.providers.profiles[done.account.provider].title
            show.say(f"{title} knows it. What else is registered there can't be asked.")
            return 0
        show.table(("Event", "Address", "State"), [tuple(row.values()) for row in rows])
        return 0


def _told(done: Registered) -> Iterator[tuple[str, str, str]]:
    """Event, address, and what was done about it."""
    before = {(one.event, one.url) for one in done.before or ()}
    events = {one.event for one in done.before or ()}
    for one in done.after or ():
        if one.url != done.url:
            state = "elsewhere"
        elif (one.event, one.url) in before:
            state = "unchanged"
        else:
            state = "moved here" if one.event in events else "added"
        yield one.event, one.url, state

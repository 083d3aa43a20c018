"""`cauri key`: make, revoke and list API keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.cli import show
from adapters.cli.setup_words import key_words
from adapters.cli.which_tenant import WhichTenant
from application.tenants.api_keys import CreateApiKey, RevokeApiKey
from domain.ids import KeyId
from domain.ports.clock import Clock
from domain.ports.tenants import Tenants
from domain.tenants.api_key import EVERY_SCOPE, ApiKey, Scope


@dataclass(frozen=True, slots=True)
class CreateKey:
    create: CreateApiKey
    which: WhichTenant

    async def __call__(
        self,
        *,
        tenant: str | None,
        name: str,
        scopes: Sequence[str],
        rate: int,
        live: bool,
        json: bool,
    ) -> int:
        made = await self.create(
            await self.which(tenant),
            name,
            scopes=frozenset(Scope(one) for one in scopes) or EVERY_SCOPE,
            rate_per_minute=rate,
            live=live,
        )
        if json:
            show.line({**key_words(made.key), "key": made.text})
            return 0
        show.say(made.text)
        show.say(f"This is {made.key.id}. Keep it now: it is not shown again.")
        return 0


@dataclass(frozen=True, slots=True)
class RevokeKey:
    revoke: RevokeApiKey
    which: WhichTenant

    async def __call__(self, *, key_id: str, tenant: str | None, json: bool) -> int:
        at = await self.revoke(await self.which(tenant), KeyId(key_id))
        if json:
            show.line({"id": key_id, "revokedAt": at})
        else:
            show.say(f"{key_id} is revoked; it opens nothing from now on, at most a second late.")
        return 0


@dataclass(frozen=True, slots=True)
class ListKeys:
    tenants: Tenants
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, tenant: str | None, json: bool) -> int:
        found = await self.tenants.keys(await self.which(tenant))
        if json:
            show.line({"data": [key_words(one) for one in found], "nextCursor": None})
            return 0
        if not found:
            show.say("No API key yet. Make one: cauri key create")
            return 0
        now = self.clock.now()
        show.table(
            ("Key", "Name", "State", "May", "A minute", "Made"),
            [
                (
                    one.id,
                    one.name,
                    state_of(one, live=one.is_live(now)),
                    "everything" if one.scopes == EVERY_SCOPE else ", ".join(sorted(one.scopes)),
                    str(one.rate_per_minute),
                    show.ago(one.created_at, now),
                )
                for one in found
            ],
            right=("A minute",),
        )
        return 0


def state_of(key: ApiKey, *, live: bool) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "active" if live else "expired"

"""Use cases: make, revoke and check API keys.

A key reads `cauri_<live|test>_<key id, 16>_<secret, 43>_<checksum, 6>`: the checksum lets clients
and secret scanners refuse a typo without asking; the secret is 256 random bits.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zlib import crc32

from domain.errors import Invalid, NotFound, Unauthorized
from domain.ids import KeyId, TenantId
from domain.ports.clock import Clock
from domain.ports.digests import Digests
from domain.ports.ids import Ids
from domain.ports.tenants import Tenants
from domain.tenants.api_key import EVERY_SCOPE, RATE_PER_MINUTE, ApiKey, Scope

LENGTH: Final = len("cauri_live_") + 16 + 1 + 43 + 1 + 6
MOST_PER_MINUTE: Final = 1_000_000
BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648
PAIRS: Final = tuple(high + low for high in BASE32 for low in BASE32)  # ten bits each


@dataclass(frozen=True, slots=True)
class MadeKey:
    """`text` is shown once and stored nowhere."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Raises NotFound for the tenant, Invalid for a rate out of bounds."""

    tenants: Tenants
    digests: Digests
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        tenant_id: TenantId,
        name: str,
        *,
        scopes: frozenset[Scope] = EVERY_SCOPE,
        rate_per_minute: int = RATE_PER_MINUTE,
        live: bool = False,
    ) -> MadeKey:
        if not 1 <= rate_per_minute <= MOST_PER_MINUTE:
            raise Invalid(f"must be 1 to {MOST_PER_MINUTE}", "rate")
        await self.tenants.setup(tenant_id)
        secret = urlsafe_b64encode(self.ids.secret(32)).rstrip(b"=").decode()
        key = ApiKey(
            id=self.ids.key_id(),
            tenant_id=tenant_id,
            name=name,
            digest=self.digests.digest(secret.encode()),
            scopes=scopes,
            created_at=self.clock.now(),
            rate_per_minute=rate_per_minute,
        )
        await self.tenants.add_key(key)
        start = f"cauri_{'live' if live else 'test'}_{key.id[4:]}_{secret}"
        return MadeKey(key, f"{start}_{checksum(start)}")


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """Works everywhere within a second. Raises NotFound, for another tenant's key too."""

    tenants: Tenants
    clock: Clock

    async def __call__(self, tenant_id: TenantId, key_id: KeyId) -> datetime:
        key = await self.tenants.key(key_id)
        if key is None or key.tenant_id != tenant_id:
            raise NotFound(f"key {key_id}")
        at = self.clock.now()
        await self.tenants.revoke_key(key_id, at)
        return at


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Whose key it is. Raises Unauthorized, without a hint which part was wrong."""

    tenants: Tenants
    digests: Digests
    clock: Clock

    async def __call__(self, text: str) -> ApiKey:
        if len(text) != LENGTH or not text.isascii() or checksum(text[:-7]) != text[-6:]:
            raise Unauthorized()
        key = await self.tenants.key(KeyId(f"key_{text[11:27]}"))
        matches = self.digests.matches(text[28:71].encode(), key.digest if key else bytes(32))
        if key is None or not matches or not key.is_live(self.clock.now()):
            raise Unauthorized()
        return key


def checksum(start: str) -> str:
    """Six characters that follow from all before them: the first 30 bits of their CRC-32."""
    crc = crc32(start.encode())
    return PAIRS[crc >> 22] + PAIRS[crc >> 12 & 1023] + PAIRS[crc >> 2 & 1023]

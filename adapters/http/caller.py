"""Who calls, and may they: API key -> tenant, in the few microseconds before anything else."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import Final

from adapters.http.exchange import Exchange
from adapters.http.problems import Edged
from adapters.http.rate_limit import Gcra
from application.answers import RequestKey
from application.tenants.api_keys import Authenticate
from domain.errors import Forbidden, KeyMissing, Unauthorized
from domain.ids import TenantId
from domain.tenants.api_key import ApiKey, Scope

VISIBLE: Final = re.compile(rb"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The tenant on whose behalf a request is made, and the key that says so."""

    tenant_id: TenantId
    key: ApiKey


@dataclass(frozen=True, slots=True)
class Desk:
    """Every request with an API key passes here once: key, rate, scope, in this order.

    `limit` None counts nothing.
    """

    authenticate: Authenticate
    limit: Gcra | None

    async def admit(self, exchange: Exchange, scope: Scope) -> Caller:
        """Raises Unauthorized, Edged rate_limited, Forbidden."""
        key = await self.authenticate(_presented(exchange.headers))
        exchange.tenant_id, exchange.key_id = key.tenant_id, key.id
        if self.limit is not None:
            self._count(self.limit, key, exchange)
        if scope not in key.scopes:
            raise Forbidden(f"This API key lacks the scope {scope}; use one that has it.")
        return Caller(key.tenant_id, key)

    def _count(self, limit: Gcra, key: ApiKey, exchange: Exchange) -> None:
        """The headers of the IETF draft "RateLimit header fields for HTTP"."""
        rate = key.rate_per_minute
        wait_s, remaining, reset_s = limit(key.id, rate)
        exchange.answer_headers = (
            _policy(rate),
            (b"ratelimit", b'"key";r=%d;t=%d' % (remaining, ceil(reset_s))),
        )
        if wait_s:
            raise Edged(
                "rate_limited",
                f"This API key may make {rate} requests a minute; wait as Retry-After says.",
                ((b"retry-after", b"%d" % ceil(wait_s)),),
            )


@lru_cache(256)  # few rates are in use
def _policy(rate: int) -> tuple[bytes, bytes]:
    return (b"ratelimit-policy", b'"key";q=%d;w=60' % rate)


def _presented(headers: dict[bytes, bytes]) -> str:
    """The API key of a request. Raises Unauthorized when there is none."""
    given = headers.get(b"authorization")
    if given is not None:
        scheme, _, key = given.partition(b" ")
        if scheme.lower() != b"bearer":
            raise Unauthorized()
        return key.strip().decode("latin-1")
    if (bare := headers.get(b"x-api-key")) is not None:
        return bare.strip().decode("latin-1")
    raise Unauthorized()


def idempotency_key(exchange: Exchange) -> str:
    """As sent: bare, or quoted as a structured field. Raises KeyMissing."""
    given = exchange.headers.get(b"idempotency-key", b"").strip()
    if len(given) > 1 and given[:1] == given[-1:] == b'"':
        given = given[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")
    if not VISIBLE.fullmatch(given):
        raise KeyMissing()
    return given.decode()


def request_key(key: str, operation: str, canonical: bytes) -> RequestKey:
    """The key of a request whose validated body reads `canonical`."""
    fingerprint = sha256(operation.encode() + b"\n" + canonical).digest()
    return RequestKey(operation, key, fingerprint)

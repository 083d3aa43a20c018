"""One product of an account: its keys, its token, its calls."""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, ask, decode, json_request, unusable
from adapters.provider_kit.signing import basic
from adapters.provider_kit.tokens import Grant, Left, Missing, Tokens
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.mtn_momo.errors import GATEWAY, problem, refused
from domain.payments.outcome import NotSent, Unknown
from domain.ports.clock import Clock

TRIES: Final = 2  # a token may have been withdrawn: a new API key ends those of the old one


@dataclass(frozen=True, slots=True)
class Keys:
    """Of one product, in one environment."""

    product: str  # the first part of its paths: "collection"
    base_url: str
    environment: str
    subscription_key: str = field(repr=False)
    api_user: str = field(repr=False)
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoToken:
    """It was never asked, for want of a token."""

    why: Missing


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = 3600


class Product:
    """Calls of one product. What MTN refuses with 401 was not executed, and is asked once more
    with a new token: the X-Reference-Id makes that the same request."""

    def __init__(self, keys: Keys, transport: Transport, clock: Clock) -> None:
        self._keys = keys
        self._transport = transport
        self.tokens = Tokens(clock, self._granted)

    async def call(
        self,
        method: str,
        path: str,
        left: Left,
        body: object = None,
        more: dict[str, str] | None = None,
    ) -> Response | NotSent | Unknown | NoToken:
        """`path` is below the product's own; `more` are headers of this call."""
        answer: Response | NotSent | Unknown | NoToken = NotSent("nothing was tried")
        for _ in range(TRIES):
            token = await self.tokens.get(left)
            if not isinstance(token, str):
                return NoToken(token)
            proof = {"authorization": f"Bearer {token}"}
            request = self._request(method, path, body, {**proof, **(more or {})})
            answer = await ask(self._transport, request, timeout_s=left())
            if not isinstance(answer, Response) or answer.status != 401:
                break
            self.tokens.drop(token)
        return answer

    async def token(self, left: Left) -> Response | NotSent | Unknown:
        """Ask for a new token."""
        proof = {"authorization": basic(self._keys.api_user, self._keys.api_key)}
        request = self._request("POST", "/token/", None, proof)
        return await ask(self._transport, request, timeout_s=left())

    def _request(self, method: str, path: str, body: object, more: dict[str, Any]) -> Request:
        keys = self._keys
        headers = {
            "Ocp-Apim-Subscription-Key": keys.subscription_key,
            "X-Target-Environment": keys.environment,
            **more,
        }
        return json_request(method, f"{keys.base_url}/{keys.product}{path}", body, headers)

    async def _granted(self, left: Left) -> Grant | Missing:
        answer = await self.token(left)
        return granted(answer) if isinstance(answer, Response) else answer


def granted(response: Response) -> Grant | Missing:
    """The token in an answer, or why there is none."""
    if response.status in GATEWAY and problem(response) is not None:
        return refused(response)
    try:
        read = decode(response.body, _Token)
    except Undecodable as error:
        return unusable(response, str(error))
    if response.status != 200 or not _fits_a_header(read.access_token) or read.expires_in <= 0:
        return unusable(response, "no token")
    return Grant(read.access_token, read.expires_in)


def _fits_a_header(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token

"""Calls to Airtel: with a token that lives three minutes, and signed where the version asks for
it."""

from typing import Final, NamedTuple

import msgspec

from adapters.provider_kit.http import ACCEPT, Undecodable, ask, decode, json_request, unusable
from adapters.provider_kit.tokens import Grant, Left, Missing, Tokens
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.airtel_money.config import AirtelMoneyConfig
from adapters.providers.airtel_money.errors import MISMATCH, at_the_door, refused, verdict
from adapters.providers.airtel_money.sealing import public_key, sealed
from domain.payments.outcome import NotSent, Unknown
from domain.ports.clock import Clock

TRIES: Final = 2  # a token may have been withdrawn
TOKEN: Final = "/auth/oauth2/token"  # noqa: S105
ENCRYPTION: Final = "/v1/rsa/encryption-keys"
KEY_LIVES_S: Final = 3600.0  # it says until when it is valid, but not in which time zone
LONGEST_S: Final = 86_400


class NoToken(NamedTuple):
    """It was never asked, for want of a token or of the key to sign with."""

    why: Missing


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: str | int = "180"  # documented as a string


class _Key(msgspec.Struct, frozen=True):
    key: str


class _Keys(msgspec.Struct, frozen=True):
    data: _Key


class Session:
    """One application's calls. What Airtel refuses with 401 was not executed, and is asked once
    more with a new token; the transaction's id makes that the same request."""

    def __init__(self, config: AirtelMoneyConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._tokens = Tokens(clock, self._granted)
        self._keys = Tokens(clock, self._key)

    async def get(self, path: str, left: Left) -> Response | NotSent | Unknown | NoToken:
        return await self._call(Request("GET", self._url(path), self._where()), left)

    async def post(
        self, path: str, body: bytes, left: Left
    ) -> Response | NotSent | Unknown | NoToken:
        """Signed in version 2. A signature that Airtel does not accept was made with an old key,
        so the next one is made with a new one."""
        headers = {**self._where(), "content-type": "application/json"}
        key: str | Missing = ""
        if self._config.api == "v2":
            key = await self._keys.get(left)
            if not isinstance(key, str):
                return NoToken(key)
            headers |= sealed(body, key)
        answer = await self._call(Request("POST", self._url(path), headers, body), left)
        if isinstance(answer, Response) and isinstance(key, str):
            found = verdict(answer)
            if found is not None and MISMATCH in found.codes:
                self._keys.drop(key)
        return answer

    async def token(self, left: Left) -> Response | NotSent | Unknown:
        """Ask for a new token."""
        body = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
            "grant_type": "client_credentials",
        }
        request = json_request("POST", self._url(TOKEN), body)
        return await ask(self._transport, request, timeout_s=left())

    async def _call(self, request: Request, left: Left) -> Response | NotSent | Unknown | NoToken:
        answer: Response | NotSent | Unknown | NoToken = NotSent("nothing was tried")
        for _ in range(TRIES):
            token = await self._tokens.get(left)
            if not isinstance(token, str):
                return NoToken(token)
            headers = {**request.headers, "authorization": f"Bearer {token}"}
            asked = Request(request.method, request.url, headers, request.body)
            answer = await ask(self._transport, asked, timeout_s=left())
            if not isinstance(answer, Response) or answer.status != 401:
                break
            self._tokens.drop(token)
        return answer

    async def _granted(self, left: Left) -> Grant | Missing:
        answer = await self.token(left)
        return granted(answer) if isinstance(answer, Response) else answer

    async def _key(self, left: Left) -> Grant | Missing:
        answer = await self.get(ENCRYPTION, left)
        if isinstance(answer, NoToken):
            return answer.why
        if not isinstance(answer, Response):
            return answer
        if at_the_door(answer):
            return refused(answer)
        try:
            key = decode(answer.body, _Keys).data.key
            public_key(key)
        except (Undecodable, ValueError):
            return unusable(answer, "no key to sign with")
        if answer.status != 200:
            return unusable(answer)
        return Grant(key, KEY_LIVES_S)

    def _url(self, path: str) -> str:
        return f"{self._config.url}{path}"

    def _where(self) -> dict[str, str]:
        market = self._config.market
        return {**ACCEPT, "X-Country": self._config.country, "X-Currency": market.currency}


def granted(response: Response) -> Grant | Missing:
    """The token in an answer, or why there is none."""
    if at_the_door(response):
        return refused(response)
    try:
        read = decode(response.body, _Token)
    except Undecodable as error:
        return unusable(response, str(error))
    lives = str(read.expires_in)
    known = lives.isascii() and lives.isdigit() and 0 < int(lives[:9]) <= LONGEST_S
    token = read.access_token
    fits = bool(token) and token.isascii() and token.isprintable() and " " not in token
    if response.status != 200 or not fits or not known:
        return unusable(response, "no token")
    return Grant(token, int(lives))

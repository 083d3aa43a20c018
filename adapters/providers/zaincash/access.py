"""Access tokens of ZainCash's gateway, by client credentials."""

from typing import Final
from urllib.parse import urlencode

import msgspec

from adapters.provider_kit.guard import unavailable
from adapters.provider_kit.http import ACCEPT, Undecodable, decode, unusable
from adapters.provider_kit.tokens import Grant, Missing
from adapters.provider_kit.transport import Request, Response
from adapters.providers.zaincash.config import ZainCashConfig
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

REFUSALS: Final = {
    "invalid_client": "clientSecret",
    "unauthorized_client": "clientSecret",
    "invalid_scope": "scope",
}  # RFC 6749, 5.2: each by the field that it is about


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = 600


class _Refusal(msgspec.Struct, frozen=True):
    error: str


def request(config: ZainCashConfig) -> Request:
    form = {
        "grant_type": "client_credentials",
        "client_id": config.client_id,
        "client_secret": config.client_secret,
        "scope": config.scope,
    }
    headers = {**ACCEPT, "content-type": "application/x-www-form-urlencoded"}
    return Request("POST", f"{config.url}/oauth2/token", headers, urlencode(form).encode())


def granted(response: Response) -> Grant | Missing:
    """The token in an answer, or why there is none."""
    if word := refusal(response):
        return unavailable(word)
    try:
        read = decode(response.body, _Token)
    except Undecodable as error:
        return unusable(response, str(error))
    token = read.access_token
    fits = bool(token) and token.isascii() and token.isprintable() and " " not in token
    if response.status != 200 or not fits or read.expires_in <= 0:
        return unusable(response, "no token")
    return Grant(token, read.expires_in)


def refusal(response: Response) -> str:
    """OAuth's word for it; "" when it is none of those that we know."""
    if response.status not in (400, 401, 403):
        return ""
    try:
        word = decode(response.body, _Refusal).error
    except Undecodable:
        return ""
    return word if word in REFUSALS else ""


def accepted(answer: Response | NotSent | Unknown) -> None:
    """Raises Invalid naming what ZainCash does not take."""
    if not isinstance(answer, Response):
        raise Invalid(f"ZainCash could not be reached: {answer.reason}", "baseUrl")
    if word := refusal(answer):
        words = f"ZainCash does not accept the clientId with this clientSecret ({word})"
        words = f"ZainCash does not grant it ({word})" if REFUSALS[word] == "scope" else words
        raise Invalid(words, REFUSALS[word])
    if not isinstance(granted(answer), Grant):
        raise Invalid(f"ZainCash answered HTTP {answer.status} and gave no token", "baseUrl")

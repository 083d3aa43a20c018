"""Opening an account: is the key right, and where do callbacks go."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.gcash.config import GcashConfig
from adapters.providers.gcash.errors import Sort, problems, sort_of
from adapters.providers.gcash.resources import Envelope
from adapters.providers.gcash.wire import sent
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

WEBHOOKS: Final = "/webhooks"
EVENTS: Final = ("payment.paid", "payment.failed", "payment.refunded", "payment.refund.updated")
NEEDED: Final = frozenset({"payment.paid", "payment.failed"})


class Call(Protocol):
    """One exchange with the account's key, below its base URL."""

    async def __call__(
        self, method: str, path: str, timeout_s: float, body: object = None
    ) -> Response | NotSent | Unknown: ...


class HookFacts(msgspec.Struct, frozen=True):
    url: str
    status: str = "enabled"
    events: tuple[str, ...] = ()
    secret_key: str | None = None  # told when it is made; later not by every version

    def __repr__(self) -> str:
        return f"HookFacts({self.url})"


class Hook(msgspec.Struct, frozen=True):
    id: str
    attributes: HookFacts


async def probe(call: Call, timeout_s: float) -> None:
    """A list that every account has. Raises Invalid naming the key."""
    _hooks(_taken(await call("GET", WEBHOOKS, timeout_s), "secretKey"))


async def register(
    call: Call, url: str, left: Callable[[], float], config: GcashConfig
) -> Mapping[str, Any]:
    """The secret of our callbacks. An address can be registered once; if it already is, its
    webhook is used again, with the secret that PayMongo shows or this account has. Raises Invalid.
    """
    body = sent({"url": url, "events": EVENTS})
    answer = await call("POST", WEBHOOKS, left(), body)
    if not isinstance(answer, Response) or answer.status != 400:
        return _secret(_taken(answer, "webhookSecret"))
    listed = await call("GET", WEBHOOKS, left())
    hooks = _hooks(_taken(listed, "secretKey"))
    known = next((one for one in hooks if one.attributes.url == url), None)
    if known is None:
        _taken(answer, "webhookSecret")  # refused for another reason: raises with PayMongo's words
        raise Invalid("PayMongo does not register this address", "webhookSecret")
    if not set(known.attributes.events) >= NEEDED:
        words = f"at PayMongo this address lacks events it needs: {', '.join(sorted(NEEDED))}"
        raise Invalid(words, "webhookSecret")
    if known.attributes.status != "enabled":
        path = f"{WEBHOOKS}/{quote(known.id, safe='')}/enable"
        _taken(await call("POST", path, left()), "webhookSecret")
    secret = known.attributes.secret_key or config.webhook_secret
    if not secret:
        words = "this address is registered at PayMongo already; add the secret it got then"
        raise Invalid(words, "webhookSecret")
    return {"webhookSecret": secret}


def _secret(answer: Response) -> Mapping[str, Any]:
    try:
        secret = decode(answer.body, Envelope[Hook]).data.attributes.secret_key
    except Undecodable:
        secret = None
    if not secret:
        raise Invalid("PayMongo's answer holds no secret; is the address right?", "baseUrl")
    return {"webhookSecret": secret}


def _hooks(answer: Response) -> Sequence[Hook]:
    try:
        return decode(answer.body, Envelope[tuple[Hook, ...]]).data
    except Undecodable:
        raise Invalid(
            "PayMongo's answer can't be understood; is baseUrl right?", "baseUrl"
        ) from None


def _taken(answer: Response | NotSent | Unknown, field: str) -> Response:
    """The answer when PayMongo took the call. Raises Invalid in words that hold no key, although
    PayMongo's own repeat it."""
    if not isinstance(answer, Response):
        raise Invalid(f"PayMongo could not be reached: {answer.reason}", "baseUrl")
    if answer.status < 300:
        return answer
    sort, word = sort_of(answer)
    if answer.status == 401 and sort is Sort.ACCOUNT:
        raise Invalid("PayMongo does not know this key", "secretKey")
    if sort is Sort.ACCOUNT:
        raise Invalid(f"PayMongo does not permit it with this key ({word})", "secretKey")
    if answer.status >= 500 or not problems(answer):
        raise Invalid(f"PayMongo is not available (HTTP {answer.status})", "baseUrl")
    raise Invalid(f"PayMongo refuses it ({word or problems(answer)[0].code[:60]})", field)

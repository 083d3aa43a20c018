"""Opening an account: are the keys right, and where do callbacks go."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol
from urllib.parse import quote

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.maya.errors import Sort, problem, sort_of
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

WEBHOOKS: Final = "/checkout/v1/webhooks"
EVENTS: Final = ("PAYMENT_SUCCESS", "PAYMENT_FAILED", "PAYMENT_EXPIRED", "PAYMENT_CANCELLED")


class Call(Protocol):
    """One exchange with the secret key, below the account's base URL."""

    async def __call__(
        self, method: str, path: str, left: Callable[[], float], body: object = None
    ) -> Response | NotSent | Unknown: ...


class Webhook(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str
    callback_url: str = ""


async def registered(call: Call, left: Callable[[], float]) -> Sequence[Webhook]:
    """All webhooks of the account; an empty list is "not found" at Maya. Raises Invalid."""
    answer = await call("GET", WEBHOOKS, left)
    if isinstance(answer, Response) and problem(answer) and sort_of(answer) is Sort.ABSENT:
        return ()
    try:
        return decode(_check("callbackUrl", answer).body, list[Webhook])
    except Undecodable as error:
        raise Invalid(f"Maya's list of webhooks can't be read: {error}", "baseUrl") from None


async def register(call: Call, url: str, left: Callable[[], float]) -> None:
    """Every event to `url`, also when it went elsewhere before; what is right is left alone. An
    event can be registered once, so the list is looked at first. Raises Invalid."""
    known = {one.name: one for one in await registered(call, left)}
    for name in EVENTS:
        wanted = {"name": name, "callbackUrl": url}
        if (one := known.get(name)) is None:
            _stored(await call("POST", WEBHOOKS, left, wanted))
        elif one.callback_url != url:
            path = f"{WEBHOOKS}/{quote(one.id, safe='')}"
            _stored(await call("PUT", path, left, wanted))


def _stored(answer: Response | NotSent | Unknown) -> None:
    """Maya repeats the webhook that it keeps from now on. Raises Invalid."""
    try:
        decode(_check("callbackUrl", answer).body, Webhook)
    except Undecodable as error:
        raise Invalid(f"Maya's answer about a webhook can't be read: {error}", "baseUrl") from None


def accepted(field: str, answer: Response | NotSent | Unknown) -> None:
    """Any answer but a refusal of the key will do: an empty checkout is refused for its content,
    an empty list of webhooks is "not found". Raises Invalid naming the key."""
    if isinstance(answer, Response) and answer.status < 500:
        found = problem(answer)
        if found is None and answer.status < 300 and field == "secretKey":  # the list
            with suppress(Undecodable):
                decode(answer.body, list[Webhook])
                return
        if found is not None and sort_of(answer) in (Sort.REQUEST, Sort.ABSENT):
            return
    _check(field, answer)  # raises for a refusal
    raise Invalid("Maya's answer can't be understood; is the address right?", "baseUrl")


def _check(field: str, answer: Response | NotSent | Unknown) -> Response:
    """The answer when Maya took the call. Raises Invalid with Maya's words."""
    if not isinstance(answer, Response):
        raise Invalid(f"Maya could not be reached: {answer.reason}", "baseUrl")
    found = problem(answer)
    if found is None and answer.status < 300:
        return answer
    if found is None:
        raise Invalid(f"Maya answered HTTP {answer.status} without a reason", "baseUrl")
    sort = sort_of(answer)
    if sort in (Sort.UPSTREAM, Sort.AMBIGUOUS):
        raise Invalid(f"Maya is not available: {found.words}", "baseUrl")
    if sort is Sort.CONFIGURATION and field == "callbackUrl":
        field = "secretKey"
    raise Invalid(f"Maya refuses it: {found.words}", field)

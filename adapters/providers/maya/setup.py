"""Opening an account: are the keys right, and where do callbacks go."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol
from urllib.parse import quote

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.maya.errors import DUPLICATE_WEBHOOK, Sort, problem, sort_of
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


async def register(call: Call, url: str, left: Callable[[], float]) -> None:
    """Every event to `url`, also when it went elsewhere before. Raises Invalid."""
    taken: list[str] = []
    for name in EVENTS:
        answer = await call("POST", WEBHOOKS, left, {"name": name, "callbackUrl": url})
        found = problem(answer) if isinstance(answer, Response) else None
        if found is not None and found.word == DUPLICATE_WEBHOOK:
            taken.append(name)
        else:
            _check("callbackUrl", answer)
    if not taken:
        return
    listed = _check("callbackUrl", await call("GET", WEBHOOKS, left))
    try:
        known = {one.name: one.id for one in decode(listed.body, list[Webhook])}
    except Undecodable as error:
        raise Invalid(f"Maya's list of webhooks can't be read: {error}", "callbackUrl") from None
    for name in taken:
        path = f"{WEBHOOKS}/{quote(known.get(name, name), safe='')}"
        _check("callbackUrl", await call("PUT", path, left, {"name": name, "callbackUrl": url}))


def accepted(field: str, answer: Response | NotSent | Unknown) -> None:
    """Any answer but a refusal of the key will do: an empty checkout is refused for its content,
    an empty list of webhooks is "not found". Raises Invalid naming the key."""
    if isinstance(answer, Response) and answer.status < 500:
        found = problem(answer)
        if found is None and answer.status < 300:
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

"""Opening an account: is the key right, and where do callbacks go."""

from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import quote

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.stripe.config import StripeConfig
from adapters.providers.stripe.errors import problem
from adapters.providers.stripe.resources import PAGE, Hook, Intent, Page, Session
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

HOOKS: Final = "/v1/webhook_endpoints"
TRIED: Final = {
    "/v1/checkout/sessions?limit=1": Page[Session],
    "/v1/payment_intents?limit=1": Page[Intent],
}
"""What is read whatever the account's setting is: it may change while payments are under way."""
EVENTS: Final = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.updated",
    "refund.failed",
)
OF_INTENTS: Final = ("payment_intent.succeeded", "payment_intent.canceled")
"""Only for who has, or had, forms: of each page that is paid Stripe would tell twice."""


class Call(Protocol):
    """One exchange with the account's key, below its base URL."""

    async def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Response | NotSent | Unknown: ...


async def probe(call: Call) -> None:
    """The lists that this account must be able to read. Raises Invalid naming the key, or the
    address when it is not Stripe who answers."""
    for path, type_ in TRIED.items():
        _read(await call("GET", path), type_, "secretKey")


async def register(call: Call, url: str, version: str, config: StripeConfig) -> Mapping[str, Any]:
    """The secret of our callbacks. Stripe tells it once, so an address that is registered already
    is used again when its secret is known, and otherwise replaced. Raises Invalid."""
    listed = _read(await call("GET", f"{HOOKS}?limit={PAGE}"), Page[Hook])
    known = [one for one in listed.data if one.url == url]
    events = EVENTS + OF_INTENTS if config.publishable_key else EVENTS
    if known and config.webhook_secret:
        change = {"enabled_events": events, "disabled": False}
        _read(await call("POST", _path(known[0]), change), Hook)
        return {}
    wanted = {"url": url, "enabled_events": events, "api_version": version}
    made = _read(await call("POST", HOOKS, wanted), Hook)
    if not made.secret:
        raise Invalid("Stripe's answer holds no secret; is the address right?", "baseUrl")
    for old in known:  # nobody knows its secret, and it would tell everything twice
        _taken(await call("DELETE", _path(old)), "webhookSecret")
    return {"webhookSecret": made.secret, "previousWebhookSecret": config.webhook_secret}


def _path(hook: Hook) -> str:
    return f"{HOOKS}/{quote(hook.id, safe='')}"


def _read(answer: Response | NotSent | Unknown, type_: Any, field: str = "webhookSecret") -> Any:
    try:
        return decode(_taken(answer, field).body, type_)
    except Undecodable:
        raise Invalid("Stripe's answer can't be understood; is baseUrl right?", "baseUrl") from None


def _taken(answer: Response | NotSent | Unknown, field: str) -> Response:
    """The answer when Stripe took the call. Raises Invalid in words that hold no key, although
    Stripe's own repeat a part of it."""
    if not isinstance(answer, Response):
        raise Invalid(f"Stripe could not be reached: {answer.reason}", "baseUrl")
    if answer.status < 300:
        return answer
    found = problem(answer)
    if answer.status >= 500 or found is None:
        raise Invalid(f"Stripe is not available (HTTP {answer.status})", "baseUrl")
    if answer.status == 401:
        raise Invalid("Stripe does not know this key", "secretKey")
    if answer.status == 403:
        raise Invalid(f"Stripe does not permit it with this key ({found.word})", "secretKey")
    what = f"{found.word}, {found.param[:40]}" if found.param else found.word
    raise Invalid(f"Stripe refuses it ({what})", field)

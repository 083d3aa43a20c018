"""What stands at Stripe under an attempt: a page or an intent on its own, by its id or among those
of its minutes. Which of them is read off what is there, never off the account's setting, which may
have changed since.

Stripe has no search by our reference that shows at once what was made. Both can be listed by the
time they were made, and each carries our attempt.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from adapters.provider_kit.transport import Response
from adapters.providers.stripe.calls import Calls, Left
from adapters.providers.stripe.resources import Intent, Session, looked_up
from domain.payments.outcome import NotFound, Unknown
from domain.ports.providers import Lookup

Made = Session | Intent  # what a charge makes

SESSIONS: Final = "/v1/checkout/sessions"
INTENTS: Final = "/v1/payment_intents"
EARLY: Final = timedelta(seconds=60)  # by which Stripe's clock may differ from ours
BEGIN: Final = timedelta(seconds=120)  # a charge is begun this soon after opening, or never
LATE: Final = timedelta(seconds=240)  # it is made by then, clocks and deadlines included


async def of_attempt(calls: Calls, lookup: Lookup, left: Left) -> Made | NotFound | Unknown:
    """What the attempt's charge made, with what its last card was told."""
    if (id_ := lookup.provider_reference) is not None:
        return await of_reference(calls, id_, lookup.attempt_id, left)
    made = {
        "gte": int((lookup.opened_at - EARLY).timestamp()),
        "lte": int((lookup.opened_at + LATE).timestamp()),
    }
    pages = await calls.all(
        SESSIONS, {"created": made, "expand": ["data.payment_intent"]}, Session, left
    )
    if isinstance(pages, Unknown):
        return pages
    intents = await calls.all(INTENTS, {"created": made}, Intent, left)
    if isinstance(intents, Unknown):
        return intents
    ours: list[Made] = [one for one in pages if one.attempt_id == lookup.attempt_id]
    ours += [one for one in intents if one.attempt_id == lookup.attempt_id]
    if len(ours) > 1:
        return Unknown(reason="several charges of one attempt", provider_reference=ours[0].id)
    return ours[0] if ours else NotFound("no page or intent of that attempt at Stripe")


async def of_reference(
    calls: Calls, id_: str, attempt_id: str, left: Left
) -> Made | NotFound | Unknown:
    """That page or intent, when it is the attempt's. A page's own intent is not: it is known by its
    page."""
    if not id_.startswith(("cs_", "pi_")):
        return Unknown(reason=f"neither a page nor an intent of Stripe's: {id_[:80]}")
    type_: type[Made] = Intent if id_.startswith("pi_") else Session
    answer = await calls.get(path_of(id_), expanded(id_), left)
    if not isinstance(answer, Response):
        return answer
    found: Made | NotFound | Unknown = looked_up(answer, id_, type_)
    if isinstance(found, Session | Intent) and found.attempt_id != attempt_id:
        return Unknown(reason="it is not this attempt's", provider_reference=id_)
    return found


def path_of(id_: str) -> str:
    """Of a page or an intent."""
    return f"{INTENTS if id_.startswith('pi_') else SESSIONS}/{quote(id_, safe='')}"


def closing(id_: str) -> str:
    """Where it is closed before its time."""
    return f"{path_of(id_)}/{'cancel' if id_.startswith('pi_') else 'expire'}"


def expanded(id_: str) -> Mapping[str, Any]:
    """A page is read with its intent, which says why a card was declined."""
    return {} if id_.startswith("pi_") else {"expand": ["payment_intent"]}

"""The simulated Stripe's intents on their own: made by the merchant's server, confirmed by the form
in the merchant's page, and open until they are paid or canceled."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.providers.stripe.simulated_books import Paying, Refusal, Who, invalid
from adapters.providers.stripe.simulated_forms import many, only, takes, whole_number

TAKEN: Final = """
    amount currency payment_method_types description metadata payment_method confirm return_url
    expand
"""
CARDS: Final = frozenset(("pm_card_visa", "pm_card_mastercard"))
AUTHENTICATED: Final = frozenset(
    ("pm_card_threeDSecure2Required", "pm_card_authenticationRequired")
)
DECLINED: Final = re.compile(r"pm_card_(?:visa_)?chargeDeclined([A-Za-z]*)", re.ASCII)
REASONS: Final = frozenset(("duplicate", "fraudulent", "requested_by_customer", "abandoned"))
WORDS: Final = {"succeeded": "succeeded", "canceled": "canceled"}
CLIENT: Final = """
    id object amount cancellation_reason client_secret created currency description
    last_payment_error livemode next_action payment_method_types status
"""


@dataclass(slots=True, kw_only=True)
class OwnIntent(Paying):
    """Its form stands in the merchant's page, which `url` stands for here."""

    return_url: str | None = None

    @property
    def is_open(self) -> bool:
        return self.status.startswith("requires_")

    @property
    def intent_status(self) -> str:
        return self.status

    @property
    def booked_status(self) -> str:
        return WORDS.get(self.status, "pending")

    def pay(self) -> None:
        self.status, self.paid, self.error = "succeeded", True, None

    def reopen(self) -> None:
        if self.status == "canceled":
            self.status, self.canceled_for = "requires_payment_method", None

    def decline(self) -> None:
        self.status = "requires_payment_method"

    def goes_back(self) -> str | None:
        return self.return_url

    def cancel(self, said: Mapping[str, Any]) -> None:
        """Raises Refusal."""
        reason = said.get("cancellation_reason")
        if reason is not None and reason not in REASONS:
            raise invalid("Invalid cancellation_reason", param="cancellation_reason")
        self.must_be_open("cancel")
        self.status, self.canceled_for = "canceled", reason

    def must_be_open(self, verb: str) -> None:
        """Raises Refusal."""
        if not self.is_open:
            raise invalid(
                f"You cannot {verb} this PaymentIntent because it has a status of {self.status}.",
                early=False,
                code="payment_intent_unexpected_state",
                payment_intent=self.shown_to_browser(),
            )

    def shown_to_browser(self) -> dict[str, Any]:
        """Nothing of the merchant's own."""
        shown = self.intent_shown()
        return {name: shown[name] for name in CLIENT.split()}


def own_intent(
    who: Who, said: Mapping[str, Any], new_id: Callable[[str], str], root: str, now: datetime
) -> OwnIntent:
    """A new one. Raises Refusal."""
    only(said, TAKEN)
    if many(said.get("payment_method_types")) != ["card"]:
        raise invalid("Only card is activated here.", param="payment_method_types")
    units = whole_number(said.get("amount", ""), "amount")
    currency = str(said.get("currency", ""))
    takes(units, currency)
    metadata = dict(said.get("metadata") or {})
    id_ = new_id("pi")
    return OwnIntent(
        id=id_,
        account=who[0],
        live=who[1],
        reference=metadata.get("attempt_id"),
        units=units,
        currency=currency,
        words=str(said.get("description", "")),
        intent_metadata=metadata,
        made_at=now,
        url=f"{root}/form/{id_}",
        status="requires_payment_method",
        intent_id=id_,
        secret=f"{id_}_{new_id('secret')}",
        return_url=said.get("return_url"),
    )


def why_declined(method: str) -> str | None:
    """Stripe's code; None for a card that is charged. Raises Refusal for what is none of its test
    cards."""
    if method in CARDS:
        return None
    if (match := DECLINED.fullmatch(method)) is None:
        raise invalid(f"No such PaymentMethod: '{method[:60]}'", code="resource_missing")
    reason = re.sub(r"(?<!^)(?=[A-Z])", "_", match[1]).lower()
    known = {"": "generic_decline", "velocity_limit_exceeded": "card_velocity_exceeded"}
    return known.get(reason, reason)


def card_error(one: OwnIntent) -> Refusal:
    """What its payer's browser is answered."""
    told = dict(one.error or {})
    words = str(told.pop("message", ""))
    del told["type"]
    return Refusal(
        402, "card_error", words, early=False, **told, payment_intent=one.shown_to_browser()
    )

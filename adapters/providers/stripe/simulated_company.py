"""What happens inside the simulated Stripe: pages and intents are made and closed, cards are
charged, and money goes back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from adapters.provider_kit.simulator import Action, Outgoing, World
from adapters.providers.stripe.simulated_books import Paying, Returned, Who, invalid, missing, unix
from adapters.providers.stripe.simulated_forms import digits, whole_number
from adapters.providers.stripe.simulated_hooks import Hooks
from adapters.providers.stripe.simulated_intents import (
    AUTHENTICATED,
    OwnIntent,
    card_error,
    own_intent,
    why_declined,
)
from adapters.providers.stripe.simulated_pages import Page, page

ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
REASONS: Final = frozenset(("duplicate", "fraudulent", "requested_by_customer"))
VERSION: Final = "2025-07-30.basil"
UNAUTHENTICATED: Final = "payment_intent_authentication_failure"
ALONE: Final = frozenset(("expired_card", "incorrect_cvc", "processing_error", UNAUTHENTICATED))
"""Reasons that are codes of their own, not of "card_declined"."""


class Company:
    """`root` is where its pages are, `send` takes callbacks."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world, self._root = world, world.base_url.rstrip("/")
        self.payings: dict[str, Paying] = {}
        self.hooks = Hooks(self.new_id, send)
        # The last event about each object: a page, its intent, each of its refunds.
        self._told: dict[str, dict[str, dict[str, Any]]] = {}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_" + "".join(self.world.random.choices(ALPHABET, k=24))

    def make_page(self, who: Who, said: Mapping[str, Any]) -> Page:
        """Raises Refusal."""
        one = page(who, said, self.new_id, self._root, self.now)
        self.payings[one.id] = one
        return one

    def make_intent(self, who: Who, said: Mapping[str, Any]) -> OwnIntent:
        """Raises Refusal, also when it is to be confirmed at once and the card is declined."""
        one = own_intent(who, said, self.new_id, self._root, self.now)
        self.payings[one.id] = one
        self.tell(one, "payment_intent.created", one.intent_shown())
        if str(said.get("confirm")).lower() == "true":
            self.confirm(one, said)
        return one

    def page_of(self, who: Who, id_: str) -> Page:
        """Raises Refusal."""
        self.settle()
        one = self.payings.get(id_)
        if not isinstance(one, Page) or (one.account, one.live) != who:
            raise missing("checkout.session", id_)
        return one

    def of_intent(self, who: Who, intent_id: str) -> Paying:
        """Raises Refusal."""
        self.settle()
        for one in self.of(who):
            if one.intent_id == intent_id:
                return one
        raise missing("payment_intent", intent_id)

    def of(self, who: Who) -> list[Paying]:
        """Newest first, as Stripe lists."""
        self.settle()
        rows = [one for one in self.payings.values() if (one.account, one.live) == who]
        return rows[::-1]

    def confirm(self, one: OwnIntent, said: Mapping[str, Any]) -> None:
        """The payer's form sends the card. Raises Refusal, also when it is declined."""
        one.must_be_open("confirm")
        method = str(said.get("payment_method", ""))
        one.return_url = said.get("return_url", one.return_url)
        if method in AUTHENTICATED:
            one.status = "requires_action"
            self.tell(one, "payment_intent.requires_action", one.intent_shown())
            return
        if (reason := why_declined(method)) is None:
            self.act(one, Action.APPROVE)
            return
        self.decline(one, reason)
        raise card_error(one)

    def cancel(self, one: OwnIntent, said: Mapping[str, Any]) -> None:
        """Raises Refusal."""
        one.cancel(said)
        self.tell(one, "payment_intent.canceled", one.intent_shown())

    def act(self, one: Paying, action: Action) -> None:
        """A declined card leaves it open: another may be tried."""
        self.settle()
        if not one.is_open or action is Action.IGNORE:
            return
        if action is Action.DECLINE:
            asked = one.status == "requires_action"
            self.decline(one, UNAUTHENTICATED if asked else "generic_decline")
            return
        self._try(one)
        one.charge_id = self.new_id("ch")
        one.pay()
        self.tell(one, "payment_intent.succeeded", one.intent_shown())
        if isinstance(one, Page):
            self.tell(one, "checkout.session.completed", one.shown())

    def decline(self, one: Paying, code: str) -> None:
        """The payer's card is declined."""
        self._try(one)
        told = {"code": code} if code in ALONE else {"code": "card_declined", "decline_code": code}
        one.error = {"type": "card_error", "message": "Your card was declined.", **told}
        one.decline()
        self.tell(one, "payment_intent.payment_failed", one.intent_shown())

    def close(self, one: Page) -> None:
        """Raises Refusal."""
        if not one.is_open:
            words = f"Only Checkout Sessions with a status in ['open'] can be expired; {one.status}"
            raise invalid(words, early=False)
        one.status = "expired"
        self.tell(one, "checkout.session.expired", one.shown())

    def give_back(self, one: Paying, said: Mapping[str, Any]) -> Returned:
        """All that is left where no sum is said. Raises Refusal."""
        left = one.units - one.back(self.now)
        units = whole_number(said["amount"], "amount") if "amount" in said else left
        reason = said.get("reason")
        if reason is not None and reason not in REASONS:
            raise invalid("Invalid reason", param="reason")
        digits(units, one.currency)
        if not one.paid:
            words = f"This PaymentIntent ({one.intent_id}) does not have a successful charge."
            raise invalid(words, early=False, code="payment_intent_unexpected_state")
        if left == 0:
            words = f"Charge {one.charge_id} has already been refunded."
            raise invalid(words, early=False, code="charge_already_refunded")
        if not 0 < units <= left:
            words = f"Refund amount ({units}) is greater than unrefunded amount on charge ({left})"
            raise invalid(words, early=False, param="amount")
        metadata = dict(said.get("metadata") or {})
        given = Returned(
            id=self.new_id("re"), units=units, reason=reason, metadata=metadata, at=self.now
        )
        one.returned.append(given)
        self.tell(one, "refund.created", one.refund(given, self.now))
        given.told = given.status(self.now)
        if given.told == "succeeded":
            self.tell(one, "refund.updated", one.refund(given, self.now))
        return given

    def settle(self) -> None:
        """Pages close and refunds move by the clock, whenever anybody looks."""
        now = self.now
        for one in self.payings.values():
            if isinstance(one, Page) and one.is_open and now >= one.ends_at:
                self.close(one)
            for given in one.returned:
                if (status := given.status(now)) != given.told:
                    given.told = status
                    name = "refund.failed" if status == "failed" else "refund.updated"
                    self.tell(one, name, one.refund(given, now))

    def tell(self, one: Paying, name: str, told: Mapping[str, Any]) -> None:
        """An event, to whoever wants it."""
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": VERSION,
            "created": unix(self.now),
            "data": {"object": told},
            "livemode": one.live,
            "type": name,
        }
        self._told.setdefault(one.id, {})[told["id"]] = event
        self._send(one, event)

    def tell_again(self, one: Paying) -> None:
        """How it stands, and each of its refunds, once more and newly signed."""
        for event in self._told.get(one.id, {}).values():
            self._send(one, event)

    def _send(self, one: Paying, event: Mapping[str, Any]) -> None:
        self.hooks.tell((one.account, one.live), event, one.reference or one.id, self.now)

    def _try(self, one: Paying) -> None:
        if one.intent_id is None:
            one.intent_id, one.intent_at = self.new_id("pi"), self.now
            one.secret = f"{one.intent_id}_{self.new_id('secret')}"

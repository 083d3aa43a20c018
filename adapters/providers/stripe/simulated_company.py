"""What happens inside the simulated Stripe: pages are made and closed, cards are charged."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import Action, Outgoing, World
from adapters.providers.stripe.simulated_books import (
    Paying,
    Returned,
    invalid,
    missing,
    unix,
)
from adapters.providers.stripe.simulated_forms import digits, email, priced, whole_number
from adapters.providers.stripe.simulated_hooks import Hooks

SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
TAKEN: Final = """
    mode client_reference_id success_url cancel_url expires_at payment_method_types
    adaptive_pricing customer_email line_items metadata payment_intent_data expand
"""
REASONS: Final = frozenset(("duplicate", "fraudulent", "requested_by_customer"))
VERSION: Final = "2025-07-30.basil"
Who = tuple[str, bool]


class Company:
    """`root` is where its pages are, `send` takes callbacks."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world, self._root = world, world.base_url.rstrip("/")
        self.pages: dict[str, Paying] = {}
        self.hooks = Hooks(self.new_id, send)
        # The last event about each object of a page: itself, its intent, each of its refunds.
        self._told: dict[str, dict[str, dict[str, Any]]] = {}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_" + "".join(self.world.random.choices(ALPHABET, k=24))

    def make(self, who: Who, said: Mapping[str, Any]) -> Paying:
        """Raises Refusal."""
        if unknown := set(said) - set(TAKEN.split()):
            name = min(unknown)
            raise invalid(f"Received unknown parameter: {name}", code="parameter_unknown")
        if said.get("mode") != "payment" or not str(said.get("success_url", "")).startswith("http"):
            raise invalid("Missing or invalid mode or success_url.", param="mode")
        units, currency, words = priced(said)
        id_ = self.new_id(f"cs_{'live' if who[1] else 'test'}")
        one = Paying(
            id=id_,
            account=who[0],
            live=who[1],
            reference=said.get("client_reference_id"),
            units=units,
            currency=currency,
            words=words,
            metadata=dict(said.get("metadata") or {}),
            intent_metadata=dict((said.get("payment_intent_data") or {}).get("metadata") or {}),
            email=email(said),
            success_url=str(said["success_url"]),
            cancel_url=said.get("cancel_url"),
            made_at=self.now,
            ends_at=self._ends(said),
            url=f"{self._root}/c/pay/{id_}",
        )
        self.pages[id_] = one
        return one

    def get(self, who: Who, id_: str) -> Paying:
        """Raises Refusal."""
        self.settle()
        one = self.pages.get(id_)
        if one is None or (one.account, one.live) != who:
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
        rows = [one for one in self.pages.values() if (one.account, one.live) == who]
        return rows[::-1]

    def act(self, one: Paying, action: Action) -> None:
        """A declined card leaves the page open: another may be tried."""
        self.settle()
        if not one.is_open or action is Action.IGNORE:
            return
        if action is Action.DECLINE:
            self.decline(one, "generic_decline")
            return
        self._try(one)
        one.status, one.paid, one.charge_id = "complete", True, self.new_id("ch")
        one.error = None
        self.tell(one, "payment_intent.succeeded", one.intent())
        self.tell(one, "checkout.session.completed", one.shown())

    def decline(self, one: Paying, code: str) -> None:
        """The payer's card is declined."""
        self._try(one)
        words = "Your card was declined."
        known = code in ("expired_card", "incorrect_cvc", "processing_error")
        told = {"code": code} if known else {"code": "card_declined", "decline_code": code}
        one.error = {"type": "card_error", "message": words, **told}
        self.tell(one, "payment_intent.payment_failed", one.intent())

    def close(self, one: Paying) -> None:
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
        for one in self.pages.values():
            if one.is_open and now >= one.ends_at:
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
        one.intent_id = one.intent_id or self.new_id("pi")

    def _ends(self, said: Mapping[str, Any]) -> datetime:
        if "expires_at" not in said:
            return self.now + LONGEST
        at = datetime.fromtimestamp(whole_number(said["expires_at"], "expires_at"), UTC)
        if not SHORTEST <= at - self.now.replace(microsecond=0) <= LONGEST:
            words = "The `expires_at` timestamp must be 30 minutes to 24 hours from creation."
            raise invalid(words, param="expires_at")
        return at

"""What happens inside the simulated PayMongo: payers act, money moves and comes back."""

import string
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.gcash.simulated_books import (
    FRESH,
    LIFETIME,
    PAID,
    WAITING,
    Account,
    Intent,
    Payment,
    Refund,
    Refusal,
)
from adapters.providers.gcash.simulated_events import Hooks
from adapters.providers.gcash.simulated_forms import intent_form, refund_form

ALPHABET: Final = string.ascii_letters + string.digits
REFUNDABLE: Final = timedelta(days=180)
SLOW_CENTAVOS: Final = 2  # a refund of xx.02 pesos
SLOW_FOR: Final = timedelta(minutes=1)
CEILING: Final = 100_000_00  # GCash's own
REFUSED: Final = ("CLOSED", "The payment was not authorized.")
EXPIRED: Final = ("CLOSED", "The checkout has expired.")
TOO_LARGE: Final = ("AMOUNT_EXCEED_LIMIT", "Transaction amount exceeds limit.")
MAGIC_FAILURES: Final = {"5555": ("SYSTEM_ERROR", "System Error on GCash's end.")}


class Company:
    """`payout_low`: the upcoming payout is too small to refund from, until it is set back."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world = world
        self.intents: dict[str, Intent] = {}
        self.charges: list[Intent] = []  # that something was attached to, oldest first
        self.under: dict[str, list[Intent]] = {}  # charges, by the merchant's reference or their id
        self.pages: dict[str, Intent] = {}  # by what the page's address holds
        self.payments: dict[str, Payment] = {}
        self.hooks = Hooks(self.new_id, send)
        self.payout_low = False
        self._methods: dict[str, tuple[Account, Mapping[str, Any]]] = {}
        self._to_expire: deque[tuple[datetime, Intent]] = deque()  # all live equally long
        self._pending: list[tuple[Payment, Refund]] = []

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def new_id(self, kind: str) -> str:
        return f"{kind}_{''.join(self.world.random.choices(ALPHABET, k=24))}"

    def open_intent(self, account: Account, facts: Mapping[str, Any]) -> Intent:
        """A new one each time: there are no keys. Raises Refusal."""
        minor, description, metadata = intent_form(facts)
        now, id_ = self.now, self.new_id("pi")
        one = Intent(
            id=id_,
            account=account,
            minor=minor,
            description=description,
            metadata=metadata,
            client_key=f"{id_}_{self.new_id('client')}",
            created_at=now,
            updated_at=now,
        )
        self.intents[one.id] = one
        return one

    def add_method(self, account: Account, facts: Mapping[str, Any]) -> str:
        """Its id. Raises Refusal."""
        if facts.get("type") != "gcash":
            raise Refusal("parameter_invalid", "type is invalid.", "type")
        if not isinstance(facts.get("billing") or {}, Mapping):
            raise Refusal("parameter_data_type_invalid", "billing must be an object.", "billing")
        id_ = self.new_id("pm")
        self._methods[id_] = (account, facts)
        return id_

    def attach(self, one: Intent, facts: Mapping[str, Any]) -> None:
        """From now on the payer can pay. Raises Refusal."""
        method_id, return_url = facts.get("payment_method"), facts.get("return_url")
        account, method = self._methods.get(str(method_id), (None, {}))
        if account != one.account:
            words = f"No such payment method with id {method_id}."
            raise Refusal("resource_not_found", words, status=404)
        if not isinstance(return_url, str) or not return_url.startswith(("https://", "http://")):
            raise Refusal("parameter_required", "return_url is required.", "return_url")
        if one.status == PAID:
            raise Refusal("resource_succeeded_state", "The payment intent has succeeded already.")
        if one.status != FRESH:
            raise Refusal("resource_processing_state", "The payment intent awaits its payer.")
        if not one.source_id:
            self.charges.append(one)
            for name in {one.reference, one.id}:
                self.under.setdefault(name, []).append(one)
        one.billing, one.return_url = method.get("billing"), return_url
        one.source_id, one.updated_at = self.new_id("src"), self.now
        one.status, one.failed, one.expires_at = WAITING, None, self.now + LIFETIME
        self.pages[one.source_id] = one
        self._to_expire.append((one.expires_at, one))
        if one.minor > CEILING:
            self._fail(one, TOO_LARGE)

    def magic(self, one: Intent) -> None:
        """Payers whose phone ends so act by themselves, at once."""
        digits = str((one.billing or {}).get("phone") or "")[-4:]
        if digits in MAGIC_FAILURES and one.is_open:
            self._fail(one, MAGIC_FAILURES[digits])
        elif digits in MAGIC:
            self.act(one, MAGIC[digits])

    def act(self, one: Intent, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        if not one.is_open:
            return
        if action is Action.APPROVE:
            one.status, one.updated_at = PAID, self.now
            self._tell("payment.paid", self._tried(one))
        elif action is Action.DECLINE:
            self._fail(one, REFUSED)

    def tell(self, one: Intent) -> None:
        """How it stands: what became of the last try."""
        if one.payments:
            last = one.payments[-1]
            self._tell("payment.paid" if last.failed is None else "payment.failed", last)

    def settle(self) -> None:
        """What the clock does, whenever anybody looks."""
        now = self.now
        while self._to_expire and now >= self._to_expire[0][0]:
            at, one = self._to_expire.popleft()
            if one.is_open and one.expires_at == at:
                self._fail(one, EXPIRED)
        for payment, refund in list(self._pending):
            if refund.settles_at is not None and now >= refund.settles_at:
                self._pending.remove((payment, refund))
                refund.updated_at, refund.settles_at = refund.settles_at, None
                self._given(payment, refund)

    def refund(self, payment: Payment, facts: Mapping[str, Any], *, strict: bool) -> Refund:
        """Give back. Raises Refusal with the codes of "Refund errors"."""
        minor, reason, notes = refund_form(facts, least=100 if strict else 1)
        if payment.failed is not None:
            raise Refusal("resource_failed_state", "Only payment in paid state can be refunded.")
        if any(one.settles_at is not None for one in payment.refunds):
            words = "A previous refund request for this payment is still pending."
            raise Refusal("resource_pending_state", words)
        if self.now > payment.at + REFUNDABLE:
            words = "Not allowed to refund a gcash payment after 180 days."
            raise Refusal("allowed_date_exceeded", words)
        if minor > payment.left:
            words = "Amount is greater than the remaining refundable value."
            raise Refusal("parameter_above_maximum", words, "amount")
        if self.payout_low:
            words = "Refund amount is greater than the available payout amount."
            raise Refusal("available_balance_insufficient", words)
        now = self.now
        one = Refund(
            id=self.new_id("ref"),
            payment_id=payment.id,
            minor=minor,
            reason=reason,
            notes=notes,
            at=now,
            updated_at=now,
        )
        payment.refunds.append(one)
        if minor % 100 == SLOW_CENTAVOS:
            one.status, one.settles_at = "pending", now + SLOW_FOR
            self._pending.append((payment, one))
        else:
            self._given(payment, one)
        return one

    def _given(self, payment: Payment, one: Refund) -> None:
        one.status = "succeeded"
        self._tell("payment.refunded", payment)
        told, about = one.shown(payment.account[1]), payment.intent.reference
        self.hooks.tell(payment.account, "payment.refund.updated", told, about, self.now)

    def _fail(self, one: Intent, failed: tuple[str, str]) -> None:
        one.status, one.failed, one.updated_at = FRESH, failed, self.now
        self._tell("payment.failed", self._tried(one, failed))

    def _tried(self, one: Intent, failed: tuple[str, str] | None = None) -> Payment:
        payment = Payment(
            id=self.new_id("pay"),
            account=one.account,
            intent=one,
            minor=one.minor,
            at=self.now,
            failed=failed,
        )
        one.payments.append(payment)
        self.payments[payment.id] = payment
        return payment

    def _tell(self, name: str, payment: Payment) -> None:
        about = payment.intent.reference
        self.hooks.tell(payment.account, name, payment.shown(), about, self.now)

"""What happens inside the simulated Maya: payers act, money moves and comes back."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.maya.simulated_books import Checkout, Given, centavos
from adapters.providers.maya.simulated_callbacks import CHECKOUT_EVENTS, Registry, signed

STATUS: Final = {Action.APPROVE: "PAYMENT_SUCCESS", Action.DECLINE: "PAYMENT_FAILED"}
AUTHENTICATION_FAILS: Final = "4444"  # the phone's last digits
SLOW_CENTAVOS: Final = 2  # a refund of xx.02 pesos


class Refusal(Exception):
    """The company's own error."""

    def __init__(
        self, code: str, message: str, status: int = 400, fields: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(code)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "message": message}
        if fields:
            rows = [{"field": field, "description": words} for field, words in fields]
            self.body["parameters"] = rows


class Company:
    """`strict` says whether a merchant must wait for midnight in Manila to refund."""

    def __init__(
        self, world: World, outgoing: Callable[[Outgoing], None], strict: Callable[[str], bool]
    ) -> None:
        self.world = world
        self.checkouts: dict[str, Checkout] = {}
        self._by_reference: dict[str, list[Checkout]] = {}
        self._to_expire: deque[Checkout] = deque()  # all live equally long: oldest first
        self.webhooks = Registry()
        self.strict = strict
        self._send = outgoing

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def new_id(self) -> str:
        return str(UUID(int=self.world.random.getrandbits(128), version=4))

    def under(self, reference: str) -> Sequence[Checkout]:
        """All checkouts of a reference, of every merchant, oldest first."""
        return self._by_reference.get(reference, ())

    def open(self, merchant: str, body: Mapping[str, Any]) -> Checkout:
        """A new checkout, also for a reference that was used before."""
        minor, reference = _checked(body)
        items = body.get("items") or [{}]
        contact = (body.get("buyer") or {}).get("contact") or {}
        now = self.now
        one = Checkout(
            id=self.new_id(),
            merchant=merchant,
            reference=reference,
            minor=minor,
            currency="PHP",
            description=str(items[0].get("name", "")),
            phone=_text(contact.get("phone")),
            email=_text(contact.get("email")),
            redirects={key: str(url) for key, url in (body.get("redirectUrl") or {}).items()},
            metadata=dict(body.get("metadata") or {}),
            created_at=now,
            updated_at=now,
        )
        self.checkouts[one.id] = one
        self._by_reference.setdefault(one.reference, []).append(one)
        self._to_expire.append(one)
        digits = (one.phone or "")[-4:]
        if digits == AUTHENTICATION_FAILS:
            self.fail_authentication(one)
        elif (action := MAGIC.get(digits)) is not None:
            self.act(one, action)
        return one

    def act(self, one: Checkout, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.expire()
        if one.is_open and (status := STATUS.get(action)) is not None:
            self._move(one, status)

    def fail_authentication(self, one: Checkout) -> None:
        """The payer mistypes the code, and may try again in the same checkout."""
        if one.is_open:
            self._move(one, "AUTH_FAILED")

    def cancel(self, one: Checkout) -> None:
        if not one.is_open:
            raise Refusal("PY0044", "Payment is invalid.")
        self._move(one, "PAYMENT_CANCELLED")

    def expire(self) -> None:
        """Settle by the clock, whenever anybody looks."""
        now = self.now
        while self._to_expire and now >= self._to_expire[0].expires_at:
            one = self._to_expire.popleft()
            if one.is_open:
                self._move(one, "PAYMENT_EXPIRED")

    def void(self, one: Checkout) -> dict[str, Any]:
        if not one.can_void(self.now):
            if one.status == "PAYMENT_SUCCESS" and not one.given:
                raise Refusal("PY0073", "Cannot void a transaction after cut off time.")
            raise Refusal("PY0045", "Payment is not available for void.")
        one.status, one.updated_at = "VOIDED", self.now
        return {"status": "SUCCESS", "voidTransactionReferenceNo": self.new_id()}

    def refund(self, one: Checkout, minor: int, reason: str) -> Given:
        now = self.now
        if one.paid_at is None or one.status == "VOIDED":
            raise Refusal("PY0047", "Payment is ineligible for refund.", 401)
        if minor > one.left:
            raise Refusal("PY0048", "Requested refund amount is greater than the original amount.")
        if not one.can_refund(now, strict=False):
            raise Refusal("PY0047", "Payment is ineligible for refund.", 401)
        if not one.can_refund(now, strict=self.strict(one.merchant)):
            raise Refusal("PY0072", "Cannot refund a transaction before cut off time.")
        slow = minor % 100 == SLOW_CENTAVOS
        given = Given(self.new_id(), minor, reason, now, slow)
        one.given.append(given)
        one.updated_at = now
        if not one.left:
            one.status = "REFUNDED"
        return given

    def payment(self, one: Checkout) -> dict[str, Any]:
        return one.as_payment(self.now, strict=self.strict(one.merchant))

    def _move(self, one: Checkout, status: str) -> None:
        one.status, one.updated_at = status, self.now
        if status == "PAYMENT_SUCCESS":
            one.paid_at = self.now
        self.tell(one)

    def tell(self, one: Checkout) -> None:
        """How it stands."""
        self._tell(one, one.status, self.payment(one))
        if one.status in CHECKOUT_EVENTS:
            self._tell(one, CHECKOUT_EVENTS[one.status], one.as_checkout(self.now))

    def _tell(self, one: Checkout, event: str, body: Mapping[str, Any]) -> None:
        url = self.webhooks.url(one.merchant, event)
        if url is not None:
            self._send(signed(url, body, one.reference, self.now, self.world.random))


def _checked(body: Mapping[str, Any]) -> tuple[int, str]:
    """Amount in centavos and the reference. Raises Refusal listing what is wrong."""
    wrong: list[tuple[str, str]] = []
    total = body.get("totalAmount")
    total = total if isinstance(total, Mapping) else {}
    minor = centavos(total.get("value"))
    if minor is None:
        wrong.append(("totalAmount.value", "value must be a number"))
    if not isinstance(total.get("currency"), str):
        wrong.append(("totalAmount.currency", "A valid currency is required."))
    reference = body.get("requestReferenceNumber")
    if not isinstance(reference, str) or not 1 <= len(reference) <= 36:
        wrong.append(("requestReferenceNumber", "must be 1 to 36 characters"))
    shapes = (("buyer", dict), ("items", list), ("redirectUrl", dict), ("metadata", dict))
    wrong += [(name, "is malformed") for name, type_ in shapes if not _fits(body, name, type_)]
    if wrong or minor is None or not isinstance(reference, str):
        raise Refusal("2553", "Missing/invalid parameters.", fields=wrong)
    if total.get("currency") != "PHP":
        raise Refusal("PY0037", "Currency is not supported.")
    return minor, reference


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _fits(body: Mapping[str, Any], name: str, type_: type) -> bool:
    value = body.get(name)
    if name == "items" and isinstance(value, list):
        return all(isinstance(one, dict) for one in value)
    if name == "buyer" and isinstance(value, dict):
        return isinstance(value.get("contact") or {}, dict)
    return value is None or isinstance(value, type_)

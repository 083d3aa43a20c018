"""What happens inside the simulated OCTO: payers act, holds are captured, money comes back."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.octo.simulated_books import (
    CURRENCIES,
    SOM_OF_A_DOLLAR,
    WRONG_CODES,
    Given,
    Paying,
    local,
    minor_of,
    written,
)

MOST_SOM: Final = 10_000_000
MISTYPES: Final = "4444"  # the phone's last digits: one wrong code, then the payer waits
READS_APART: Final = timedelta(seconds=1)
TTL: Final = 15  # minutes, when none is said


class Refusal(Exception):
    """OCTO's own error: HTTP 200 with a number."""

    def __init__(self, error: int, words: str) -> None:
        super().__init__(words)
        self.error, self.words = error, words


class Company:
    """`recipe` and `prefix` say how callbacks are signed; `unique_key` is the third secret."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world, self._send = world, send
        self.payments: dict[str, Paying] = {}  # by uuid
        self.recipe, self.prefix, self.unique_key = "nested", "", "unique-key-sim-demo"
        self._ours: dict[tuple[int, str], Paying] = {}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def prepare(self, shop: int, body: Mapping[str, Any]) -> Paying:
        """A new payment, or the one that there is of this id, unchanged. Raises Refusal."""
        known = self._ours.get((shop, _reference(body)))
        if known is not None:
            return known
        minor, user = _checked(body), body.get("user_data") or {}
        now = self.now
        one = Paying(
            uuid=str(UUID(int=self.world.random.getrandbits(128), version=4)),
            shop=shop,
            reference=_reference(body),
            minor=minor,
            currency=str(body["currency"]),
            description=str(body.get("description", "")),
            phone=_text(user.get("phone")),
            email=_text(user.get("email")),
            auto_capture=bool(body.get("auto_capture", True)),
            return_url=_text(body.get("return_url")),
            notify_url=_text(body.get("notify_url")),
            made_at=now,
            ends_at=now + timedelta(minutes=int(body.get("ttl", TTL))),
        )
        self.payments[one.uuid] = self._ours[(shop, one.reference)] = one
        digits = (one.phone or "")[-4:]
        if digits == MISTYPES:
            self.mistype(one)
        elif (action := MAGIC.get(digits)) is not None:
            self.act(one, action)
        return one

    def look(self, shop: int, body: Mapping[str, Any]) -> Paying:
        """A status query: once a second. Raises Refusal."""
        one = self._ours.get((shop, _reference(body)))
        if one is None:
            raise Refusal(1, "Wrong params: total_sum")
        self.settle()
        if one.read_at is not None and self.now < one.read_at + READS_APART:
            raise Refusal(11, "Requests too often. Minimum delay is 1 second")
        one.read_at = self.now
        return one

    def named(self, shop: int, body: Mapping[str, Any]) -> Paying:
        """By OCTO's own id. Raises Refusal."""
        one = self.payments.get(str(body.get("octo_payment_UUID")))
        if one is None or one.shop != shop:
            raise Refusal(4, "Payment not found")
        self.settle()
        return one

    def act(self, one: Paying, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.settle()
        if not one.is_open or action is Action.IGNORE:
            return
        if action is Action.DECLINE:
            one.status = "canceled"
        elif one.auto_capture:
            self._pay(one, one.minor)
        else:
            one.status = "waiting_for_capture"
        self.tell(one)

    def mistype(self, one: Paying) -> None:
        """A wrong code: the third one ends it."""
        if one.is_open:
            one.wrong_codes += 1
            one.status = "canceled" if one.wrong_codes >= WRONG_CODES else "wait_user_action"
            if one.status == "canceled":
                self.tell(one)

    def accept(self, one: Paying, body: Mapping[str, Any]) -> None:
        """Capture or cancel a hold. Raises Refusal."""
        if one.status != "waiting_for_capture":
            raise Refusal(5, "Payment is not waiting for capture")
        if body.get("accept_status") == "cancel":
            one.status = "canceled"
        elif body.get("accept_status") == "capture":
            minor = minor_of(body.get("final_amount"))
            if minor is None or minor > one.minor:
                raise Refusal(1, "Wrong params: final_amount")
            self._pay(one, minor)
        else:
            raise Refusal(1, "Wrong params: accept_status")
        self.tell(one)

    def give_back(self, one: Paying, minor: int | None, key: object) -> Given:
        """Once for each shop_refund_id. Raises Refusal."""
        if not isinstance(key, str) or not key or minor is None:
            raise Refusal(1, "Wrong params")
        if key in one.given:
            return one.given[key]
        if one.status != "succeeded":
            raise Refusal(6, "Payment is not succeeded")
        rate = SOM_OF_A_DOLLAR[one.currency]
        rest = one.left - minor
        dollar, most = 100 * rate, 100 * MOST_SOM * rate // SOM_OF_A_DOLLAR["UZS"]
        if minor < dollar or minor > most or rest < 0 or 0 < rest <= dollar:
            raise Refusal(22, "Invalid refund amount")
        number = str(UUID(int=self.world.random.getrandbits(128), version=4))
        one.given[key] = Given(number, key, minor, self.now, minor % 100 == 2)
        return one.given[key]

    def settle(self) -> None:
        """Pages end by the clock, whenever anybody looks."""
        now = self.now
        for one in self.payments.values():
            if one.is_open and now >= one.ends_at:
                one.status = "canceled"
                self.tell(one)

    def tell(self, one: Paying) -> None:
        """How it stands, to the address of the payment."""
        if one.notify_url is None:
            return
        key = str(UUID(int=self.world.random.getrandbits(128), version=4))
        body = {
            "shop_transaction_id": one.reference,
            "octo_payment_UUID": one.uuid,
            "status": one.status,
            "signature": self._signature(one, key),
            "hash_key": key,
            "total_sum": written(one.took),
            "transfer_sum": written(one.took * 97 // 100),
            "refunded_sum": written(one.refunded(self.now)),
            "card_country": "UZ",
            "maskedPan": "860012****1234",
            "riskLevel": 0,
            "payed_time": None if one.paid_at is None else local(one.paid_at),
        }
        headers = {"content-type": "application/json"}
        encoded = msgspec.json.encode(body)
        self._send(
            Outgoing(
                url=one.notify_url,
                headers=headers,
                body=encoded,
                due_at=self.now,
                about=one.reference,
            )
        )

    def _signature(self, one: Paying, key: str) -> str:
        tail = one.uuid + one.status
        if self.recipe == "unique_key":
            return _hex(self.unique_key + tail).upper()
        inner = _hex(self.prefix + secret_of(one.shop) + key)
        return _hex((inner if self.recipe == "nested_lower" else inner.upper()) + tail).upper()

    def _pay(self, one: Paying, minor: int) -> None:
        one.status, one.captured_minor, one.paid_at = "succeeded", minor, self.now


def secret_of(shop: int) -> str:
    return f"octo-secret-sim-{shop}"


def _hex(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _reference(body: Mapping[str, Any]) -> str:
    reference = body.get("shop_transaction_id")
    if not isinstance(reference, str) or not 1 <= len(reference) <= 64:
        raise Refusal(1, "Wrong params: shop_transaction_id")
    return reference


def _checked(body: Mapping[str, Any]) -> int:
    """The sum in minor units. Raises Refusal."""
    if (minor := minor_of(body.get("total_sum"))) is None:
        raise Refusal(1, "Wrong params: total_sum")
    if body.get("currency") not in CURRENCIES:
        raise Refusal(1, "Wrong params: currency")
    if not isinstance(body.get("init_time"), str) or not isinstance(body.get("ttl", TTL), int):
        raise Refusal(1, "Wrong params")
    if not isinstance(body.get("user_data", {}), dict):
        raise Refusal(1, "Wrong params: user_data")
    return minor


def _text(value: object) -> str | None:
    return None if value is None else str(value)

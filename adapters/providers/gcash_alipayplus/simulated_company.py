"""What happens inside the simulated Alipay+: payments, payers, refunds, notifications."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.gcash_alipayplus import simulated_gate as gate
from adapters.providers.gcash_alipayplus.simulated_books import (
    IN_PROCESS_FOR,
    Given,
    Payment,
    opened,
    pesos,
    text,
)
from adapters.providers.gcash_alipayplus.simulated_gate import Refusal, result

ENDS: Final = {
    Action.APPROVE: ("SUCCESS", "SUCCESS"),
    Action.DECLINE: ("FAIL", "USER_PAYMENT_VERIFICATION_FAILED"),
}


class Company:
    """Ids of requests are a client's own: the same id, the same payment or refund."""

    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world, self._send = world, send
        self.payments: dict[str, Payment] = {}
        self._requests: dict[tuple[str, str], Payment] = {}
        self._refunds: dict[tuple[str, str], tuple[Mapping[str, Any], Payment, Given | str]] = {}

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def pay(self, client: str, body: Mapping[str, Any]) -> Payment:
        """Raises Refusal, also for an id that was used for something else."""
        known = self._requests.get((client, text(body, "paymentRequestId")))
        if known is not None:
            if known.asked != body:
                raise Refusal("REPEAT_REQ_INCONSISTENT")
            return known
        one = opened(self._new_id(), client, body, self.now)
        self.payments[one.id] = self._requests[(client, one.request_id)] = one
        if (action := MAGIC.get((one.phone or "")[-4:])) is not None:
            self.act(one, action)
        return one

    def of(self, client: str, body: Mapping[str, Any]) -> Payment:
        """The payment that a query means: paymentId takes precedence. Raises Refusal."""
        self.pass_()
        if "paymentId" in body:
            one = self.payments.get(str(body["paymentId"]))
        else:
            one = self._requests.get((client, text(body, "paymentRequestId")))
        if one is None or one.client != client:
            raise Refusal("ORDER_NOT_EXIST")
        return one

    def act(self, one: Payment, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.pass_()
        if one.is_open and action in ENDS:
            self._end(one, *ENDS[action])

    def cancel(self, one: Payment) -> None:
        """What is paid is given back, on its day. Raises Refusal."""
        if one.status == "CANCELLED":
            return
        if one.status == "FAIL":
            raise Refusal("ORDER_STATUS_INVALID")
        if one.given or (one.paid_at and one.paid_at.date() != self.now.date()):
            raise Refusal("CANCEL_WINDOW_EXCEED")
        one.status, one.code = "CANCELLED", "ORDER_IS_CANCELED"

    def refund(self, client: str, body: Mapping[str, Any]) -> Given:
        """Raises Refusal; the same id gets the same answer again."""
        key = (client, text(body, "refundRequestId"))
        if not key[1].isalnum():  # "special characters are not supported"
            raise Refusal("PARAM_ILLEGAL")
        known = self._refunds.get(key)
        if known is None:
            one = self.of(client, {"paymentId": text(body, "paymentId")})
            made: Given | str
            try:
                made = self._given(one, body)
            except Refusal as refusal:
                made = refusal.code
            known = self._refunds[key] = (body, one, made)
        if known[0] != body:
            raise Refusal("REPEAT_REQ_INCONSISTENT")
        if isinstance(known[2], str):
            raise Refusal(known[2])
        self.pass_()
        return known[2]

    def refund_of(self, client: str, body: Mapping[str, Any]) -> Given:
        """Raises Refusal."""
        self.pass_()
        _, _, given = self._refunds.get((client, text(body, "refundRequestId")), ({}, None, ""))
        if isinstance(given, str):
            raise Refusal(given or "ORDER_NOT_EXIST")
        return given

    def give_back(self, one: Payment, minor: int) -> None:
        """By somebody at the dashboard. Raises Refusal."""
        body = {
            "refundRequestId": f"dashboard{len(one.given)}",
            "refundAmount": {"currency": "PHP", "value": str(minor)},
        }
        self._given(one, body)

    def pass_(self) -> None:
        """What time brings about, whenever anybody looks."""
        now = self.now
        for one in self.payments.values():
            if one.is_open and now >= one.expires_at:
                self._end(one, "FAIL", "ORDER_IS_CLOSED")
            for given in one.given:
                if given.status == "PROCESSING" and now >= given.at + IN_PROCESS_FOR:
                    given.status = "SUCCESS"
                    self._tell_refund(one, given)

    def tell(self, one: Payment) -> None:
        """notifyPayment, where the payment has an address."""
        if one.notify_url and one.status in ("SUCCESS", "FAIL"):
            status = "S" if one.status == "SUCCESS" else "F"
            said = {"notifyType": "PAYMENT_RESULT", "result": result(status, one.code)}
            self._owe(one, one.notify_url, {**said, **one.words()})

    def _tell_refund(self, one: Payment, given: Given) -> None:
        if given.notify_url:
            said = {"notifyType": "REFUND_RESULT", "result": result("S", "SUCCESS")}
            told = {**said, "refundStatus": given.status, **given.words()}
            self._owe(one, given.notify_url, told)

    def _owe(self, one: Payment, url: str, body: Mapping[str, Any]) -> None:
        self._send(
            Outgoing(
                url=url,
                headers=gate.told(url, one.client, body, self.now),
                body=msgspec.json.encode(body),
                due_at=self.now,
                about=one.request_id,
            )
        )

    def _given(self, one: Payment, body: Mapping[str, Any]) -> Given:
        minor = pesos(body, "refundAmount")
        if one.status != "SUCCESS":
            raise Refusal("ORDER_STATUS_INVALID")
        if minor > one.left:
            raise Refusal("REFUND_AMOUNT_EXCEED")
        given = Given(
            id=self._new_id(),
            request_id=text(body, "refundRequestId"),
            minor=minor,
            asked=body,
            notify_url=str(body.get("refundNotifyUrl", "")),
            at=self.now,
            status="PROCESSING" if minor % 100 == 2 else "SUCCESS",
        )
        one.given.append(given)
        if given.status == "SUCCESS":
            self._tell_refund(one, given)
        return given

    def _end(self, one: Payment, status: str, code: str) -> None:
        one.status, one.code = status, code
        one.paid_at = self.now if status == "SUCCESS" else None
        self.tell(one)

    def _new_id(self) -> str:
        """The date first, as theirs."""
        return f"{self.now:%Y%m%d}{self.world.random.getrandbits(80):024d}"

"""The remote side of GCash behind the Alipay-family open API, as documented for Antom.

- Clients SANDBOX_sim_<merchant> (below /ams/sandbox) and sim_<merchant> share one key pair; all
  answers are HTTP 200 and signed, but for those of the gate itself.
- The payer acts on the page /cashier?id=…, or by magic digits at the end of the phone, if the
  merchant tells it.
- A notification is sent again after 2, 10 and 10 minutes, 1, 2, 6 and 15 hours, until it is
  answered with the documented words; their sandbox does not repeat.
- A refund whose centavos are .02 is in process for a minute.
- A cancel gives back what was paid, on the day (UTC) of the payment.
- Assumed: how a payment ends that nobody paid in time (FAIL, ORDER_IS_CLOSED); that a failed refund
  is answered to its query like to the refund; that a refusal at the gate bears no signature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.gcash_alipayplus import simulated_gate as gate
from adapters.providers.gcash_alipayplus.simulated_books import Payment
from adapters.providers.gcash_alipayplus.simulated_company import Company
from adapters.providers.gcash_alipayplus.simulated_gate import Refusal, result

OPERATIONS: Final = {
    "pay": "charge",
    "inquiryPayment": "query",
    "inquiryRefund": "query",
    "refund": "refund",
}
OK: Final = {"result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}}


class GcashAlipayPlusSimulator(Simulator):
    name = "gcash_alipayplus"
    callback_retries_s = (120, 600, 600, 3_600, 7_200, 21_600, 54_000)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API: HTTP 200 with a result, always."""
        path, client = self._path(request), ""
        try:
            client, call = gate.admitted(request, path)
            body, signed = self._serve(client, call, gate.read(request.body)), True
        except Refusal as refusal:
            body, signed = refusal.body, refusal.signed
        return gate.answered(path, client, body, self.world.clock.now(), signed=signed)

    def _serve(self, client: str, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Refusal."""
        match call:
            case "payments/pay":
                return self._paid(self.company.pay(client, body))
            case "payments/inquiryPayment":
                return self._told(self.company.of(client, body))
            case "payments/cancel":
                one = self.company.of(client, body)
                self.company.cancel(one)
                ids = {"paymentId": one.id, "paymentRequestId": one.request_id}
                return {"result": result("S", "SUCCESS"), **ids}
            case "payments/refund":
                given = self.company.refund(client, body)
                over = given.status == "SUCCESS"
                said = result("S", "SUCCESS") if over else result("U", "REFUND_IN_PROCESS")
                return {"result": said, **given.words()}
            case "payments/inquiryRefund":
                given = self.company.refund_of(client, body)
                told = {"refundStatus": given.status, **given.words()}
                return {"result": result("S", "SUCCESS"), **told}
        raise Refusal("NO_INTERFACE_DEF")

    def _paid(self, one: Payment) -> dict[str, Any]:
        """While it is open: U, with the page."""
        if one.is_open:
            said = {"result": result("U", one.code), "normalUrl": self._page(one)}
            return {**said, **one.words()}
        status = {"SUCCESS": "S"}.get(one.status, "F")
        return {"result": result(status, one.code), **one.words()}

    def _told(self, one: Payment) -> dict[str, Any]:
        code = {"paymentResultCode": one.code, "paymentResultMessage": one.code.lower()}
        status = {"paymentStatus": one.status, **code}
        return {"result": result("S", "SUCCESS"), **status, **one.words()}

    def operation(self, request: Request) -> str:
        return OPERATIONS.get(self._path(request).rpartition("/")[2], "other")

    def books(self) -> Sequence[Booked]:
        self.company.pass_()
        return [one.booked() for one in self.company.payments.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._payment(reference), action)

    def reopen(self, reference: str) -> None:
        one = self._payment(reference)
        if one.status in ("FAIL", "CANCELLED"):
            one.status, one.code = "PROCESSING", "PAYMENT_IN_PROCESS"
            one.expires_at += self.world.clock.now() - one.created_at

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._payment(reference))

    def give_back(self, reference: str, minor: int) -> None:
        try:
            self.company.give_back(self._payment(reference), minor)
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        one = self.company.payments.get(query.get("id", ""))
        if path.strip("/") != "cashier" or one is None:
            return None
        self.company.pass_()
        return Prompt(
            reference=one.id,
            merchant=one.client,
            amount=f"{one.minor // 100}.{one.minor % 100:02d}",
            currency="PHP",
            description=one.description,
            open=one.is_open,
            status=one.code.replace("_", " ").capitalize(),
            approve_label="Pay with GCash",
            decline_label="Mistype the MPIN",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._payment(reference))

    def return_url(self, reference: str) -> str | None:
        return self._payment(reference).redirect_url

    def credentials(self) -> Mapping[str, Any]:
        return {
            "clientId": f"{gate.SANDBOX}{gate.CLIENT}demo",
            "privateKey": gate.merchant_pem(),
            "alipayPublicKey": gate.alipay_pem(),
            "tellBuyer": True,
            "baseUrl": self.world.base_url,
        }

    def takes(self, answer: Response) -> bool:
        """Only the documented words end it."""
        try:
            return answer.status == 200 and msgspec.json.decode(answer.body) == OK
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return False

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """One centavo more, correctly signed."""
        body = msgspec.json.decode(outgoing.body)
        name = "refundAmount" if "refundAmount" in body else "paymentAmount"
        body[name]["value"] = str(int(body[name]["value"]) + 1)
        client, now = outgoing.headers["client-id"], self.world.clock.now()
        headers = gate.told(outgoing.url, client, body, now)
        return replace(outgoing, headers=headers, body=msgspec.json.encode(body))

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of what time has ended meanwhile."""
        self.company.pass_()
        return super().take_due(now)

    def _page(self, one: Payment) -> str:
        return f"{self.world.base_url.rstrip('/')}/cashier?{urlencode({'id': one.id})}"

    def _path(self, request: Request) -> str:
        parts = urlsplit(request.url)
        return parts.path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _payment(self, reference: str) -> Payment:
        """By its own id, or the merchant's. Raises LookupError."""
        if (known := self.company.payments.get(reference)) is not None:
            return known
        payments = self.company.payments.values()
        rows = [one for one in payments if one.request_id == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]

"""The remote side of CashiPay, as public clients know it.

- The key cashipay-sim-<merchant> belongs to <merchant>. Errors are HTTP 4xx with `message`.
- The payer scans the code, here on the page /scan?ref=<reference>, or acts by magic digits at the
  end of customerPhone: those of every simulator.
- Callbacks go to each request's callbackUrl, unsigned; `signs` signs them with
  whsec-sim-<merchant>, as one client expects.
- A merchantOrderId used twice makes two requests: nothing says that it would not.
- Assumed, for want of a source: the statuses and texts of errors, that a status answer tells
  amount and merchantOrderId, how often a callback is tried.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import (
    MAGIC,
    Action,
    Booked,
    Outgoing,
    Prompt,
    Simulator,
    World,
)
from adapters.provider_kit.transport import Request, Response
from adapters.providers.cashipay.simulated_books import (
    LIFETIME,
    PREFIX,
    QR,
    Refusal,
    Requested,
    body_of,
    checked,
    merchant_of,
    reply,
)

PATH: Final = "/payment-requests"
STATUS: Final = {Action.APPROVE: "COMPLETED", Action.DECLINE: "FAILED"}


class CashiPaySimulator(Simulator):
    name = "cashipay"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.signs = False
        self._requests: dict[str, Requested] = {}

    async def handle(self, request: Request) -> Response:
        try:
            return self._serve(merchant_of(request), request)
        except Refusal as refusal:
            return reply(refusal.status, {"message": refusal.message})

    def _serve(self, merchant: str, request: Request) -> Response:
        path = self._path(request)
        if (request.method, path) == ("POST", PATH):
            one = self._ask(merchant, body_of(request.body))
            return reply(201, {**one.told(), "qrCode": {"dataUrl": QR}})
        if not path.startswith(f"{PATH}/"):
            raise Refusal(404, "Not Found")
        number, _, verb = unquote(path.removeprefix(f"{PATH}/")).partition("/")
        one = self._of(merchant, number)
        if (request.method, verb) == ("POST", "cancel"):
            if one.status != "PENDING":
                raise Refusal(400, "Payment request cannot be cancelled")
            one.status = "CANCELLED"
        elif (request.method, verb) != ("GET", ""):
            raise Refusal(404, "Not Found")
        return reply(200, one.told())

    def _ask(self, merchant: str, body: Mapping[str, Any]) -> Requested:
        pounds = checked(body)
        one = Requested(
            number=f"CP-{self.world.random.getrandbits(48):012X}",
            merchant=merchant,
            order=body["merchantOrderId"],
            pounds=pounds,
            description=str(body.get("description", "")),
            phone=None if body.get("customerPhone") is None else str(body["customerPhone"]),
            callback_url=body["callbackUrl"],
            return_url=body["returnUrl"],
            made_at=self.world.clock.now(),
        )
        self._requests[one.number] = one
        if (action := MAGIC.get((one.phone or "")[-4:])) is not None:
            self.act(one.number, action)
        return one

    def _of(self, merchant: str, number: str) -> Requested:
        for one in self._all():
            if (one.merchant, one.number) == (merchant, number):
                return one
        raise Refusal(404, "Payment request not found")

    def operation(self, request: Request) -> str:
        path = self._path(request)
        if (request.method, path) == ("POST", PATH):
            return "charge"
        is_read = request.method == "GET" and path.startswith(f"{PATH}/")
        return "query" if is_read else "other"

    def books(self) -> Sequence[Booked]:
        return [one.booked() for one in self._all()]

    def act(self, reference: str, action: Action) -> None:
        one = self._one(reference)
        if one.status == "PENDING" and action is not Action.IGNORE:
            one.status = STATUS[action]
            self.tell_again(one.number)

    def reopen(self, reference: str) -> None:
        one = self._one(reference)
        if one.status != "COMPLETED":
            one.status, one.made_at = "PENDING", self.world.clock.now()

    def tell_again(self, reference: str) -> None:
        one = self._one(reference)
        told = {
            "referenceNumber": one.number,
            "status": one.status,
            "merchantOrderId": one.order,
            "event": f"payment.{one.status.lower()}",
        }
        body, headers = msgspec.json.encode(told), {"content-type": "application/json"}
        if self.signs:
            key = f"whsec-sim-{one.merchant}".encode()
            headers["X-CashiPay-Signature"] = hmac.new(key, body, hashlib.sha256).hexdigest()
        now = self.world.clock.now()
        self.outgoing.append(
            Outgoing(url=one.callback_url, headers=headers, body=body, due_at=now, about=one.order)
        )

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        known = [one for one in self._all() if one.number == query.get("ref")]
        if path.strip("/") != "scan" or not known:
            return None
        one = known[0]
        return Prompt(
            reference=one.number,
            merchant=one.merchant,
            amount=f"{one.pounds:.2f}",
            currency="SDG",
            description=one.description,
            open=one.status == "PENDING",
            status=one.status.capitalize(),
            approve_label="Pay",
            decline_label="Refuse",
        )

    def prompt_url(self, reference: str) -> str | None:
        number = self._one(reference).number
        return f"{self.world.base_url.rstrip('/')}/scan?ref={number}"

    def return_url(self, reference: str) -> str | None:
        return self._one(reference).return_url

    def credentials(self) -> Mapping[str, Any]:
        return {"apiKey": f"{PREFIX}demo", "baseUrl": self.world.base_url}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """A callback tells no amount."""
        return outgoing

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/"))

    def _all(self) -> Sequence[Requested]:
        """Requests end by the clock, whenever anybody looks; nobody is told."""
        now = self.world.clock.now()
        for one in self._requests.values():
            if one.status == "PENDING" and now >= one.made_at + LIFETIME:
                one.status = "EXPIRED"
        return tuple(self._requests.values())

    def _one(self, reference: str) -> Requested:
        """By its own reference, or the newest of the merchant's order. Raises LookupError."""
        found = [one for one in self._all() if reference in (one.number, one.order)]
        if not found:
            raise LookupError(reference)
        return found[-1]

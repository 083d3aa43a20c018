"""The remote side of Maya: Checkout v1 and Payments v1 as documented, quirks included.

- Keys pk-sim-<merchant> and sk-sim-<merchant> belong to <merchant>; each class of key opens its
  own endpoints only (K004, K007), any other is unknown (K003).
- One reference may be used for many checkouts; a lookup by reference answers an array.
- The payer acts on the page /checkout?id=…, or by magic digits at the end of the phone: those of
  every simulator, and 4444: the authentication fails once and the checkout stays open.
- A callback that nobody takes is sent four times in all, over about an hour.
- A checkout expires after an hour. A refund whose centavos are .02 is answered 202 for a minute.
- Leniency: here refunds are possible from the first minute, so that people and tests need not
  wait for midnight in Manila. `refund_window="maya"`, or a merchant whose name begins with
  "strict", has Maya's own rule: void on the day of the payment, refund from the next.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.maya.simulated_books import Checkout, pesos
from adapters.providers.maya.simulated_callbacks import another_amount
from adapters.providers.maya.simulated_company import Company, Refusal
from adapters.providers.maya.simulated_desk import Desk
from adapters.providers.maya.simulated_key import public_pem

CHECKOUTS: Final = "/checkout/v1/checkouts"
DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


class MayaSimulator(Simulator):
    name = "maya"
    callback_retries_s = (300, 900, 2400)  # four tries in about an hour

    def __init__(self, world: World, refund_window: Literal["maya", "always"] = "always") -> None:
        super().__init__(world)
        self._strict = refund_window == "maya"
        self._company = Company(world, self._owe, self._is_strict)
        self._desk = Desk(self._company, world.base_url.rstrip("/"))

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    def _is_strict(self, merchant: str) -> bool:
        return self._strict or merchant.startswith("strict")

    async def handle(self, request: Request) -> Response:
        """The API. Errors are Maya's: most are HTTP 400, and only `code` tells them apart."""
        method, path = request.method, self._path(request)
        try:
            merchant, secret = _caller(request.headers)
            creates = path == CHECKOUTS
            if creates and secret:
                raise Refusal("K004", "Invalid endpoint.", 401)
            if not creates and not secret:
                raise Refusal("K007", "Invalid key scope.", 401)
            body = _body(request.body) if method in ("POST", "PUT") else {}
            self._company.expire()
            parts = [unquote(part) for part in path.split("/")[1:]]
            return _reply(*self._desk.serve(merchant, method, parts, body))
        except Refusal as refusal:
            body = refusal.body
            if body["code"].startswith("K"):
                reference = self._company.new_id()
                body = {"code": body["code"], "error": body["message"], "reference": reference}
            return _reply(refusal.status, body)

    def operation(self, request: Request) -> str:
        path = self._path(request)
        if request.method == "POST" and path == CHECKOUTS:
            return "charge"
        if request.method == "POST" and path.endswith(("/refunds", "/voids")):
            return "refund"
        is_read = request.method == "GET" and "/webhooks" not in path
        return "query" if is_read else "other"

    def books(self) -> Sequence[Booked]:
        self._company.expire()
        now = self.world.clock.now()
        return [one.booked(now) for one in self._company.checkouts.values()]

    def act(self, reference: str, action: Action) -> None:
        self._company.act(self._checkout(reference), action)

    def reopen(self, reference: str) -> None:
        one = self._checkout(reference)
        if one.paid_at is None:
            one.status = "PENDING_TOKEN"

    def tell_again(self, reference: str) -> None:
        self._company.tell(self._checkout(reference))

    def give_back(self, reference: str, minor: int) -> None:
        try:
            self._company.refund(self._checkout(reference), minor, "by hand")
        except Refusal as refusal:
            raise ValueError(refusal.body["message"]) from refusal

    def fail_authentication(self, reference: str) -> None:
        """The payer mistypes the code. Raises LookupError when unknown."""
        self._company.fail_authentication(self._checkout(reference))

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        one = self._company.checkouts.get(query.get("id", ""))
        if path.strip("/") != "checkout" or one is None:
            return None
        self._company.expire()
        return Prompt(
            reference=one.reference if len(self._company.under(one.reference)) == 1 else one.id,
            merchant=one.merchant,
            amount=pesos(one.minor),
            currency=one.currency,
            description=one.description,
            open=one.is_open,
            status=one.status.replace("_", " ").capitalize(),
            approve_label="Pay",
            decline_label="Refuse",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._desk.page(self._checkout(reference))

    def return_url(self, reference: str) -> str | None:
        one = self._checkout(reference)
        word = {"PAYMENT_SUCCESS": "success", "PAYMENT_CANCELLED": "cancel"}
        return one.redirects.get(word.get(one.status, "failure"))

    def credentials(self) -> Mapping[str, Any]:
        return {
            "publicKey": "pk-sim-demo",
            "secretKey": "sk-sim-demo",
            "baseUrl": self.world.base_url,
            "webhookPublicKeys": [public_pem()],
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        return another_amount(outgoing, self.world.random)

    def outage(self, request: Request) -> Response:
        """The key gate fails before anything was executed; documented as HTTP 400."""
        body = {"code": "K999", "error": "A problem is encountered.", "reference": "outage"}
        return _reply(400, body)

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of what has expired meanwhile."""
        self._company.expire()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _checkout(self, reference: str) -> Checkout:
        """By its own id, or by the merchant's reference: an open one first, then the newest."""
        known = self._company.checkouts.get(reference)
        fitting = [known] if known is not None else self._company.under(reference)
        if not fitting:
            raise LookupError(reference)
        still = [one for one in fitting if one.is_open]
        return (still or fitting)[-1]


def _caller(headers: Mapping[str, str]) -> tuple[str, bool]:
    """The merchant, and whether the key is the secret one. Raises Refusal."""
    lower = {name.lower(): value for name, value in headers.items()}
    kind, _, encoded = lower.get("authorization", "").partition(" ")
    if kind.lower() != "basic" or not encoded:
        raise Refusal("K001", "Missing authentication header.", 401)
    try:
        user = base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        raise Refusal("K006", "Key provided is not a valid Base64 encoded key.", 401) from None
    match = re.fullmatch(r"([ps])k-sim-(.+)", user)
    if match is None:
        raise Refusal("K003", "Invalid authentication credentials.", 401)
    return match[2], match[1] == "s"


def _body(raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        read = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        raise Refusal("PY0064", "Invalid JSON Format.") from None
    if not isinstance(read, dict):
        raise Refusal("PY0064", "Invalid JSON Format.")
    return read


def _reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

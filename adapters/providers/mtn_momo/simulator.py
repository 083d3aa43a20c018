"""The remote side of MTN MoMo: Collection, refunds of Disbursement, and the sandbox's own desk.

- Subscription keys collection-sim-<merchant>-key and disbursement-sim-<merchant>-key, with the user
  of `credentials` and its key api-key-sim-<merchant>; or with users made through /v1_0/apiuser.
- The target environment decides the currency. In `sandbox` the documented numbers (46733123450 …)
  do what MTN documents, any other of 46733123… pays, and brackets or number signs in a message are
  answered 200 with a page. Elsewhere a number of another country has no wallet.
- The payer acts on the page /phone?id=…, or by the magic digits of every simulator. Nobody waits
  longer than five minutes. A refund is PENDING for 20 seconds.
- A callback is sent once. `reason_objects = False` has reasons as bare codes.
- Assumed, for want of a source: that a refund of more than is left, or was not paid, is 500
  NOT_ALLOWED; PUT in the sandbox, else POST; which sandbox numbers fail at once or later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.mtn_momo.simulated_books import ENVIRONMENTS, Asked
from adapters.providers.mtn_momo.simulated_company import Company, Filtered
from adapters.providers.mtn_momo.simulated_gate import DEMO_USER, Gate, Refusal
from domain.currencies import currency
from domain.money import Money

REJECTED: Final = b"<html><head><title>Request Rejected</title></head><body>The requested URL was \
rejected. Please consult with your administrator.</body></html>"
STATUS: Final = {"PENDING": "Waiting for the PIN", "SUCCESSFUL": "Paid", "FAILED": "Not paid"}
OPERATIONS: Final = {
    ("POST", "/collection/v1_0/requesttopay"): "charge",
    ("POST", "/disbursement/v1_0/refund"): "refund",
}


class MtnMomoSimulator(Simulator):
    name = "mtn_momo"
    callback_retries_s = ()  # it calls once

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.gate = Gate(world)
        self.company = Company(world, self._owe, self.gate.calls)

    @property
    def reason_objects(self) -> bool:
        return self.company.objects

    @reason_objects.setter
    def reason_objects(self, objects: bool) -> None:
        self.company.objects = objects

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. A bad header or body is an empty 400."""
        self.company.settle()
        headers = {name.lower(): value for name, value in request.headers.items()}
        parts = [unquote(part) for part in self._path(request).strip("/").split("/")]
        try:
            return self._serve(request.method, parts, headers, _body(request.body))
        except Filtered:
            return Response(200, {"content-type": "text/html"}, REJECTED)
        except Refusal as refusal:
            return _reply(refusal.status, refusal.body)

    def _serve(
        self, method: str, parts: Sequence[str], headers: Mapping[str, str], body: object
    ) -> Response:
        """Raises Refusal, Filtered."""
        match method, *parts:
            case "POST", "collection" | "disbursement" as product, "token":
                return _reply(200, self.gate.issue(product, headers))
            case _, "v1_0", "apiuser", *rest:
                return self._provision(method, rest, headers, body)
            case _, "collection" | "disbursement" as product, "v1_0" | "v2_0", *rest:
                return self._product(product, method, rest, headers, body)
        raise Refusal.gateway(404, "Resource not found")

    def _product(
        self,
        product: str,
        method: str,
        rest: Sequence[str],
        headers: Mapping[str, str],
        body: object,
    ) -> Response:
        merchant, user = self.gate.caller(product, headers)
        environment = headers.get("x-target-environment", "")
        if environment not in ENVIRONMENTS:
            words = "Access to target environment is forbidden."
            raise Refusal.code(500, "NOT_ALLOWED_TARGET_ENVIRONMENT", words)
        match product, method, *rest:
            case "collection", "POST", "requesttopay":
                self.company.ask(merchant, user, headers, body)
                return Response(202)
            case "collection", "GET", "requesttopay", reference:
                return self._status(merchant, reference)
            case "disbursement", "POST", "refund":
                self.company.give_back(merchant, headers, body)
                return Response(202)
            case "disbursement", "GET", "refund", reference:
                return self._refund(merchant, reference)
            case _, "GET", "account", "balance":
                currency = ENVIRONMENTS[environment][0]
                return _reply(200, {"availableBalance": "1000", "currency": currency})
            case _, "GET", "accountholder", "msisdn" | "MSISDN", number, "active":
                return _reply(200, {"result": number.startswith(ENVIRONMENTS[environment][1])})
        raise Refusal.gateway(404, "Resource not found")

    def _status(self, merchant: str, reference: str) -> Response:
        one = self.company.asked.get(reference.lower())
        if one is None or one.merchant != merchant:
            raise _absent()
        return _reply(200, one.told(objects=self.company.objects))

    def _refund(self, merchant: str, reference: str) -> Response:
        one = self.company.given.get(reference.lower())
        if one is None or one.merchant != merchant:
            raise _absent()
        return _reply(200, one.told(self.company.now, objects=self.company.objects))

    def _provision(
        self, method: str, rest: Sequence[str], headers: Mapping[str, str], body: object
    ) -> Response:
        match method, *rest:
            case ("POST",):
                self.gate.provision(headers, body)
                return Response(201)
            case "POST", user, "apikey":
                known = self.gate.user(headers, user)
                known.key = self.gate.new_key()
                return _reply(201, {"apiKey": known.key})
            case "GET", user:
                host = self.gate.user(headers, user).callback_host
                told = {"providerCallbackHost": host, "targetEnvironment": "sandbox"}
                return _reply(200, told)
        raise Refusal.gateway(404, "Resource not found")

    def operation(self, request: Request) -> str:
        path = self._path(request).rstrip("/")
        if (known := OPERATIONS.get((request.method, path))) is not None:
            return known
        reads = ("/collection/v1_0/requesttopay/", "/disbursement/v1_0/refund/")
        return "query" if request.method == "GET" and path.startswith(reads) else "other"

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        now = self.world.clock.now()
        return [one.booked(now) for one in self.company.asked.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._asked(reference), action)

    def reopen(self, reference: str) -> None:
        one = self._asked(reference)
        if one.status == "FAILED":
            one.status, one.reason, one.patient = "PENDING", "", True

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._asked(reference))

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        one = self.company.asked.get(query.get("id", ""))
        if path.strip("/") != "phone" or one is None:
            return None
        self.company.settle()
        return Prompt(
            reference=one.id,
            merchant=one.merchant,
            amount=Money(one.minor, currency(one.currency)).major,
            currency=one.currency,
            description=str(one.body.get("payerMessage", "")),
            open=one.status == "PENDING",
            status=STATUS[one.status],
            approve_label="Enter PIN",
            decline_label="Cancel",
            phone=f"+{one.payer}",
        )

    def prompt_url(self, reference: str) -> str | None:
        return f"{self.world.base_url.rstrip('/')}/phone?id={self._asked(reference).id}"

    def return_url(self, reference: str) -> str | None:
        """The payer is on the phone, and stays there."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {
            "subscriptionKey": "collection-sim-demo-key",
            "apiUser": DEMO_USER,
            "apiKey": "api-key-sim-demo",
            "disbursementSubscriptionKey": "disbursement-sim-demo-key",
            "disbursementApiUser": DEMO_USER,
            "disbursementApiKey": "api-key-sim-demo",
            "targetEnvironment": "mtnzambia",
            "partialRefunds": True,
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        body = msgspec.json.decode(outgoing.body)
        whole, point, decimals = body["amount"].partition(".")
        body["amount"] = f"{int(whole) + 1}{point}{decimals}"
        return replace(outgoing, body=msgspec.json.encode(body))

    def outage(self, request: Request) -> Response:
        words = "Service temporarily unavailable, try again later."
        return _reply(503, {"code": "SERVICE_UNAVAILABLE", "message": words})

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of whom nobody waits for any longer."""
        self.company.settle()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _asked(self, reference: str) -> Asked:
        """By its own id, or the newest of the merchant's. Raises LookupError."""
        if (known := self.company.asked.get(reference)) is not None:
            return known
        rows = [one for one in self.company.asked.values() if one.external_id == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _absent() -> Refusal:
    return Refusal.code(404, "RESOURCE_NOT_FOUND", "Requested resource was not found.")


def _body(raw: bytes) -> object:
    """None for what is no JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _reply(status: int, body: object) -> Response:
    if body is None:
        return Response(status)
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

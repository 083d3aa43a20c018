"""The remote side of PayMongo, below base_url/v1: payment intents with GCash, as documented.

- Keys sk_test_sim_<merchant> and sk_live_sim_<merchant> belong to <merchant>, in two environments
  that do not see each other's ids; any other key is unknown (401).
- The payer acts on the page /sources?id=…, or by magic digits at the end of the billing phone:
  those of every simulator, and 5555: GCash has a fault of its own (SYSTEM_ERROR).
- A page expires after 4 hours ("E-wallets"), with payment.failed and CLOSED: the event is assumed.
- Above PHP 100 000 the attach itself fails with AMOUNT_EXCEED_LIMIT in last_payment_error.
- A refund succeeds at once; one of xx.02 pesos stays pending for a minute, and others wait for it.
- Leniency: the smallest refund, PHP 1.00 at PayMongo, is a centavo here, except for a merchant
  whose name begins with "strict".
- A webhook's secret is shown when it is made, never again; an address can be registered once.
- Assumed, for want of a source: the codes of a key that is unknown, of an address registered twice
  and of an attach in another state; that a payment repeats the intent's metadata (seen in one
  event), and is "refunded" once all of it was given back.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.gcash.simulated_books import FRESH, WAITING, Account, Intent, Refusal
from adapters.providers.gcash.simulated_company import Company
from adapters.providers.gcash.simulated_desk import Desk

QUERIES: Final = re.compile(r"/v1/(payment_intents|payments|refunds)/[^/]+")
STATUS: Final = {
    "awaiting_next_action": "Waiting for the payer",
    "awaiting_payment_method": "Not paid",
    "succeeded": "Paid",
}


class PaymongoSimulator(Simulator):
    name = "gcash"
    callback_retries_s = tuple(2.0 * 2**n for n in range(12))  # sums to the documented 136.5 min

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._base_url = world.base_url.rstrip("/")
        self.company = Company(world, self._send)
        self._desk = Desk(self.company, self._base_url)

    def _send(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. Everything that works is answered 200."""
        try:
            account = _caller(request.headers)
            parts = [unquote(part) for part in self._path(request).split("/")[1:]]
            if parts[:1] != ["v1"]:
                raise Refusal("resource_not_found", "The API endpoint does not exist.", status=404)
            facts = _facts(request.body) if request.method == "POST" and request.body else {}
            self.company.settle()
            data = self._desk.serve(account, request.method, parts[1:], facts)
            return _reply(200, {"data": data})
        except Refusal as refusal:
            return _reply(refusal.status, refusal.body)

    def operation(self, request: Request) -> str:
        """The attach is the charge: what comes before it moves nothing."""
        path = self._path(request)
        if request.method == "POST" and path.endswith("/attach"):
            return "charge"
        if request.method == "POST" and path == "/v1/refunds":
            return "refund"
        is_query = request.method == "GET" and QUERIES.fullmatch(path) is not None
        return "query" if is_query else "other"

    def books(self) -> Sequence[Booked]:
        """An intent that nothing was attached to is no charge: nobody can pay it."""
        self.company.settle()
        return [one.booked() for one in self.company.charges]

    def act(self, reference: str, action: Action) -> None:
        self.company.settle()
        self.company.act(self._charge(reference), action)

    def reopen(self, reference: str) -> None:
        one = self._charge(reference)
        if one.status == FRESH:
            one.status = WAITING

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._charge(reference))

    def give_back(self, reference: str, minor: int) -> None:
        paid = [one for one in self._charge(reference).payments if one.failed is None]
        if not paid:
            raise ValueError("nothing was paid")
        facts = {"amount": minor, "payment_id": paid[-1].id, "reason": "others"}
        try:
            self.company.refund(paid[-1], facts, strict=False)
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        if path.strip("/") != "sources":
            return None
        self.company.settle()
        one = self.company.pages.get(query.get("id", ""))
        if one is None:
            return None
        return Prompt(
            reference=one.reference,
            merchant=one.account[0],
            amount=f"{one.minor // 100}.{one.minor % 100:02d}",
            currency="PHP",
            description=one.description or "",
            open=one.is_open,
            status=STATUS[one.status],
            approve_label="Authorize test payment",
            decline_label="Fail test payment",
        )

    def prompt_url(self, reference: str) -> str | None:
        try:
            return self._desk.page(self._charge(reference))
        except LookupError:
            return None

    def return_url(self, reference: str) -> str | None:
        """None for the page of our own credentials: there is nothing to see."""
        url = self._charge(reference).return_url
        return None if url == self._own_page else url

    def credentials(self) -> Mapping[str, Any]:
        return {
            "secretKey": "sk_test_sim_demo",
            "baseUrl": f"{self._base_url}/v1",
            "returnUrl": self._own_page,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        return self.company.hooks.wrong_amount(outgoing)

    def outage(self, request: Request) -> Response:
        """PayMongo documents none; its error shape with 503 is assumed."""
        words = "The service is unavailable. Please try again later."
        return _reply(503, {"errors": [{"code": "service_unavailable", "detail": words}]})

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of what has expired or settled meanwhile."""
        self.company.settle()
        return super().take_due(now)

    @property
    def _own_page(self) -> str:
        return f"{self._base_url}/returned"

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self._base_url).path) or "/"

    def _charge(self, reference: str) -> Intent:
        """By the attempt or the intent: an open one first, then the newest."""
        rows = self.company.under.get(reference)
        if not rows:
            raise LookupError(reference)
        return next((one for one in rows if one.is_open), rows[-1])


def _caller(headers: Mapping[str, str]) -> Account:
    """Whose key it is. PayMongo's error repeats the key. Raises Refusal."""
    lower = {name.lower(): value for name, value in headers.items()}
    kind, _, encoded = lower.get("authorization", "").partition(" ")
    try:
        user = base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        user = ""
    match = re.fullmatch(r"sk_(test|live)_sim_([a-z0-9-]+)", user)
    if kind.lower() != "basic" or match is None:
        raise Refusal("api_key_invalid", f"API key {user} is invalid.", status=401)
    return match[2], match[1] == "live"


def _facts(raw: bytes) -> dict[str, Any]:
    """What stands in data.attributes. Raises Refusal."""
    try:
        facts = msgspec.json.decode(raw)["data"]["attributes"]
    except (msgspec.MsgspecError, ValueError, RecursionError, TypeError, KeyError, IndexError):
        facts = None
    if not isinstance(facts, dict):
        raise Refusal("parameter_required", "data.attributes is required.", "data")
    return facts


def _reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

"""The remote side of pawaPay v2: deposits and refunds in Zambia, and signed callbacks.

- Tokens pawapay-sim-<merchant>. What a merchant enters in the dashboard is given by
  `call_at`; `company.signs` is the switch for signed callbacks.
- The sandbox's numbers (260763456789, 260973456049 …) do what pawaPay documents. Other payers act
  on the page /phone?id=…, or by the magic digits of every simulator. Nobody waits longer than five
  minutes. A refund is PROCESSING for 20 seconds.
- Assumed, for want of a source: the amounts that a network takes (1.00 to 20 000 000.00), that a
  REJECTED id is free to be used again, that a number of another network ends as PAYER_NOT_FOUND.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.pawapay.simulated_books import PREFIXES, Deposit, Entry, decimal, stamp
from adapters.providers.pawapay.simulated_company import Company, Duplicate, Refusal
from adapters.providers.pawapay.simulated_signature import KEY_ID, public_pem

TOKEN: Final = "pawapay-sim-"  # noqa: S105
STATUS: Final = {"PROCESSING": "Waiting for the PIN", "COMPLETED": "Paid", "FAILED": "Not paid"}


class PawapaySimulator(Simulator):
    name = "pawapay"
    callback_retries_s = (5, 30, 120, 300, 450)  # for fifteen minutes

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. A refusal is a `failureReason`, whatever its HTTP status."""
        self.company.settle()
        headers = {name.lower(): value for name, value in request.headers.items()}
        parts = self._path(request).strip("/").split("/")
        body = _body(request.body)
        ids = {}
        if isinstance(body, dict):
            ids = {key: body[key] for key in ("depositId", "refundId") if key in body}
        if "refundId" in ids:
            ids.pop("depositId", None)
        try:
            return self._serve(request.method, parts, headers, body)
        except Duplicate:
            return _reply(200, {**ids, "status": "DUPLICATE_IGNORED", "created": self._stamp()})
        except Refusal as refusal:
            words = refusal.code.replace("_", " ").capitalize() + "."
            told: dict[str, Any] = {
                "failureReason": {"failureCode": refusal.code, "failureMessage": words}
            }
            if refusal.status == 200:
                told = {**ids, "status": "REJECTED", "created": self._stamp(), **told}
            return _reply(refusal.status, told)

    def _serve(
        self, method: str, parts: Sequence[str], headers: Mapping[str, str], body: object
    ) -> Response:
        """Raises Refusal, Duplicate."""
        if (method, *parts) == ("GET", "v2", "public-key", "http"):
            return _reply(200, [{"id": KEY_ID, "key": public_pem()}])
        merchant = _merchant(headers)
        match method, *parts:
            case "GET", "v2", "active-conf":
                return _reply(200, _active(merchant))
            case "POST", "v2", "deposits":
                made: Entry = self.company.deposit(merchant, body)
                return self._accepted("depositId", made)
            case "POST", "v2", "refunds":
                made = self.company.refund(merchant, body)
                return self._accepted("refundId", made)
            case "GET", "v2", "deposits", id_:
                return _found(self.company.deposits.get(id_), merchant)
            case "GET", "v2", "refunds", id_:
                return _found(self.company.refunds.get(id_), merchant)
        return _reply(404, {"message": "Not found"})

    def _accepted(self, key: str, made: Entry) -> Response:
        return _reply(200, {key: made.id, "status": "ACCEPTED", "created": stamp(made.at)})

    def _stamp(self) -> str:
        return stamp(self.world.clock.now())

    def operation(self, request: Request) -> str:
        path = self._path(request).rstrip("/")
        if request.method == "POST":
            return {"/v2/deposits": "charge", "/v2/refunds": "refund"}.get(path, "other")
        return "query" if path.startswith(("/v2/deposits/", "/v2/refunds/")) else "other"

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        return [one.booked() for one in self.company.deposits.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._deposit(reference), action)

    def reopen(self, reference: str) -> None:
        self.company.reopen(self._deposit(reference))

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._deposit(reference))

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        merchant = _merchant({"authorization": f"Bearer {config.get('apiToken')}"})
        self.company.urls[merchant] = url

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        one = self.company.deposits.get(query.get("id", ""))
        if path.strip("/") != "phone" or one is None:
            return None
        self.company.settle()
        return Prompt(
            reference=one.id,
            merchant=one.merchant,
            amount=decimal(one.minor),
            currency="ZMW",
            description=str(one.body.get("customerMessage", "")),
            open=one.status == "PROCESSING",
            status=STATUS[one.status],
            approve_label="Enter PIN",
            decline_label="Cancel",
            phone=f"+{one.phone}",
        )

    def prompt_url(self, reference: str) -> str | None:
        return f"{self.world.base_url.rstrip('/')}/phone?id={self._deposit(reference).id}"

    def return_url(self, reference: str) -> str | None:
        """The payer is on the phone, and stays there."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {
            "apiToken": f"{TOKEN}demo",
            "signedCallbacks": self.company.signs,
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        told = msgspec.json.decode(outgoing.body)
        whole, point, decimals = told["amount"].partition(".")
        told["amount"] = f"{int(whole) + 1}{point}{decimals}"
        again = self.company.letter(outgoing.url, told, outgoing.about, outgoing.due_at)
        return replace(again, tries=outgoing.tries)

    def outage(self, request: Request) -> Response:
        """The network is down, and nothing is taken for it."""
        code = "PROVIDER_TEMPORARILY_UNAVAILABLE"
        reason = {"failureCode": code, "failureMessage": "The provider is unavailable."}
        return _reply(200, {"status": "REJECTED", "failureReason": reason})

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of whom nobody waits for any longer."""
        self.company.settle()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _deposit(self, reference: str) -> Deposit:
        """By its own id, or the newest of the merchant's. Raises LookupError."""
        if (known := self.company.deposits.get(reference)) is not None:
            return known
        rows = [one for one in self.company.deposits.values() if one.reference == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _merchant(headers: Mapping[str, str]) -> str:
    """Raises Refusal."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refusal(401, "NO_AUTHENTICATION")
    if not token.startswith(TOKEN) or len(token) == len(TOKEN):
        raise Refusal(403, "AUTHENTICATION_ERROR")
    return token.removeprefix(TOKEN)


def _active(merchant: str) -> dict[str, Any]:
    limits = {"minAmount": "1", "maxAmount": "20000000", "status": "OPERATIONAL"}
    deposits = {"operationTypes": {"DEPOSIT": {**limits, "decimalsInAmount": "TWO_PLACES"}}}
    providers = [
        {"provider": name, "currencies": [{"currency": "ZMW", **deposits}]} for name in PREFIXES
    ]
    country = {"country": "ZMB", "prefix": "260", "providers": providers}
    return {"companyName": merchant, "countries": [country]}


def _found(one: Entry | None, merchant: str) -> Response:
    if one is None or one.merchant != merchant:
        return _reply(200, {"status": "NOT_FOUND"})
    return _reply(200, {"status": "FOUND", "data": one.told()})


def _body(raw: bytes) -> object:
    """None for what is no JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

"""The remote side of Airtel Money: tokens, pushes of version 1 and 2, enquiry, refund, callbacks.

- Applications client-sim-<merchant> with the secret secret-sim-<merchant>; their callback key is
  callback-sim-<merchant>. What a merchant enters in the portal is given by `call_at`;
  `company.hashes` and `company.form` are its switches. X-Country decides the currency.
- A token lives 180 seconds, told as a string. Version 2 needs both signature headers.
- The payer acts on the page /phone?id=…, or by the magic digits of every simulator; local
  inventions: 4444 has no wallet, 6666 pays while Airtel itself says TA for two minutes. Nobody
  waits longer than five minutes (TE).
- A refund is done at once and shows as TR in the enquiry (assumed; no other way is documented). An
  id that was used before is HTTP 200 with success false and ESB000041, an unknown one ESB000045
  (their HTTP status is assumed). Refusals of the gateway look like OAuth's (assumed).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.airtel_money.simulated_books import COUNTRIES, Push
from adapters.providers.airtel_money.simulated_company import Company, Refusal
from adapters.providers.airtel_money.simulated_key import matches, public_text
from domain.currencies import currency
from domain.money import Money

LIFETIME: Final = timedelta(seconds=180)
CLIENT: Final = re.compile(r"client-sim-([a-z0-9-]+)")
STATUS: Final = {
    "TIP": "Waiting for the PIN",
    "TA": "Not clear",
    "TS": "Paid",
    "TR": "Given back",
    "TF": "Not paid",
    "TE": "Too late",
}


class AirtelMoneySimulator(Simulator):
    name = "airtel_money"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)
        self._tokens: dict[str, tuple[str, datetime]] = {}  # of a merchant, until when

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. What it can't read is ROUTER003."""
        self.company.settle()
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Request(request.method, request.url, headers, request.body)
        parts = [unquote(part) for part in self._path(request).strip("/").split("/")]
        try:
            return self._serve(received, parts)
        except Refusal as refusal:
            return _reply(refusal.status, refusal.body)

    def _serve(self, request: Request, parts: Sequence[str]) -> Response:
        """Raises Refusal."""
        if (request.method, *parts) == ("POST", "auth", "oauth2", "token"):
            return self._issue(_body(request.body))
        merchant = self._caller(request.headers)
        if merchant is None:
            return _reply(401, {"error": "invalid_token", "error_description": "expired"})
        country = _country(request.headers)
        match request.method, *parts:
            case "GET", "v1", "rsa", "encryption-keys":
                return _reply(200, _keys())
            case "POST", "merchant", "v1" | "v2" as version, "payments":
                _check(version, request)
                one = self.company.push(merchant, country, request.body, _body(request.body))
                return _done({"id": one.id, "status": "SUCCESS"}, "DP00800001006")
            case "POST", "standard", "v1" | "v2" as version, "payments", "refund":
                _check(version, request)
                back = self.company.refund(merchant, _refunded(_body(request.body)))
                return _done({"airtel_money_id": back.airtel_money_id, "status": "SUCCESS"}, "")
            case "GET", "standard", "v1", "payments", id_:
                return self._enquiry(merchant, id_)
        return _reply(404, {"error": "not_found"})

    def _enquiry(self, merchant: str, id_: str) -> Response:
        """Its success flag is false beside a success, as in the published sample."""
        found = self.company.pushes.get((merchant, id_))
        if found is None:
            words = "No Transaction Found With Provided Transaction Id."
            raise Refusal(200, "ESB000045", words=words)
        return _done(found.told(), "DP00800001001", success=False)

    def _issue(self, body: object) -> Response:
        known = body if isinstance(body, dict) else {}
        match = CLIENT.fullmatch(str(known.get("client_id")))
        if match is None or known.get("client_secret") != f"secret-sim-{match[1]}":
            told = {"error": "invalid_client", "error_description": "Invalid client credentials"}
            return _reply(401, told)
        now = self.world.clock.now()
        self._tokens = {name: one for name, one in self._tokens.items() if one[1] > now}
        token = f"sim{self.world.random.getrandbits(160):040x}"
        self._tokens[token] = (match[1], now + LIFETIME)
        seconds = str(int(LIFETIME.total_seconds()))
        told = {"access_token": token, "expires_in": seconds, "token_type": "bearer"}
        return _reply(200, told)

    def _caller(self, headers: Mapping[str, str]) -> str | None:
        kind, _, token = headers.get("authorization", "").partition(" ")
        known = self._tokens.get(token)
        if kind.lower() != "bearer" or known is None or known[1] <= self.world.clock.now():
            return None
        return known[0]

    def withdraw(self) -> None:
        """Every token ends."""
        self._tokens.clear()

    def operation(self, request: Request) -> str:
        path = self._path(request).rstrip("/")
        if request.method == "POST" and path.endswith("/payments/refund"):
            return "refund"
        if request.method == "POST" and path.endswith("/payments"):
            return "charge"
        return "query" if path.startswith("/standard/v1/payments/") else "other"

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        return [one.booked() for one in self.company.pushes.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._push(reference), action)

    def reopen(self, reference: str) -> None:
        self.company.reopen(self._push(reference))

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._push(reference))

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        match = CLIENT.fullmatch(str(config.get("clientId")))
        if match is not None:
            self.company.urls[match[1]] = url

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        known = [one for one in self.company.pushes.values() if one.id == query.get("id")]
        if path.strip("/") != "phone" or not known:
            return None
        self.company.settle()
        code = COUNTRIES[known[-1].country][0]
        return Prompt(
            reference=known[-1].id,
            merchant=known[-1].merchant,
            amount=Money(known[-1].minor, currency(code)).major,
            currency=code,
            description=known[-1].reference,
            open=known[-1].status == "TIP",
            status=STATUS[known[-1].status],
            approve_label="Enter PIN",
            decline_label="Cancel",
            phone=known[-1].phone,
        )

    def prompt_url(self, reference: str) -> str | None:
        return f"{self.world.base_url.rstrip('/')}/phone?id={self._push(reference).id}"

    def return_url(self, reference: str) -> str | None:
        """The payer is on the phone, and stays there."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {
            "clientId": "client-sim-demo",
            "clientSecret": "secret-sim-demo",
            "country": "ZM",
            "callbackKey": "callback-sim-demo" if self.company.hashes else "",
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """A callback tells none."""
        return outgoing

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of whom nobody waits for any longer."""
        self.company.settle()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _push(self, reference: str) -> Push:
        """The newest of that id. Raises LookupError."""
        rows = [one for one in self.company.pushes.values() if one.id == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _country(headers: Mapping[str, str]) -> str:
    """Raises Refusal."""
    country, code = headers.get("x-country", ""), headers.get("x-currency", "")
    if country not in COUNTRIES:
        raise Refusal(400, "ROUTER006", words="Invalid Country")
    if code != COUNTRIES[country][0]:
        raise Refusal(400, "ROUTER112", words="Invalid Currency")
    return country


def _check(version: str, request: Request) -> None:
    """Raises Refusal."""
    if version == "v2" and not matches(request.headers, request.body):
        raise Refusal(400, response="DP00800001026", words="Signature mismatch")


def _refunded(body: object) -> str:
    transaction = body.get("transaction") if isinstance(body, dict) else None
    known = transaction.get("airtel_money_id") if isinstance(transaction, dict) else None
    if not isinstance(known, str) or not known:
        raise Refusal(400, "ROUTER003", words="Missing header or body params")
    return known


def _keys() -> dict[str, Any]:
    data = {"key_id": 100, "key": public_text(), "valid_upto": "12-08-2030 21:29:26"}
    status = {"code": "200", "message": "Success", "result_code": "ESB000010", "success": True}
    return {"data": data, "status": {**status, "response_code": "DP02010001001"}}


def _done(transaction: Mapping[str, Any], code: str, *, success: bool = True) -> Response:
    status = {"code": "200", "message": "SUCCESS", "result_code": "ESB000010", "success": success}
    if code:
        status["response_code"] = code
    return _reply(200, {"data": {"transaction": transaction}, "status": status})


def _body(raw: bytes) -> object:
    """None for what is no JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

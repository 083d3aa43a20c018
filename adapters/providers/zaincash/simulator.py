"""The remote side of ZainCash's Payment Gateway v2 as the guide has it.

- Client zc-client-sim-<merchant> with zc-secret-sim-<merchant> gets a token that lives ten minutes;
  webhooks are signed with zc-api-key-sim-<merchant>, which is another secret.
- The payer acts on the page /transaction/pay?id=…, or by magic digits at the end of the phone, if
  the merchant tells it. A page ends after a quarter of an hour, and nobody is told.
- Webhooks go where `call_at` says: the company's business team enters the address. In UAT there are
  none; here there are.
- A reversal is not idempotent: it gives back again.
- Assumed, for want of a source: the shape of errors, the code of a duplicate externalReferenceId,
  what is answered to a reversal of what was not paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import msgspec

from adapters.provider_kit import jwt
from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.zaincash.simulated_company import (
    Company,
    Refusal,
    Transaction,
    api_key,
    stamp,
)

PATH: Final = "/api/v2/payment-gateway/transaction"
TOKEN_S: Final = 600
CLIENT: Final = "zc-client-sim-"
OPERATIONS: Final = {f"{PATH}/init": "charge", f"{PATH}/reverse": "refund"}


class ZainCashSimulator(Simulator):
    name = "zaincash"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)
        self._tokens: dict[str, tuple[str, datetime]] = {}  # the merchant, and until when

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. A bearer token that is missing or over is a bare 401."""
        path = self._path(request)
        try:
            if (request.method, path) == ("POST", "/oauth2/token"):
                return self._token(request.body)
            merchant = self._caller(request)
            if merchant is None:
                return Response(401, {"www-authenticate": "Bearer"})
            return self._serve(merchant, request, path)
        except Refusal as refusal:
            return _reply(refusal.status, refusal.body)

    def _serve(self, merchant: str, request: Request, path: str) -> Response:
        """Raises Refusal."""
        if (request.method, path) == ("POST", f"{PATH}/init"):
            return self._init(merchant, _body(request.body))
        if (request.method, path) == ("POST", f"{PATH}/reverse"):
            return self._reverse(merchant, _body(request.body))
        if request.method == "GET" and path.startswith(f"{PATH}/inquiry/"):
            one = self.company.named(merchant, unquote(path.rpartition("/")[2]))
            return _reply(200, self._told(one))
        raise Refusal(404, "NOT_FOUND")

    def _token(self, body: bytes) -> Response:
        form = {name: values[-1] for name, values in parse_qs(body.decode("latin-1")).items()}
        merchant = form.get("client_id", "").removeprefix(CLIENT)
        right = form.get("client_secret") == f"zc-secret-sim-{merchant}"
        if form.get("client_id") != f"{CLIENT}{merchant}" or not right or not merchant:
            return _reply(401, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials" or "scope" not in form:
            return _reply(400, {"error": "invalid_request"})
        token = f"{self.world.random.getrandbits(256):064x}"
        self._tokens[token] = (merchant, self.world.clock.now() + timedelta(seconds=TOKEN_S))
        told = {"access_token": token, "scope": form["scope"], "token_type": "Bearer"}
        return _reply(200, {**told, "expires_in": TOKEN_S})

    def _init(self, merchant: str, body: Mapping[str, Any]) -> Response:
        one = self.company.init(merchant, body)
        told = {
            "status": "SUCCESS",
            "transactionDetails": one.details(),
            "redirectUrl": self._page(one),
            "expiryTime": stamp(one.ends_at),
            "createdAt": stamp(one.made_at),
        }
        return _reply(200, told)

    def _told(self, one: Transaction) -> dict[str, Any]:
        times = {"expiryTime": one.ends_at, "createdAt": one.made_at, "updatedAt": one.updated_at}
        return {
            "status": one.status,
            "transactionDetails": {**one.details(), "operationId": None},
            "customer": {"phone": one.phone},
            "timeStamps": {name: stamp(at) for name, at in times.items()},
        }

    def _reverse(self, merchant: str, body: Mapping[str, Any]) -> Response:
        one = self.company.named(merchant, str(body.get("transactionId")))
        if not body.get("reason"):
            raise Refusal(400, "PAYMENT_GATEWAY_BAD_REQUEST")
        reference = self.company.reverse(one)
        told = {
            "referenceId": one.external,
            "reversalReferenceId": reference,
            "status": "COMPLETED",
            "customerMsisdn": one.phone,
            "reason": body["reason"],
            "amount": one.dinars,
            "createdAt": stamp(one.updated_at),
        }
        return _reply(200, told)

    def operation(self, request: Request) -> str:
        path = self._path(request)
        return OPERATIONS.get(path, "query" if path.startswith(f"{PATH}/inquiry/") else "other")

    def books(self) -> Sequence[Booked]:
        self.company.expire()
        return [one.booked() for one in self.company.transactions.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._transaction(reference), action)

    def reopen(self, reference: str) -> None:
        one = self._transaction(reference)
        if one.status in ("FAILED", "EXPIRED"):
            one.status, one.made_at = "PENDING", self.world.clock.now()

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._transaction(reference))

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        self.company.addresses[str(config["clientId"]).removeprefix(CLIENT)] = url

    def give_back(self, reference: str, minor: int) -> None:
        one = self._transaction(reference)
        if minor != one.booked().amount_minor:
            raise ValueError("only all of it")
        try:
            self.company.reverse(one)
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        one = self.company.transactions.get(query.get("id", ""))
        if path.strip("/") != "transaction/pay" or one is None:
            return None
        self.company.expire()
        return Prompt(
            reference=one.id,
            merchant=one.merchant,
            amount=str(one.dinars),
            currency="IQD",
            description=one.service,
            open=one.is_open,
            status=one.status.replace("_", " ").capitalize(),
            approve_label="Enter PIN and code",
            decline_label="Not enough balance",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._transaction(reference))

    def return_url(self, reference: str) -> str | None:
        """With the token that tells the shop how it ended."""
        one = self._transaction(reference)
        url = one.success_url if one.status == "SUCCESS" else one.failure_url
        sign = "&" if "?" in url else "?"
        return f"{url}{sign}{urlencode({'token': self.company.token(one)})}"

    def credentials(self) -> Mapping[str, Any]:
        return {
            "clientId": f"{CLIENT}demo",
            "clientSecret": "zc-secret-sim-demo",
            "apiKey": api_key("demo"),
            "sendPhone": True,
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """One dinar more, in a token that is signed."""
        token = msgspec.json.decode(outgoing.body)["webhook_token"]
        order = outgoing.about
        key = api_key(self._transaction(order).merchant)
        said = msgspec.json.decode(jwt.claims(token, key) or b"{}")
        said["data"]["amount"]["value"] += 1
        body = {"webhook_token": jwt.signed(said, key)}
        return replace(outgoing, body=msgspec.json.encode(body))

    def _caller(self, request: Request) -> str | None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        merchant, until = self._tokens.get(token, ("", self.world.clock.now()))
        return merchant if merchant and self.world.clock.now() < until else None

    def _page(self, one: Transaction) -> str:
        query = urlencode({"id": one.id, "token": one.external})
        return f"{self.world.base_url.rstrip('/')}/transaction/pay?{query}"

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _transaction(self, reference: str) -> Transaction:
        """By ZainCash's own id, or the newest of the merchant's order. Raises LookupError."""
        if (known := self.company.transactions.get(reference)) is not None:
            return known
        rows = [one for one in self.company.transactions.values() if one.order == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _body(raw: bytes) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refusal(400, "PAYMENT_GATEWAY_BAD_REQUEST") from None
    if not isinstance(read, dict):
        raise Refusal(400, "PAYMENT_GATEWAY_BAD_REQUEST")
    return read


def _reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

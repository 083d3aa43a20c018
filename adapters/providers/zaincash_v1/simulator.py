"""The remote side of ZainCash v1, as its sample and public clients know it.

- Merchant zc1-merchant-sim-<name> has the secret zc1-secret-sim-<name>; each request is a form
  whose token is signed with it.
- The payer acts on the page /transaction/pay?id=…, where they type number, PIN and code: no request
  of the merchant names them, so no digits are magic here. Declining is a wallet without credit.
- Nobody is told: the browser goes back to the shop with a signed token, if it goes back.
- An order used twice makes two transactions. A page ends after four hours.
- Assumed, for want of a source: the texts of `err`; that a page ends as `failed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from adapters.provider_kit import jwt
from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response

FILS: Final = 1_000  # of a dinar: the books count them, the wire counts dinars
LEAST: Final = 250  # dinars
LIFETIME: Final = timedelta(hours=4)
MERCHANT: Final = "zc1-merchant-sim-"
WALLET: Final = "9647835077893"
STATUS: Final = {Action.APPROVE: "completed", Action.DECLINE: "failed"}
BOOKED: Final = {"completed": "succeeded", "failed": "failed", "cancel": "canceled"}
OPERATIONS: Final = {"/transaction/init": "charge", "/transaction/get": "query"}
NO_CREDIT: Final = "Not enough credit on balance"


class Refusal(Exception):
    """The company's own error."""


@dataclass(slots=True, kw_only=True)
class Transaction:
    id: str
    merchant: str
    order: str
    dinars: int
    service: str
    language: str
    redirect_url: str
    made_at: datetime
    status: str = "pending"
    due: str | None = None

    @property
    def is_open(self) -> bool:
        return self.status in ("pending", "pending_otp")

    def told(self) -> dict[str, Any]:
        told = {
            "source": "web",
            "type": "MERCHANT_PAYMENT",
            "amount": str(self.dinars),
            "to": self.merchant,
            "serviceType": self.service,
            "lang": self.language,
            "orderId": self.order,
            "status": self.status,
            "createdAt": f"{self.made_at:%Y-%m-%dT%H:%M:%S.000Z}",
            "id": self.id,
        }
        return told if self.due is None else {**told, "due": self.due}

    def booked(self) -> Booked:
        return Booked(
            reference=self.order,
            provider_reference=self.id,
            amount_minor=self.dinars * FILS,
            currency="IQD",
            status=BOOKED.get(self.status, "pending"),
            refunded_minor=0,
            payer=None,
            at=self.made_at,
        )


class ZainCashV1Simulator(Simulator):
    name = "zaincash_v1"
    callback_retries_s = ()  # it calls nobody

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.transactions: dict[str, Transaction] = {}

    async def handle(self, request: Request) -> Response:
        """The API. Errors are {"err": {"msg": …}}."""
        self._expire()
        try:
            form = parse_qs(request.body.decode("latin-1"))
            merchant, said = self._caller(form)
            match request.method, self._path(request):
                case "POST", "/transaction/init":
                    language = form.get("lang", ["en"])[0]
                    return _reply(self._init(merchant, language, said).told())
                case "POST", "/transaction/get":
                    return _reply(self._named(merchant, said).told())
            raise Refusal("not found")
        except Refusal as refusal:
            return _reply({"err": {"msg": str(refusal)}})

    def _caller(self, form: Mapping[str, list[str]]) -> tuple[str, Mapping[str, Any]]:
        """The merchant and the claims. Raises Refusal."""
        merchant = form.get("merchantId", [""])[0].removeprefix(MERCHANT)
        raw = jwt.claims(form.get("token", [""])[0], f"zc1-secret-sim-{merchant}")
        if raw is None or form.get("merchantId") != [f"{MERCHANT}{merchant}"]:
            raise Refusal("invalid token")
        said = msgspec.json.decode(raw)
        if not isinstance(said, dict) or said.get("msisdn") != WALLET:
            raise Refusal("merchant not found")
        end = said.get("exp")
        if not isinstance(end, int) or end < self.world.clock.now().timestamp():
            raise Refusal("jwt expired")
        return merchant, said

    def _init(self, merchant: str, language: str, said: Mapping[str, Any]) -> Transaction:
        """Raises Refusal."""
        amount, order = said.get("amount"), said.get("orderId")
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < LEAST:
            raise Refusal("amount must be at least 250")
        words = [order, said.get("serviceType"), said.get("redirectUrl")]
        if not all(isinstance(word, str) and 0 < len(word) <= 512 for word in words):
            raise Refusal("missing parameters")
        one = Transaction(
            id=f"{self.world.random.getrandbits(96):024x}",
            merchant=merchant,
            order=str(order),
            dinars=amount,
            service=str(said["serviceType"]),
            language=language,
            redirect_url=str(said["redirectUrl"]),
            made_at=self.world.clock.now(),
        )
        self.transactions[one.id] = one
        return one

    def _named(self, merchant: str, said: Mapping[str, Any]) -> Transaction:
        """Raises Refusal."""
        one = self.transactions.get(str(said.get("id")))
        if one is None or one.merchant != merchant:
            raise Refusal("transaction not found")
        return one

    def operation(self, request: Request) -> str:
        return OPERATIONS.get(self._path(request), "other")

    def books(self) -> Sequence[Booked]:
        self._expire()
        return [one.booked() for one in self.transactions.values()]

    def act(self, reference: str, action: Action) -> None:
        one = self._transaction(reference)
        self._expire()
        if one.is_open and (status := STATUS.get(action)) is not None:
            one.status = status
            one.due = NO_CREDIT if status == "failed" else None

    def cancel(self, reference: str) -> None:
        """The payer presses the page's own button. Raises LookupError when unknown."""
        one = self._transaction(reference)
        if one.is_open:
            one.status, one.due = "cancel", "transaction_already_submitted"

    def reopen(self, reference: str) -> None:
        one = self._transaction(reference)
        if one.status in ("failed", "cancel"):
            one.status, one.due, one.made_at = "pending", None, self.world.clock.now()

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        one = self.transactions.get(query.get("id", ""))
        if path.strip("/") != "transaction/pay" or one is None:
            return None
        self._expire()
        return Prompt(
            reference=one.id,
            merchant=one.merchant,
            amount=str(one.dinars),
            currency="IQD",
            description=one.service,
            open=one.is_open,
            status=one.due or one.status.capitalize(),
            approve_label="Enter PIN and code",
            decline_label="Not enough credit",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._transaction(reference))

    def return_url(self, reference: str) -> str | None:
        """With the token that tells the shop how it ended: no amount is in it."""
        one = self._transaction(reference)
        now = self.world.clock.now()
        word = {"completed": "success", "pending_otp": "pending"}.get(one.status, one.status)
        said = {"status": word, "orderid": one.order, "id": one.id, "iat": int(now.timestamp())}
        said["exp"] = int((now + LIFETIME).timestamp())
        if one.due is not None:
            said["msg"] = one.due
        sign = "&" if "?" in one.redirect_url else "?"
        token = jwt.signed(said, f"zc1-secret-sim-{one.merchant}")
        return f"{one.redirect_url}{sign}{urlencode({'token': token})}"

    def credentials(self) -> Mapping[str, Any]:
        return {
            "merchantId": f"{MERCHANT}demo",
            "secret": "zc1-secret-sim-demo",
            "msisdn": WALLET,
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """There is no callback that could say one."""
        return outgoing

    def _expire(self) -> None:
        now = self.world.clock.now()
        for one in self.transactions.values():
            if one.is_open and now >= one.made_at + LIFETIME:
                one.status, one.due = "failed", "session_expired"

    def _page(self, one: Transaction) -> str:
        return f"{self.world.base_url.rstrip('/')}/transaction/pay?id={one.id}"

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _transaction(self, reference: str) -> Transaction:
        """By ZainCash's own id, or the newest of the order. Raises LookupError."""
        if (known := self.transactions.get(reference)) is not None:
            return known
        rows = [one for one in self.transactions.values() if one.order == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _reply(body: object) -> Response:
    return Response(200, {"content-type": "application/json"}, msgspec.json.encode(body))

"""The remote side of Paynow.

- Integration 1201 with the key of Paynow's own documentation is paid in USD, 1202 in ZWG. No
  message names a currency.
- Forms in both directions, with a hash over the values in their order. Errors have none.
- The payer acts on the page /Payment/ConfirmPayment/<number> (those with a prompt, too), or by
  magic digits at the end of the phone: those of every simulator, and Paynow's own whole numbers
  for tests: 0771111111 pays after 5 s, 0772222222 after 30 s, 0773333333 fails after 30 s,
  0774444444 is refused at once.
- A poll writes the number with commas ("20,562,971") and names its hash "Hash"; others do not.
- A merchanttrace can be used once. Assumed, for want of a source: the words for that, for unknown
  methods and phones and for a missing e-mail address; that it goes with pages, too; that a
  transaction stays open until its payer acts; when an update that nobody took is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

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
from adapters.providers.paynow_zw.simulated_books import (
    INTEGRATIONS,
    Integration,
    Refusal,
    Transaction,
    asked_of,
    checked,
    fate_of,
    refused,
    reply,
    written,
)

OPERATIONS: Final = {
    "/interface/initiatetransaction": "charge",
    "/interface/remotetransaction": "charge",
    "/interface/trace": "query",
    "/interface/checkpayment": "query",
}
WALLETS: Final = {"ecocash": ("077", "078"), "onemoney": ("071",)}
STATUS: Final = {Action.APPROVE: "Paid", Action.DECLINE: "Cancelled"}
INSTRUCTIONS: Final = "Dial *151*2*7# and enter your EcoCash PIN."
FIRST: Final = 20_562_970
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class PaynowSimulator(Simulator):
    name = "paynow_zw"
    callback_retries_s = (5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800)  # ten are documented

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._transactions: dict[str, Transaction] = {}

    async def handle(self, request: Request) -> Response:
        """The API. Errors are HTTP 200."""
        try:
            match request.method, self._path(request):
                case "POST", "/interface/initiatetransaction":
                    return self._initiated(*asked_of(request.body))
                case "POST", "/interface/remotetransaction":
                    return self._prompted(*asked_of(request.body))
                case "POST", "/interface/trace":
                    return self._traced(*asked_of(request.body))
                case "POST", "/interface/checkpayment":
                    return self._polled(dict(parse_qsl(urlsplit(request.url).query)))
        except Refusal as refusal:
            return refused(refusal)
        return Response(404)

    def _initiated(self, integration: Integration, asked: Mapping[str, str]) -> Response:
        one = self._made(integration, asked, "Created")
        told = [
            ("status", "Ok"),
            ("browserurl", self._page(one)),
            ("pollurl", self._poll_url(one)),
            ("paynowreference", str(one.number)),
        ]
        self._acts(one, asked.get("authphone", ""))
        return reply(written(told, integration.key))

    def _prompted(self, integration: Integration, asked: Mapping[str, str]) -> Response:
        method, phone = asked.get("method", ""), asked.get("phone", "")
        if not phone.startswith(WALLETS.get(method, ("none",))) or len(phone) != 10:
            raise Refusal("Invalid phone number or method")
        if "@" not in asked.get("authemail", ""):
            raise Refusal("Invalid authemail field")
        fate = fate_of(phone, self.world.clock.now())
        one = self._made(integration, asked, "Sent")
        one.method = method
        told = [
            ("status", "Ok"),
            ("instructions", INSTRUCTIONS),
            ("paynowreference", str(one.number)),
            ("pollurl", self._poll_url(one)),
        ]
        if fate is None:
            self._acts(one, phone)
        else:
            one.fate = fate
            self._tell(one, *fate)
        return reply(written(told, integration.key))

    def _made(self, integration: Integration, asked: Mapping[str, str], status: str) -> Transaction:
        minor, trace = checked(asked), asked.get("merchanttrace", "")
        if trace and self._trace_of(integration, trace) is not None:
            raise Refusal("Duplicate merchanttrace")
        one = Transaction(
            guid=str(UUID(int=self.world.random.getrandbits(128), version=4)),
            number=FIRST + len(self._transactions),
            integration=integration,
            asked=asked,
            minor=minor,
            made_at=self.world.clock.now(),
            status=status,
        )
        self._transactions[one.guid] = one
        return one

    def _acts(self, one: Transaction, phone: str) -> None:
        if (action := MAGIC.get(phone[-4:])) is not None:
            self.act(one.guid, action)

    def _traced(self, integration: Integration, asked: Mapping[str, str]) -> Response:
        one = self._trace_of(integration, asked.get("merchanttrace", ""))
        told = [("status", "NotFound")] if one is None else one.told(self._poll_url(one))
        return reply(written(told, integration.key))

    def _polled(self, query: Mapping[str, str]) -> Response:
        known = [one for one in self._all() if one.guid == query.get("guid")]
        if not known:
            raise Refusal("Transaction not found")
        one = known[0]
        told = one.told(self._poll_url(one), polled=True)
        return reply(written(told, one.integration.key, "Hash"))

    def _trace_of(self, integration: Integration, trace: str) -> Transaction | None:
        mine = [one for one in self._all() if one.integration == integration]
        return next(
            (one for one in mine if trace and one.asked.get("merchanttrace") == trace), None
        )

    def operation(self, request: Request) -> str:
        return OPERATIONS.get(self._path(request), "other")

    def books(self) -> Sequence[Booked]:
        return [one.booked() for one in self._all()]

    def act(self, reference: str, action: Action) -> None:
        one = self._one(reference)
        if one.open and one.fate is None and action is not Action.IGNORE:
            one.status = STATUS[action]
            self.tell_again(one.guid)

    def reopen(self, reference: str) -> None:
        one = self._one(reference)
        if one.status in ("Cancelled", "Failed"):
            one.status, one.fate = "Sent" if one.method else "Created", None

    def give_back(self, reference: str, minor: int) -> None:
        """All of it, by hand: nothing is documented of parts."""
        one = self._one(reference)
        if one.status != "Paid" or minor != one.minor:
            raise ValueError("only a paid transaction, and all of it")
        one.status = "Refunded"
        self.tell_again(one.guid)

    def tell_again(self, reference: str) -> None:
        one = self._one(reference)
        self._tell(one, self.world.clock.now(), one.status)

    def _tell(self, one: Transaction, due_at: datetime, status: str) -> None:
        if url := one.asked.get("resulturl"):
            pairs = one.told(self._poll_url(one))
            told = [(name, status if name == "status" else value) for name, value in pairs]
            body = written(told, one.integration.key)
            self.outgoing.append(
                Outgoing(url=url, headers=FORM, body=body, due_at=due_at, about=one.reference)
            )

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        known = [one for one in self._all() if self._page(one).endswith(path.rstrip("/"))]
        if not path.startswith("/Payment/ConfirmPayment/") or not known:
            return None
        return known[0].prompt()

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._one(reference))

    def return_url(self, reference: str) -> str | None:
        one = self._one(reference)
        return None if one.method else one.asked["returnurl"]

    def credentials(self) -> Mapping[str, Any]:
        return {
            "integrationId": "1201",
            "integrationKey": INTEGRATIONS["1201"].key,
            "currency": "USD",
            "ecocash": True,
            "onemoney": True,
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """A hundred more."""
        one = self._one(outgoing.about)
        more = f"{one.minor // 100 + 100}.{one.minor % 100:02d}"
        pairs = parse_qsl(outgoing.body.decode())[:-1]
        told = [(name, more if name == "amount" else value) for name, value in pairs]
        return replace(outgoing, body=written(told, one.integration.key))

    def _path(self, request: Request) -> str:
        """Below the company's address; its own letters are of either case."""
        path = urlsplit(request.url).path.removeprefix(urlsplit(self.world.base_url).path)
        return path.rstrip("/").lower()

    def _page(self, one: Transaction) -> str:
        return f"{self.world.base_url.rstrip('/')}/Payment/ConfirmPayment/{one.number}"

    def _poll_url(self, one: Transaction) -> str:
        return f"{self.world.base_url.rstrip('/')}/Interface/CheckPayment/?guid={one.guid}"

    def _all(self) -> Sequence[Transaction]:
        now = self.world.clock.now()
        for one in self._transactions.values():
            one.settle(now)
        return tuple(self._transactions.values())

    def _one(self, reference: str) -> Transaction:
        """By its guid, or the newest of the merchant's reference. Raises LookupError."""
        found = [one for one in self._all() if reference in (one.guid, one.reference)]
        if not found:
            raise LookupError(reference)
        return found[-1]

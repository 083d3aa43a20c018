"""The remote side: a noebs before EBS, as noebs's source code and documentation tell.

- The user 0912000001 signs in with the password Sim-Password-1, and has a main card. Sessions end
  after five hours.
- A token is paid on the page /pay/<uuid>; no request names the payer, so no digits are magic.
  Declining is a card without money (251): the token stays open, and a later try may pay it.
- `slip` scripts a try whose end noebs did not see: 617 though it was done, 191 though it was not.
- EBS refuses times that are not in `date_format` with 600 (the code is assumed), under HTTP 502.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.ebs.simulated_books import Order, Refusal, body_of, ebs_said, refused, reply

LOCAL: Final = timezone(timedelta(hours=2))
MOBILE: Final = "0912000001"
PASSWORD: Final = "Sim-Password-1"  # noqa: S105 - the simulator's, and nobody's
SESSION: Final = timedelta(hours=5)
FORMATS: Final = {"YYMMDD": "%y%m%d%H%M%S", "DDMMYY": "%d%m%y%H%M%S"}
FAR: Final = timedelta(days=1)  # a time read in the wrong format is mostly years away


class EbsSimulator(Simulator):
    name = "ebs"
    callback_retries_s = ()  # it never calls

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.date_format: Literal["YYMMDD", "DDMMYY"] = "YYMMDD"
        self._orders: dict[str, Order] = {}
        self._sessions: dict[str, datetime] = {}

    async def handle(self, request: Request) -> Response:
        try:
            return reply(*self._serve(request))
        except Refusal as refusal:
            return reply(refusal.status, refusal.body)

    def _serve(self, request: Request) -> tuple[int, object]:
        match request.method, self._path(request):
            case "POST", "/login":
                return 200, self._sign_in(body_of(request.body))
            case "POST", "/payment_token":
                self._user(request)
                return 201, self._make(body_of(request.body))
            case "GET", "/payment_token":
                self._user(request)
                rows = [one.told() for one in self._orders.values()]
                return 200, {"token": rows or None, "count": len(rows)}
            case "POST", "/is_alive":
                return 200, {"ebs_response": self._dated(body_of(request.body))}
            case "POST", "/status":
                return 200, {"ebs_response": self._original(body_of(request.body))}
        raise Refusal(404, {"code": "not_found", "message": "no such route"})

    def _sign_in(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if body.get("mobile") != MOBILE:
            raise Refusal(400, {"code": "not_found", "message": "user not found"})
        if body.get("password") != PASSWORD:
            raise Refusal(400, {"code": "wrong_password", "message": "wrong password entered"})
        session = f"session.{self.world.random.getrandbits(128):032x}"
        self._sessions[session] = self.world.clock.now() + SESSION
        return {"authorization": session, "user": {"mobile": MOBILE}}

    def _user(self, request: Request) -> None:
        session = request.headers.get("authorization", "").removeprefix("Bearer ")
        ends = self._sessions.get(session)
        if ends is None or self.world.clock.now() >= ends:
            raise Refusal(401, {"code": "unauthorized", "message": "unauthorized"})

    def _make(self, body: Mapping[str, Any]) -> dict[str, Any]:
        amount = body.get("amount", 0)
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
            raise Refusal(400, {"code": "binding_error", "message": "amount is not an integer"})
        one = Order(
            uuid=self._uuid(),
            cart=str(body.get("cart_id", "")),
            pounds=amount,
            note=str(body.get("note", "")),
            at=self.world.clock.now(),
        )
        self._orders[one.uuid] = one
        token = f"token-{one.uuid}"
        return {"token": token, "result": token, "uuid": one.uuid, "payment_link": self._page(one)}

    def _dated(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """EBS reads the time. Raises Refusal."""
        now = self.world.clock.now().astimezone(LOCAL).replace(tzinfo=None)
        text = str(body.get("tranDateTime"))
        try:
            told = datetime.strptime(text, FORMATS[self.date_format])  # noqa: DTZ007
        except ValueError:
            raise refused(600, body) from None
        if abs(told - now) > FAR:
            raise refused(600, body)
        return ebs_said(0, str(body.get("UUID")))

    def _original(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self._dated(body)
        asked = str(body.get("originalTranUUID"))
        for one in self._orders.values():
            if asked in one.truth:
                return {**ebs_said(one.truth[asked], asked), "tranAmount": one.pounds}
        raise refused(642, body)

    def slip(self, reference: str, code: int, *, moved: bool) -> None:
        """A try that ends at EBS as `moved` says, and as `code` for noebs."""
        one = self._one(reference)
        uuid = self._uuid()
        one.tries.append({**ebs_said(code, uuid), "tranAmount": one.pounds})
        one.truth[uuid] = 0 if moved else 251

    def lose(self, reference: str) -> None:
        """EBS has no record of any try of that token."""
        self._one(reference).truth.clear()

    def operation(self, request: Request) -> str:
        known = {"/payment_token": "charge", "/status": "query"}
        found = known.get(self._path(request), "other")
        return "query" if found == "charge" and request.method == "GET" else found

    def books(self) -> Sequence[Booked]:
        return [
            Booked(
                reference=one.cart,
                provider_reference=one.uuid,
                amount_minor=one.pounds * 100,
                currency="SDG",
                status="succeeded" if one.moved else "pending",
                refunded_minor=0,
                payer=None,
                at=one.at,
            )
            for one in self._orders.values()
        ]

    def act(self, reference: str, action: Action) -> None:
        one = self._one(reference)
        if one.moved or action is Action.IGNORE:
            return
        moved = action is Action.APPROVE
        self.slip(one.uuid, 0 if moved else 251, moved=moved)
        one.is_paid = moved

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        first, _, uuid = path.strip("/").partition("/")
        one = self._orders.get(uuid)
        if first != "pay" or one is None:
            return None
        return Prompt(
            reference=one.uuid,
            merchant=MOBILE,
            amount=f"{one.pounds}.00",
            currency="SDG",
            description=one.note,
            open=not one.moved,
            status="Paid" if one.moved else "Waiting",
            approve_label="Pay with a good card",
            decline_label="Try an empty card",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._one(reference))

    def return_url(self, reference: str) -> str | None:
        """The page has no way back."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {"mobile": MOBILE, "password": PASSWORD, "baseUrl": self.world.base_url}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """It never calls."""
        return outgoing

    def _page(self, one: Order) -> str:
        return f"{self.world.base_url.rstrip('/')}/pay/{one.uuid}"

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/"))

    def _uuid(self) -> str:
        bits = self.world.random.getrandbits(128)
        return f"{bits >> 96:08x}-{bits >> 80 & 0xFFFF:04x}-4000-8000-{bits & 0xFFFFFFFFFFFF:012x}"

    def _one(self, reference: str) -> Order:
        """By its token, or the newest of the cart. Raises LookupError."""
        rows = self._orders.values()
        found = [one for one in rows if reference in (one.uuid, one.cart)]
        if not found:
            raise LookupError(reference)
        return found[-1]

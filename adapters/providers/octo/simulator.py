"""The remote side of OCTO as documented, quirks included.

- Shop <n> has the secret octo-secret-sim-<n>; both stand in every body. Business errors are HTTP
  200 with a number in `error`.
- /prepare_payment creates when the body has `total_sum`, and otherwise tells the status, once a
  second for each payment (error 11). A known id is answered with its payment, unchanged.
- The payer acts on the page /pay/<uuid>, or by magic digits at the end of the phone: those of every
  simulator, and 4444: a wrong code. The third one cancels, as the end of the page's minutes does.
- `envelope` "legacy" answers with everything at the top. `company.recipe` and `.prefix` choose how
  callbacks are signed. A refund whose sum ends in .02 is pending for a minute.
- Assumed, for want of a source: the numbers 4, 5 and 6; that an unknown id is asked about is 1; the
  answer to a refund id used twice; what a dollar is worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.octo.simulated_books import Paying, local, minor_of, written
from adapters.providers.octo.simulated_company import Company, Refusal, secret_of

SHOP: Final = 10_000
DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
OPERATIONS: Final = {"/refund": "refund", "/prepare_payment": "charge"}
MORE: Final = Decimal(1)


class OctoSimulator(Simulator):
    name = "octo"
    callback_retries_s = (60, 300)  # three tries: at once, after one minute and after five

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self.outgoing_add)
        self.envelope: Literal["current", "legacy"] = "current"

    def outgoing_add(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. Errors are numbers under HTTP 200."""
        try:
            return self._reply(0, None, self._serve(request))
        except Refusal as refusal:
            return self._reply(refusal.error, refusal.words, None)

    def _serve(self, request: Request) -> dict[str, Any]:
        body = _body(request.body)
        shop = _caller(body)
        match request.method, self._path(request):
            case "POST", "/prepare_payment" if "total_sum" in body:
                return self._told(self.company.prepare(shop, body))
            case "POST", "/prepare_payment":
                return self._told(self.company.look(shop, body))
            case "POST", "/set_accept":
                one = self.company.named(shop, body)
                self.company.accept(one, body)
                return {**self._told(one), "payed_time": local(self.world.clock.now())}
            case "POST", "/refund":
                one = self.company.named(shop, body)
                minor = minor_of(body.get("amount"))
                given = self.company.give_back(one, minor, body.get("shop_refund_id"))
                return {
                    "octo_payment_UUID": one.uuid,
                    "refund_id": given.id,
                    "refund_time": local(given.at),
                    "status": given.status(self.world.clock.now()),
                }
        raise Refusal(1, "Wrong params: method")

    def _reply(self, error: int, words: str | None, data: dict[str, Any] | None) -> Response:
        body: dict[str, Any] = {"error": error, "errMessage": words, "errorMessage": words}
        if self.envelope == "legacy":
            body |= data or {}
        else:
            body |= {"data": data, "apiMessageForDevelopers": "errorMessage is deprecated"}
        headers = {"content-type": "application/json;charset=UTF-8"}
        return Response(200, headers, msgspec.json.encode(body))

    def _told(self, one: Paying) -> dict[str, Any]:
        return one.told(self.world.clock.now(), self._page(one))

    def operation(self, request: Request) -> str:
        known = OPERATIONS.get(self._path(request), "other")
        asks = known == "charge" and b'"total_sum"' not in request.body
        return "query" if asks else known

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        now = self.world.clock.now()
        return [one.booked(now) for one in self.company.payments.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._paying(reference), action)

    def mistype(self, reference: str) -> None:
        """The payer enters a wrong code. Raises LookupError when unknown."""
        self.company.mistype(self._paying(reference))

    def reopen(self, reference: str) -> None:
        one = self._paying(reference)
        if one.status == "canceled":
            one.status, one.ends_at = "created", datetime.max.replace(tzinfo=one.ends_at.tzinfo)

    def tell_again(self, reference: str) -> None:
        self.company.tell(self._paying(reference))

    def give_back(self, reference: str, minor: int) -> None:
        one = self._paying(reference)
        try:
            self.company.give_back(one, minor, f"by hand {len(one.given)}")
        except Refusal as refusal:
            raise ValueError(refusal.words) from refusal

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        first, _, uuid = path.strip("/").partition("/")
        one = self.company.payments.get(uuid)
        if first != "pay" or one is None:
            return None
        self.company.settle()
        return Prompt(
            reference=one.uuid,
            merchant=f"Shop {one.shop}",
            amount=bytes(written(one.minor)).decode(),
            currency=one.currency,
            description=one.description,
            open=one.is_open,
            status=one.status.replace("_", " ").capitalize(),
            approve_label="Pay",
            decline_label="Cancel",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._paying(reference))

    def return_url(self, reference: str) -> str | None:
        return self._paying(reference).return_url

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        """Each request says where; how they are signed is a setting of the shop."""
        self.company.recipe = config.get("signature", "nested")
        self.company.prefix = config.get("prefix", "")
        self.company.unique_key = config.get("uniqueKey") or self.company.unique_key

    def credentials(self) -> Mapping[str, Any]:
        return {
            "shopId": str(SHOP),
            "secret": secret_of(SHOP),
            "test": True,
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """The signature covers no sum, so it stays."""
        body = DECODER.decode(outgoing.body)
        body["total_sum"] = Decimal(body["total_sum"]) + MORE
        return replace(outgoing, body=msgspec.json.Encoder(decimal_format="number").encode(body))

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of pages that have ended meanwhile."""
        self.company.settle()
        return super().take_due(now)

    def _page(self, one: Paying) -> str:
        return f"{self.world.base_url.rstrip('/')}/pay/{one.uuid}"

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _paying(self, reference: str) -> Paying:
        """By OCTO's own id, or the shop's. Raises LookupError."""
        if (known := self.company.payments.get(reference)) is not None:
            return known
        rows = [one for one in self.company.payments.values() if one.reference == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _caller(body: Mapping[str, Any]) -> int:
    """The shop. Raises Refusal."""
    shop, secret = body.get("octo_shop_id"), body.get("octo_secret")
    if not isinstance(shop, int) or shop < SHOP:
        raise Refusal(2, "no_shop_found")
    if secret != secret_of(shop):
        raise Refusal(2, "Wrong secret")
    return shop


def _body(raw: bytes) -> dict[str, Any]:
    try:
        read = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        raise Refusal(1, "Wrong params: not JSON") from None
    if not isinstance(read, dict):
        raise Refusal(1, "Wrong params: not an object")
    return read

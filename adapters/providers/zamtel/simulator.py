"""The remote side of Zamtel Money: one GET that is answered when the payer has acted.

- `ThirdPartyID` third-party-sim-<merchant> with `Password` p@ss/word+sim-<merchant>; anything else
  is answered 2001 (assumed: it was seen for payouts only).
- The payer acts on the page /phone?id=…, or by magic digits at the end of the number; those of
  every simulator (1111 pays, 2222 mistypes the PIN, 3333 does nothing), and local inventions:
  4444 too little money (2006), 5555 E8027, 6666 -1, 7777 pays but the answer is lost, 8888 the
  answer is lost and nothing was paid.
- Whoever does nothing is waited for; after 120 seconds the request is over (assumed), and nobody
  is told.
- A ConversationId that was used before is another charge: nothing says that it would not be.
"""

import re
from asyncio import Future, get_running_loop
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from adapters.provider_kit.simulator import (
    MAGIC,
    Action,
    Booked,
    Outgoing,
    Prompt,
    Simulator,
    World,
    held,
)
from adapters.provider_kit.transport import Request, Response

AMOUNT: Final = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,2}))?")
WAITS: Final = timedelta(seconds=120)
WRONG_PIN: Final = ("E8003", "Wrong PIN")
INVENTED: Final = {
    "4444": ("2006", "Insufficient balance"),
    "5555": ("E8027", "The system cannot process the request"),
    "6666": ("-1", "Internal error"),
}
LOST_THOUGH_PAID: Final = "7777"
LOST: Final = "8888"


@dataclass(slots=True, kw_only=True)
class Asked:
    """One collection. `answer` is what its caller still waits for."""

    transaction_id: str
    merchant: str
    conversation_id: str
    minor: int
    payer: str
    at: datetime
    answer: Future[Response]
    status: str = "pending"


class ZamtelSimulator(Simulator):
    name = "zamtel"
    callback_retries_s = ()  # it never calls

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: list[Asked] = []

    async def handle(self, request: Request) -> Response:
        """The one call. Nonsense is -1, as far as anybody has seen."""
        path, query = self._target(request)
        if request.method != "GET" or path not in ("/ZampayRest/Req", "/ZampayRestProd/Req"):
            return Response(404)
        merchant = _merchant(query)
        minor = _ngwee(query.get("Amount", ""))
        if merchant is None:
            return _answer("2001", "Initiator authentication error")
        fits = re.fullmatch(r"260[0-9]{9}", query.get("Msisdn", "")) is not None
        if minor is None or not fits or not query.get("ConversationId"):
            return _answer("-1", "Internal error")
        return self._ask(merchant, minor, query)

    def _ask(self, merchant: str, minor: int, query: Mapping[str, str]) -> Response:
        one = Asked(
            transaction_id=f"{self.world.random.getrandbits(40):010X}",
            merchant=merchant,
            conversation_id=query["ConversationId"],
            minor=minor,
            payer=query["Msisdn"],
            at=self.world.clock.now(),
            answer=get_running_loop().create_future(),
        )
        self._asked.append(one)
        digits = one.payer[-4:]
        if digits in INVENTED:
            self._end(one, "failed", _answer(*INVENTED[digits]))
        elif digits in (LOST_THOUGH_PAID, LOST):
            one.status = "succeeded" if digits == LOST_THOUGH_PAID else "failed"
        elif (action := MAGIC.get(digits)) is not None:
            self._act(one, action)
        return held(one.answer)

    def operation(self, request: Request) -> str:
        return "charge" if self._target(request)[0].endswith("/Req") else "other"

    def books(self) -> Sequence[Booked]:
        self._settle()
        return [
            Booked(
                reference=one.conversation_id,
                provider_reference=one.transaction_id,
                amount_minor=one.minor,
                currency="ZMW",
                status=one.status,
                refunded_minor=0,
                payer=f"+{one.payer}",
                at=one.at,
            )
            for one in self._asked
        ]

    def act(self, reference: str, action: Action) -> None:
        self._settle()
        self._act(self._one(reference), action)

    def reopen(self, reference: str) -> None:
        one = self._one(reference)
        if one.status != "succeeded":
            one.status, one.at = "pending", self.world.clock.now()

    def _act(self, one: Asked, action: Action) -> None:
        if one.status != "pending" or action is Action.IGNORE:
            return
        if action is Action.APPROVE:
            self._end(one, "succeeded", _answer("0", "Success", one.transaction_id))
        else:
            self._end(one, "failed", _answer(*WRONG_PIN))

    def _end(self, one: Asked, status: str, answer: Response) -> None:
        one.status = status
        if not one.answer.done():  # its caller may have gone
            one.answer.set_result(answer)

    def _settle(self) -> None:
        """By the clock, whenever anybody looks."""
        now = self.world.clock.now()
        for one in self._asked:
            if one.status == "pending" and now >= one.at + WAITS:
                one.status = "expired"

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        self._settle()
        known = [one for one in self._asked if one.transaction_id == query.get("id")]
        if path.strip("/") != "phone" or not known:
            return None
        one = known[0]
        return Prompt(
            reference=one.transaction_id,
            merchant=one.merchant,
            amount=f"{one.minor // 100}.{one.minor % 100:02d}",
            currency="ZMW",
            description="Payment by USSD prompt",
            open=one.status == "pending",
            status=one.status.capitalize(),
            approve_label="Enter PIN",
            decline_label="Enter a wrong PIN",
            phone=f"+{one.payer}",
        )

    def prompt_url(self, reference: str) -> str | None:
        id_ = self._one(reference).transaction_id
        return f"{self.world.base_url.rstrip('/')}/phone?id={id_}"

    def return_url(self, reference: str) -> str | None:
        """The payer is on the phone, and stays there."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {
            "thirdPartyId": "third-party-sim-demo",
            "password": "p@ss/word+sim-demo",
            "shortcode": "000000",
            "baseUrl": f"{self.world.base_url.rstrip('/')}/ZampayRest",
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """It never calls."""
        return outgoing

    def _target(self, request: Request) -> tuple[str, Mapping[str, str]]:
        parts = urlsplit(request.url)
        base = urlsplit(self.world.base_url).path.rstrip("/")
        return parts.path.removeprefix(base), dict(parse_qsl(parts.query))

    def _one(self, reference: str) -> Asked:
        """By its transaction, or the newest of the conversation. Raises LookupError."""
        found = [
            one for one in self._asked if reference in (one.transaction_id, one.conversation_id)
        ]
        if not found:
            raise LookupError(reference)
        return found[-1]


def _merchant(query: Mapping[str, str]) -> str | None:
    match = re.fullmatch(r"third-party-sim-([a-z0-9-]+)", query.get("ThirdPartyID", ""))
    if match is None or query.get("Password") != f"p@ss/word+sim-{match[1]}":
        return None
    return match[1] if query.get("Shortcode", "").isdigit() else None


def _ngwee(text: str) -> int | None:
    match = AMOUNT.fullmatch(text)
    return int(match[1] + (match[2] or "").ljust(2, "0")) or None if match is not None else None


def _answer(status: str, message: str, transaction_id: str = "") -> Response:
    body = {"status": status, "message": message, "TransactionId": transaction_id}
    return Response(200, {"content-type": "application/json"}, msgspec.json.encode(body))

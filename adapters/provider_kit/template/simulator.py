"""The company's side, with its own books: written from its documents, never from the client."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

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

CURRENCY: Final = "PHP"
CENTAVOS: Final = 100
WORDS: Final = {"pending": "pending", "succeeded": "paid", "failed": "failed"}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /charges."""

    reference: str
    amount: str
    currency: str
    phone: str | None = None


class ExampleSimulator(Simulator):
    """Charges by reference; payers with a magic number act at once."""

    name = "example"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._key = f"key_{world.random.getrandbits(64):016x}"
        self._books: dict[str, Booked] = {}

    async def handle(self, request: Request) -> Response:
        """POST /charges, GET /charges/{reference}."""
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return _error(401, "unauthorized")
        path = request.url.removeprefix(self.world.base_url).partition("?")[0]
        if request.method == "POST" and path == "/charges":
            return self._charge(request.body)
        reference = path.removeprefix("/charges/")
        if request.method != "GET" or reference not in self._books:
            return _error(404, "not_found")
        return self._told(200, reference)

    def operation(self, request: Request) -> str:
        """For fault scripts."""
        return "charge" if request.method == "POST" else "query"

    def books(self) -> Sequence[Booked]:
        """Every charge, oldest first."""
        return list(self._books.values())

    def act(self, reference: str, action: Action) -> None:
        """By our reference or the company's number. Raises LookupError."""
        known = {one.provider_reference: one.reference for one in self._books.values()}
        line = self._books[known.get(reference, reference)]
        if line.status == "pending" and action is not Action.IGNORE:
            status = "succeeded" if action is Action.APPROVE else "failed"
            self._books[line.reference] = msgspec.structs.replace(line, status=status)

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        """There is no page: payers act on their phones."""
        return None

    def return_url(self, reference: str) -> str | None:
        """Nowhere."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        """As from the dashboard."""
        return {"api_key": self._key, "base_url": self.world.base_url}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """It calls nobody."""
        return outgoing

    def outage(self, request: Request) -> Response:
        """Down, and nothing was executed."""
        return _error(503, "down")

    def _charge(self, body: bytes) -> Response:
        try:
            asked = msgspec.json.decode(body, type=Asked)
            pesos, _, cents = asked.amount.partition(".")
            minor = int(pesos) * CENTAVOS + int(cents.ljust(2, "0"))
        except (msgspec.DecodeError, ValueError):
            return _error(422, "malformed")
        if asked.currency != CURRENCY:
            return _error(422, "currency")
        if asked.reference not in self._books:
            now: datetime = self.world.clock.now()
            self._books[asked.reference] = Booked(
                reference=asked.reference,
                provider_reference=f"EX{len(self._books) + 1:06d}",
                amount_minor=minor,
                currency=asked.currency,
                status="pending",
                refunded_minor=0,
                payer=asked.phone,
                at=now,
            )
            self.act(asked.reference, MAGIC.get((asked.phone or "")[-4:], Action.IGNORE))
        return self._told(201, asked.reference)

    def _told(self, status: int, reference: str) -> Response:
        line = self._books[reference]
        body = {
            "id": line.provider_reference,
            "reference": reference,
            "status": WORDS[line.status],
            "amount": f"{line.amount_minor // CENTAVOS}.{line.amount_minor % CENTAVOS:02d}",
            "currency": line.currency,
            "reason": "rejected" if line.status == "failed" else None,
        }
        return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))


def _error(status: int, word: str) -> Response:
    body = msgspec.json.encode({"error": word})
    return Response(status, {"content-type": "application/json"}, body)

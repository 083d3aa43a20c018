"""Inside the simulated Airtel: payers are asked and act, money moves and comes back."""

import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.airtel_money.simulated_books import (
    COUNTRIES,
    PROMPT,
    Push,
    is_push,
    minor_of,
)

ENDS: Final = {Action.APPROVE: "TS", Action.DECLINE: "TF"}
UNCLEAR: Final = "6666"  # pays, and Airtel itself does not know it for two minutes
NOBODY: Final = "4444"  # a number without a wallet
CLEARS: Final = timedelta(minutes=2)
FORMS: Final = ("pretty", "compact", "transaction")


class Refusal(Exception):
    """An answer that ends a request: its status, and the codes in its body."""

    def __init__(self, status: int, result: str = "", response: str = "", words: str = "") -> None:
        super().__init__(result or response)
        self.status = status
        self.body: dict[str, Any] = {"status": {"code": str(status), "success": False}}
        self.body["status"]["message"] = words or "Request failed"
        if result:
            self.body["status"]["result_code"] = result
        if response:
            self.body["status"]["response_code"] = response


class Company:
    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world = world
        self.pushes: dict[tuple[str, str], Push] = {}  # by merchant and its id
        self.urls: dict[str, str] = {}  # of a merchant: what was entered in the portal
        self.hashes = True  # the portal's switch for callback authentication
        self.form = "pretty"  # what is hashed
        self._send = send
        self._open: deque[Push] = deque()  # all are asked equally long: oldest first
        self._unclear: deque[Push] = deque()

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def push(self, merchant: str, country: str, raw: bytes, body: Any) -> Push:
        """Raises Refusal."""
        if not is_push(body):
            raise Refusal(400, "ROUTER003", words="Missing header or body params")
        currency, _, length = COUNTRIES[country]
        asked, subscriber = body["transaction"], body["subscriber"]
        if (merchant, asked["id"]) in self.pushes:
            raise Refusal(200, "ESB000041", words="External Transaction ID already exists.")
        for part in (asked, subscriber):
            if part.get("country", country) != country:
                raise Refusal(200, "ESB000034", words="Invalid Country Name")
            if part.get("currency", currency) != currency:
                raise Refusal(200, "ESB000035", words="Invalid Currency Code")
        msisdn = str(subscriber["msisdn"])
        if not msisdn.isdigit() or len(msisdn) != length:
            raise Refusal(200, "ESB000033", words="Invalid MSISDN Length")
        minor = minor_of(raw, currency)
        if minor is None:
            raise Refusal(400, "ROUTER003", words="Invalid amount")
        if msisdn.endswith(NOBODY):
            raise Refusal(400, response="DP00800001005", words="Msisdn Not Found")
        one = Push(
            id=asked["id"],
            merchant=merchant,
            country=country,
            msisdn=msisdn,
            reference=body["reference"],
            minor=minor,
            at=self.now,
        )
        self.pushes[merchant, one.id] = one
        self._open.append(one)
        self._script(one)
        return one

    def _script(self, one: Push) -> None:
        """Payers who act by themselves."""
        if one.msisdn.endswith(UNCLEAR):
            one.status = "TA"
            self._unclear.append(one)
        elif (action := MAGIC.get(one.msisdn[-4:])) is not None:
            self.act(one, action)

    def act(self, one: Push, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.settle()
        if one.status == "TIP" and (end := ENDS.get(action)) is not None:
            self._end(one, end)

    def refund(self, merchant: str, airtel_money_id: str) -> Push:
        """All of it, at once. Raises Refusal."""
        known = [
            one
            for one in self.pushes.values()
            if one.merchant == merchant and airtel_money_id and one.told().get("airtel_money_id")
        ]
        paid = [one for one in known if one.airtel_money_id == airtel_money_id]
        if not paid:
            raise Refusal(200, "ESB000045", words="No Transaction Found")
        if paid[0].status != "TS":
            raise Refusal(200, "ESB000011", "DP00800001008", "Already reversed")
        paid[0].status = "TR"
        return paid[0]

    def settle(self) -> None:
        """By the clock, whenever anybody looks."""
        now = self.now
        while self._unclear and now >= self._unclear[0].at + CLEARS:
            self._end(self._unclear.popleft(), "TS")
        while self._open and now >= self._open[0].at + PROMPT:
            late = self._open.popleft()
            if late.status == "TIP":
                self._end(late, "TE")

    def _end(self, one: Push, status: str) -> None:
        one.status = status
        if status == "TS":
            number = self.world.random.randrange(10**5)
            one.airtel_money_id = f"MP{self.now:%y%m%d.%H%M}.L{len(self.pushes):05d}{number:05d}"
        self.tell(one)

    def tell(self, one: Push) -> None:
        """The callback: id and status, without amount or time."""
        url = self.urls.get(one.merchant)
        if not url or one.status not in ("TS", "TF"):
            return
        transaction = {"id": one.id, "message": f"{one.told()['message']}, {one.reference}"}
        transaction["status_code"] = one.status
        if one.airtel_money_id:
            transaction["airtel_money_id"] = one.airtel_money_id
        told: dict[str, Any] = {"transaction": transaction}
        if self.hashes:
            told["hash"] = hashed(told, f"callback-sim-{one.merchant}", self.form)
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        self._send(Outgoing(url=url, headers=headers, body=body, due_at=self.now, about=one.id))

    def reopen(self, one: Push) -> None:
        if one.status in ("TF", "TE"):
            one.status = "TIP"


def hashed(told: Mapping[str, Any], key: str, form: str) -> str:
    """Base64 of HMAC-SHA256 under the key as it is written."""
    if form == "pretty":
        text = json.dumps(told, indent=2, ensure_ascii=False)
    else:
        part = told["transaction"] if form == "transaction" else told
        text = json.dumps(part, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()

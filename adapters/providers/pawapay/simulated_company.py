"""What happens inside the simulated pawaPay: payers are asked and act, money moves and comes back.

A request is looked at from the outside in: may this account (403), is it a request at all (400),
can that be paid (200 REJECTED). What is rejected is not remembered.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.pawapay.simulated_books import (
    CURRENCY,
    GIVING,
    LEAST,
    MOST,
    PREFIXES,
    PROMPT,
    UUID4,
    Deposit,
    Entry,
    Refund,
    minor_of,
    network,
)
from adapters.providers.pawapay.simulated_signature import headers

SANDBOX: Final = re.compile(r"260(?:76|97|95)3456([0-9]{3})")
ENDINGS: Final[Mapping[str, tuple[str, str]]] = {
    "029": ("FAILED", "PAYER_NOT_FOUND"),
    "039": ("FAILED", "PAYMENT_NOT_APPROVED"),
    "049": ("FAILED", "INSUFFICIENT_BALANCE"),
    "069": ("FAILED", "UNSPECIFIED_FAILURE"),
    "789": ("COMPLETED", ""),
}
STUCK: Final = "129"
ENDS: Final = {
    Action.APPROVE: ("COMPLETED", ""),
    Action.DECLINE: ("FAILED", "PAYMENT_NOT_APPROVED"),
}


class Refusal(Exception):
    """A failure code, and the HTTP status it comes with; 200 is a REJECTED one."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Duplicate(Exception):
    """It is known already: nothing happens."""


class Company:
    def __init__(self, world: World, send: Callable[[Outgoing], None]) -> None:
        self.world = world
        self.deposits: dict[str, Deposit] = {}
        self.refunds: dict[str, Refund] = {}
        self.urls: dict[str, str] = {}  # of a merchant: what was entered in the dashboard
        self.signs = True  # the dashboard's switch
        self.loses_names = False  # the sandbox was seen to lose the names of metadata fields
        self.one_refund_at_a_time = False
        self.closed: set[str] = set()  # networks that are down
        self._send = send
        self._open: deque[Deposit] = deque()  # all are asked equally long: oldest first
        self._giving: deque[Refund] = deque()

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def deposit(self, merchant: str, body: object) -> Deposit:
        """Raises Refusal, Duplicate."""
        if not isinstance(body, dict) or not _is_deposit(body):
            raise Refusal(400, "INVALID_INPUT")
        if body["depositId"] in self.deposits:
            raise Duplicate
        account = body["payer"]["accountDetails"]
        if account["provider"] not in PREFIXES:
            raise Refusal(200, "INVALID_PROVIDER")
        if account["provider"] in self.closed:
            raise Refusal(200, "PROVIDER_TEMPORARILY_UNAVAILABLE")
        if network(account["phoneNumber"]) is None:
            raise Refusal(200, "INVALID_PHONE_NUMBER")
        one = Deposit(
            id=body["depositId"],
            merchant=merchant,
            body=body,
            minor=_minor(body),
            at=self.now,
        )
        self.deposits[one.id] = one
        self._open.append(one)
        if network(one.phone) != account["provider"]:  # ported or mistaken: nobody there
            self.end(one, "FAILED", "PAYER_NOT_FOUND")
        else:
            self._script(one)
        return one

    def _script(self, one: Deposit) -> None:
        """Payers who act by themselves: the sandbox's numbers, and those of every simulator."""
        sandbox = SANDBOX.fullmatch(one.phone)
        if sandbox is not None and sandbox[1] == STUCK:
            one.stuck = True
        elif sandbox is not None and sandbox[1] in ENDINGS:
            self.end(one, *ENDINGS[sandbox[1]])
        elif (action := MAGIC.get(one.phone[-4:])) is not None:
            self.act(one, action)

    def act(self, one: Deposit, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.settle()
        if one.status == "PROCESSING" and (end := ENDS.get(action)) is not None:
            self.end(one, *end)

    def refund(self, merchant: str, body: object) -> Refund:
        """Raises Refusal, Duplicate."""
        if not isinstance(body, dict) or not _is_refund(body):
            raise Refusal(400, "INVALID_INPUT")
        if body["refundId"] in self.refunds:
            raise Duplicate
        paid = self.deposits.get(body["depositId"])
        if paid is None or paid.merchant != merchant:
            raise Refusal(200, "NOT_FOUND")
        if paid.status != "COMPLETED":
            raise Refusal(200, "INVALID_STATE")
        if self.one_refund_at_a_time and any(one.status == "PROCESSING" for one in paid.refunds):
            raise Refusal(200, "REFUND_IN_PROGRESS")
        if paid.left() == 0:
            raise Refusal(200, "DEPOSIT_ALREADY_REFUNDED")
        minor = _minor(body) if "amount" in body else paid.left()
        if minor > paid.left():
            raise Refusal(200, "AMOUNT_TOO_LARGE")
        one = Refund(
            id=body["refundId"], merchant=merchant, body=body, minor=minor, at=self.now, of=paid
        )
        paid.refunds.append(one)
        self.refunds[one.id] = one
        self._giving.append(one)
        return one

    def settle(self) -> None:
        """By the clock, whenever anybody looks."""
        now = self.now
        while self._open and now >= self._open[0].at + PROMPT:
            late = self._open.popleft()
            if late.status == "PROCESSING" and not late.stuck:
                self.end(late, "FAILED", "PAYMENT_NOT_APPROVED")
        while self._giving and now >= self._giving[0].at + GIVING:
            done = self._giving.popleft()
            self.end(done, done.ends, "" if done.ends == "COMPLETED" else "RECIPIENT_NOT_FOUND")

    def end(self, one: Entry, status: str, code: str) -> None:
        one.status, one.code = status, code
        if status == "COMPLETED":
            one.transaction = f"ZM{self.world.random.randrange(10**9, 10**10)}"
        self.tell(one)

    def tell(self, one: Entry) -> None:
        """The callback of how it stands now."""
        url = self.urls.get(one.merchant)
        if url and one.status != "PROCESSING":
            told = one.told()
            if self.loses_names and "metadata" in told:
                told["metadata"] = {"value": next(iter(told["metadata"].values()))}
            about = one.of.reference if isinstance(one, Refund) else str(told["clientReferenceId"])
            self._send(self.letter(url, told, about, self.now))

    def letter(self, url: str, told: Mapping[str, Any], about: str, at: datetime) -> Outgoing:
        body = msgspec.json.encode(told)
        shown = headers(url, body, at) if self.signs else {"content-type": "application/json"}
        return Outgoing(url=url, headers=shown, body=body, due_at=at, about=about)

    def reopen(self, one: Deposit) -> None:
        if one.status == "FAILED":
            one.status, one.code, one.stuck = "PROCESSING", "", True


def _minor(body: Mapping[str, Any]) -> int:
    minor = minor_of(body["amount"])
    if minor is None:
        raise Refusal(200, "INVALID_AMOUNT")
    if body.get("currency") != CURRENCY:
        raise Refusal(200, "INVALID_CURRENCY")
    if "refundId" not in body and not LEAST <= minor <= MOST:
        raise Refusal(200, "AMOUNT_OUT_OF_BOUNDS")
    return minor


def _is_deposit(body: Mapping[str, Any]) -> bool:
    payer = body.get("payer")
    account = payer.get("accountDetails") if isinstance(payer, dict) else None
    if not isinstance(payer, dict) or payer.get("type") != "MMO" or not isinstance(account, dict):
        return False
    texts = (account.get("phoneNumber"), account.get("provider"), body.get("amount"))
    words = body.get("customerMessage", "Payment")
    fits = isinstance(words, str) and re.fullmatch(r"[A-Za-z0-9 ]{4,22}", words) is not None
    digits = str(account.get("phoneNumber")).isdigit()
    known = all(isinstance(one, str) for one in texts) and digits and fits
    return known and _is_id(body.get("depositId")) and _is_metadata(body)


def _is_refund(body: Mapping[str, Any]) -> bool:
    ids = (body.get("refundId"), body.get("depositId"))
    return all(_is_id(one) for one in ids) and _is_metadata(body)


def _is_id(text: object) -> bool:
    return isinstance(text, str) and UUID4.fullmatch(text) is not None


def _is_metadata(body: Mapping[str, Any]) -> bool:
    rows = body.get("metadata", [])
    return isinstance(rows, list) and len(rows) <= 10 and all(isinstance(one, dict) for one in rows)

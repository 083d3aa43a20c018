"""What happens inside the simulated MTN: payers are asked and act, money moves and comes back."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.simulator import MAGIC, Action, Outgoing, World
from adapters.providers.mtn_momo.simulated_books import (
    ENVIRONMENTS,
    LATE,
    PROMPT,
    Asked,
    Given,
    is_request,
    minor_of,
)
from adapters.providers.mtn_momo.simulated_gate import UUID4, Refusal

ENDS: Final = {Action.APPROVE: ("SUCCESSFUL", ""), Action.DECLINE: ("FAILED", "APPROVAL_REJECTED")}
SANDBOX: Final[Mapping[str, tuple[str, str]]] = {
    "46733123450": ("FAILED", "INTERNAL_PROCESSING_ERROR"),
    "46733123451": ("FAILED", "APPROVAL_REJECTED"),
    "46733123452": ("FAILED", "EXPIRED"),
    "46733123463": ("FAILED", "COULD_NOT_PERFORM_TRANSACTION"),
}
SLOW_PAYER: Final = "46733123453"  # pays after half a minute
PATIENT_PAYER: Final = "46733123454"  # stays pending
REFUSED: Final[Mapping[str, tuple[int, str]]] = {
    "46733123455": (500, "PAYER_NOT_FOUND"),
    "46733123456": (500, "PAYEE_NOT_ALLOWED_TO_RECEIVE"),
    "46733123457": (500, "NOT_ALLOWED"),
    "46733123458": (500, "NOT_ALLOWED_TARGET_ENVIRONMENT"),
    "46733123459": (500, "INVALID_CALLBACK_URL_HOST"),
    "46733123460": (500, "INVALID_CURRENCY"),
    "46733123461": (500, "INTERNAL_PROCESSING_ERROR"),
    "46733123462": (503, "SERVICE_UNAVAILABLE"),
}
REFUSED_REFUNDS: Final[Mapping[str, tuple[int, str]]] = {
    "1": (404, "RESOURCE_NOT_FOUND"),
    "7": (500, "NOT_ALLOWED"),
    "8": (500, "NOT_ALLOWED_TARGET_ENVIRONMENT"),
    "9": (500, "INVALID_CALLBACK_URL_HOST"),
    "10": (500, "INVALID_CURRENCY"),
    "11": (500, "INTERNAL_PROCESSING_ERROR"),
    "12": (503, "SERVICE_UNAVAILABLE"),
}
WAKES: Final = timedelta(seconds=30)
FILTERED: Final = frozenset("()#")  # a firewall before the sandbox answers these by itself


class Filtered(Exception):
    """The firewall's page came instead of an answer."""


class Company:
    """`calls` says whether an API user's callbacks may go to a host."""

    def __init__(
        self,
        world: World,
        outgoing: Callable[[Outgoing], None],
        calls: Callable[[str, str | None], bool],
    ) -> None:
        self.world = world
        self.objects = True  # the shape of `reason`: an object, or the code alone
        self.asked: dict[str, Asked] = {}
        self.given: dict[str, Given] = {}
        self._send = outgoing
        self._calls = calls
        self._open: deque[Asked] = deque()  # all are asked equally long: oldest first
        self._slow: deque[Asked] = deque()

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def ask(self, merchant: str, user: str, headers: Mapping[str, str], body: object) -> None:
        """A request to pay. Raises Refusal, Filtered."""
        environment = headers["x-target-environment"]
        reference = _reference(headers)
        if not is_request(body) or not isinstance(body, dict):
            raise Refusal(400)
        _filter(environment, body)
        url = headers.get("x-callback-url", "")
        if url and not self._calls(user, urlsplit(url).hostname):
            raise Refusal.code(500, "INVALID_CALLBACK_URL_HOST")
        if reference in self.asked:
            raise _duplicate()
        minor = self._checked(environment, body)
        one = Asked(
            id=reference,
            merchant=merchant,
            environment=environment,
            body=body,
            minor=minor,
            callback_url=url,
            created_at=self.now,
        )
        self.asked[reference] = one
        self._open.append(one)
        self._script(one)

    def _checked(self, environment: str, body: dict[str, Any]) -> int:
        currency, code = ENVIRONMENTS[environment]
        payer = body["payer"]["partyId"]
        if environment == "sandbox" and payer in REFUSED:
            raise Refusal.code(*REFUSED[payer])
        if body["currency"] != currency:
            raise Refusal.code(500, "INVALID_CURRENCY", "Currency not supported.")
        if (minor := minor_of(body.get("amount"), currency)) is None:
            raise Refusal(400)
        if not payer.startswith(code):
            raise Refusal.code(500, "PAYER_NOT_FOUND", "Payer does not exist.")
        return minor

    def _script(self, one: Asked) -> None:
        """Payers who act by themselves."""
        if one.environment == "sandbox" and one.payer in SANDBOX:
            self._end(one, *SANDBOX[one.payer])
        elif one.environment == "sandbox" and one.payer == SLOW_PAYER:
            self._slow.append(one)
        elif one.environment == "sandbox" and one.payer == PATIENT_PAYER:
            one.patient = True
        elif (action := MAGIC.get(one.payer[-4:])) is not None:
            self.act(one, action)
        elif one.environment == "sandbox" and one.payer.startswith("46733123"):
            self._end(one, "SUCCESSFUL", "")  # "anything else"

    def act(self, one: Asked, action: Action) -> None:
        """The payer acts; what is decided stays as it is."""
        self.settle()
        if one.status == "PENDING" and (end := ENDS.get(action)) is not None:
            self._end(one, *end)

    def settle(self) -> None:
        """By the clock, whenever anybody looks."""
        now = self.now
        while self._slow and now >= self._slow[0].created_at + WAKES:
            slow = self._slow.popleft()
            if slow.status == "PENDING":
                self._end(slow, "SUCCESSFUL", "")
        while self._open and now >= self._open[0].created_at + PROMPT:
            one = self._open.popleft()
            if one.status == "PENDING" and not one.patient:
                self._end(one, "FAILED", LATE)

    def tell(self, one: Asked) -> None:
        """The callback: once, unsigned; here PUT in the sandbox and POST elsewhere."""
        if not one.callback_url or one.status == "PENDING":
            return
        self._send(
            Outgoing(
                url=one.callback_url,
                headers={"content-type": "application/json"},
                body=msgspec.json.encode(one.told(objects=self.objects)),
                due_at=self.now,
                about=one.external_id,
                method="PUT" if one.environment == "sandbox" else "POST",
            )
        )

    def give_back(self, merchant: str, headers: Mapping[str, str], body: object) -> None:
        """A refund. More than is left is refused at once: assumed, nothing is documented. Raises
        Refusal, Filtered."""
        reference = _reference(headers)
        if not isinstance(body, dict) or not isinstance(body.get("referenceIdToRefund"), str):
            raise Refusal(400)
        environment = headers["x-target-environment"]
        _filter(environment, body)
        if reference in self.given:
            raise _duplicate()
        of = body["referenceIdToRefund"]
        if environment == "sandbox" and of in REFUSED_REFUNDS:
            raise Refusal.code(*REFUSED_REFUNDS[of])
        paid = self.asked.get(of)
        if paid is None or paid.merchant != merchant:
            raise Refusal.code(404, "RESOURCE_NOT_FOUND", "Requested resource was not found.")
        if body.get("currency") != paid.currency:
            raise Refusal.code(500, "INVALID_CURRENCY", "Currency not supported.")
        minor = minor_of(body.get("amount"), paid.currency)
        if minor is None or not isinstance(body.get("externalId"), str):
            raise Refusal(400)
        if paid.status != "SUCCESSFUL" or minor > paid.left(self.now):
            raise Refusal.code(500, "NOT_ALLOWED", "Authorization failed.")
        one = Given(
            id=reference,
            merchant=merchant,
            body=body,
            payer=paid.payer,
            minor=minor,
            at=self.now,
            financial_id=self._financial_id(),
        )
        paid.given.append(one)
        self.given[reference] = one

    def _end(self, one: Asked, status: str, reason: str) -> None:
        one.status, one.reason = status, reason
        if status == "SUCCESSFUL":
            one.financial_id = self._financial_id()
        self.tell(one)

    def _financial_id(self) -> str:
        return str(self.world.random.randrange(10**8, 10**9))


def _reference(headers: Mapping[str, str]) -> str:
    reference = headers.get("x-reference-id", "")
    if UUID4.fullmatch(reference) is None:
        raise Refusal(400)
    return reference.lower()


def _filter(environment: str, body: Mapping[str, Any]) -> None:
    words = f"{body.get('payerMessage', '')}{body.get('payeeNote', '')}"
    if environment == "sandbox" and FILTERED & set(words):
        raise Filtered


def _duplicate() -> Refusal:
    words = "Duplicated reference id. Creation of resource failed."
    return Refusal.code(409, "RESOURCE_ALREADY_EXIST", words)

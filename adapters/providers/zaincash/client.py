"""The flow of ZainCash's Payment Gateway v2: init, the payer on its page, a webhook or an inquiry.

Only ZainCash's id can be asked about, and nothing but init's answer and the webhook tell it: an
init whose answer is lost is for a person, if no webhook comes. Nothing is ever sent twice.
"""

from datetime import datetime
from typing import Final
from urllib.parse import quote

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.tokens import Grant, Left, Missing, Tokens, unasked, uncharged
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.zaincash import access, notices, refunds, wire
from adapters.providers.zaincash.config import ZainCashConfig
from domain.payments.outcome import Answer, Declined, NotFound, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import (
    Callback,
    Callbacks,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Probes,
    RefundOrder,
    Refunds,
)

PATH: Final = "/api/v2/payment-gateway/transaction"
TRIES: Final = 2  # of a query: a token may have been withdrawn


class ZainCashProvider(PaymentProvider, Refunds, Callbacks, Probes):
    """One merchant's account. A payment can't be canceled: its page ends by itself."""

    def __init__(self, config: ZainCashConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._tokens = Tokens(clock, self._granted)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Open a transaction. Pending with ZainCash's page for the payer."""
        if (never := wire.impossible(charge, self._config)) is not None:
            return never
        left = deadline(self._clock, timeout_s)
        answer = await self._sent("init", wire.transaction(charge, self._config), left)
        return wire.created(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By ZainCash's id."""
        left = deadline(self._clock, timeout_s)
        found = await self._inquiry(lookup.provider_reference, lookup.attempt_id, left)
        if not isinstance(found, wire.Inquiry):
            return found
        amount = found.transaction_details.amount.money()
        return wire.outcome(found.status, amount, found.id)

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Reverse it, once: looks first whether it was done already."""
        if order.amount != order.paid:
            return Declined(failure=refunds.WHOLE)
        left = deadline(self._clock, timeout_s)
        found = await self._inquiry(order.provider_reference, order.attempt_id, left)
        if not isinstance(found, wire.Inquiry):
            return NotSent(f"the payment could not be looked up: {found.reason}")
        if (known := refunds.before(found, order)) is not None:
            return known
        answer = await self._sent("reverse", refunds.body(order), left)
        return refunds.reversed_(answer, order) if isinstance(answer, Response) else answer

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """By the transaction, which is REFUNDED then."""
        left = deadline(self._clock, timeout_s)
        found = await self._inquiry(order.provider_reference, order.attempt_id, left)
        if isinstance(found, NotFound):
            return Unknown(reason="the payment itself is not found")
        return refunds.afterwards(found, order) if isinstance(found, wire.Inquiry) else found

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Raises Forged, Invalid."""
        return notices.receive(callback, self._config.api_key)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid when ZainCash gives no token; moves nothing. The API key can't be tried:
        it is only ever used by ZainCash."""
        asked = access.request(self._config)
        access.accepted(await ask(self._transport, asked, timeout_s=timeout_s))

    async def _sent(
        self, verb: str, body: object, left: Left
    ) -> Response | NotSent | Unknown | Declined:
        """One call that may move money, once: also one that is refused for its token."""
        token = await self._tokens.get(left)
        if not isinstance(token, str):
            return uncharged(token)
        url = f"{self._config.url}{PATH}/{verb}"
        request = json_request("POST", url, body, {"authorization": f"Bearer {token}"})
        answer = await ask(self._transport, request, timeout_s=left())
        if isinstance(answer, Response) and answer.status == 401:
            self._tokens.drop(token)
        return answer

    async def _inquiry(
        self, reference: str | None, attempt_id: str, left: Left
    ) -> wire.Inquiry | NotFound | Unknown:
        if reference is None:
            return Unknown(reason=f"ZainCash's id is not known; look for the order {attempt_id}")
        answer = await self._asked(f"{PATH}/inquiry/{quote(reference, safe='')}", left)
        if not isinstance(answer, Response):
            return answer
        return wire.inquiry(answer, reference, attempt_id)

    async def _asked(self, path: str, left: Left) -> Response | Unknown:
        """A read; one that is refused for its token is tried with a new one."""
        answer: Response | NotSent | Unknown = NotSent("nothing was tried")
        for _ in range(TRIES):
            token = await self._tokens.get(left)
            if not isinstance(token, str):
                return unasked(token)
            proof = {"authorization": f"Bearer {token}"}
            request = json_request("GET", f"{self._config.url}{path}", None, proof)
            answer = await ask(self._transport, request, timeout_s=left())
            if not isinstance(answer, Response) or answer.status != 401:
                break
            self._tokens.drop(token)
        return Unknown(reason=answer.reason) if isinstance(answer, NotSent) else answer

    async def _granted(self, left: Left) -> Grant | Missing:
        asked = access.request(self._config)
        answer = await ask(self._transport, asked, timeout_s=left())
        return access.granted(answer) if isinstance(answer, Response) else answer

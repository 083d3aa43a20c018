"""The flow of Zamtel Money: one call, which ends when the payer has typed the PIN, or never does.

There is no query, no callback, no refund and no idempotency key. So nothing is ever sent twice,
an answer that was lost stays unknown, and a person looks it up in Zamtel's portal or statement:
the ConversationId there is our attempt.
"""

from adapters.provider_kit.guard import UNASKABLE
from adapters.provider_kit.http import ACCEPT, ask
from adapters.provider_kit.transport import Request, Response, Transport
from adapters.providers.zamtel import wire
from adapters.providers.zamtel.config import ZamtelConfig
from domain.payments.outcome import Answer, Outcome
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup, PaymentProvider


class ZamtelProvider(PaymentProvider):
    """One merchant's shortcode."""

    def __init__(self, config: ZamtelConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Waits for the payer, as long as there is time. Never Pending."""
        if (stray := wire.misdirected(charge)) is not None:
            return stray
        request = Request("GET", wire.address(charge, self._config), ACCEPT)
        answer = await ask(self._transport, request, timeout_s=timeout_s)
        return wire.collected(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Always Unknown, and nobody is called."""
        return UNASKABLE

"""The flow of ZainCash v1: init, the payer on its page, and asking: nothing else tells.

The payer's browser comes back to the shop with a signed token; it is lost with a closed tab, names
no amount, and never reaches us. Only ZainCash's id can be asked about, and only init's answer tells
it: an init whose answer is lost is for a person.
"""

from adapters.provider_kit.http import ask
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.zaincash_v1 import wire
from adapters.providers.zaincash_v1.config import ZainCashV1Config
from domain.payments.outcome import Answer, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup, PaymentProvider


class ZainCashV1Provider(PaymentProvider):
    """One merchant's account. Nothing can be given back or canceled through it."""

    def __init__(self, config: ZainCashV1Config, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Make a transaction. Pending with its page."""
        if (never := wire.impossible(charge, self._config)) is not None:
            return never
        asked = wire.init(charge, self._config, self._clock.now())
        answer = await ask(self._transport, asked, timeout_s=timeout_s)
        if not isinstance(answer, Response):
            return answer
        return wire.created(answer, charge, self._config)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By ZainCash's id."""
        reference = lookup.provider_reference
        if reference is None:
            told = f"ZainCash's id is not known; look for the order {lookup.attempt_id}"
            return Unknown(reason=told)
        asked = wire.get(reference, self._config, self._clock.now())
        answer = await ask(self._transport, asked, timeout_s=timeout_s)
        if isinstance(answer, NotSent):  # of the query: that says nothing of the transaction
            return Unknown(reason=answer.reason)
        if isinstance(answer, Unknown):
            return answer
        found = wire.read(answer, reference, lookup.attempt_id)
        return found if isinstance(found, Unknown) else wire.outcome(found)

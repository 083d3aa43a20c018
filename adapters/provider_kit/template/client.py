"""The flow: a charge is sent once; what became of it is asked by our reference."""

from adapters.provider_kit.http import Credentials, ask, json_request
from adapters.provider_kit.template import wire
from adapters.provider_kit.transport import Response, Transport
from domain.payments.outcome import Answer, NotSent, Outcome, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup, PaymentProvider


class ExampleConfig(Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An account. What must not be seen is never shown: see Credentials."""

    api_key: str
    base_url: str = "https://api.example.com"


class ExampleProvider(PaymentProvider):
    """One merchant's account. Refunds, Cancels, Callbacks, Registers, Probes are added as bases."""

    def __init__(self, config: ExampleConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Ask for the money."""
        url = f"{self._config.base_url}/charges"
        request = json_request("POST", url, wire.charge_body(charge), self._headers())
        answer = await ask(self._transport, request, timeout_s=timeout_s)
        return wire.charged(answer) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """What became of it."""
        url = f"{self._config.base_url}/charges/{lookup.attempt_id}"
        request = json_request("GET", url, headers=self._headers())
        answer = await ask(self._transport, request, timeout_s=timeout_s)
        if isinstance(answer, NotSent):  # the question was not put: that says nothing of the charge
            return Unknown(reason=answer.reason)
        return wire.found(answer) if isinstance(answer, Response) else answer

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._config.api_key}"}

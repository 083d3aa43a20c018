"""The flow of EBS through noebs: make a payment token, send the payer to its page, ask.

EBS itself is card and IPIN: secrets of the payer that never come here. noebs's page takes them.
Nobody calls us: hooks are not authenticated, so the ladder of queries tells.
"""

from collections.abc import Callable
from typing import Final

from adapters.provider_kit.http import ask, deadline, json_request
from adapters.provider_kit.tokens import Grant, Tokens, unasked, uncharged
from adapters.provider_kit.transport import Response, Transport
from adapters.providers.ebs import setup, wire
from adapters.providers.ebs.config import EbsConfig
from domain.payments.outcome import Answer, NotFound, NotSent, Outcome, Pending, Succeeded, Unknown
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup, PaymentProvider, Probes

Left = Callable[[], float]  # seconds that remain for calls sharing one deadline
MOST_TRIES: Final = 5  # of one token that EBS is asked about at once


class EbsProvider(PaymentProvider, Probes):
    """One user of a noebs, who receives."""

    def __init__(self, config: EbsConfig, transport: Transport, clock: Clock) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._sessions = Tokens(clock, self._fetch)

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Make the token. Pending with its page; nobody is charged before the payer acts there."""
        if (unfit := wire.unfit(charge.amount)) is not None:
            return unfit
        left = deadline(self._clock, timeout_s)
        session = await self._sessions.get(left)
        if not isinstance(session, str):
            return uncharged(session)
        body = wire.token(charge, self._config)
        answer = await self._call("POST", "/payment_token", left, body, session)
        return wire.made(answer, charge) if isinstance(answer, Response) else answer

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """By our reference among the user's tokens; a try in doubt is asked about at EBS."""
        left = deadline(self._clock, timeout_s)
        session = await self._sessions.get(left)
        if not isinstance(session, str):
            return unasked(session)
        answer = await self._call("GET", "/payment_token", left, session=session)
        if not isinstance(answer, Response):
            return _asked(answer)
        known = wire.found(answer, lookup)
        if not isinstance(known, wire.Token):
            return known
        if known.is_paid or not wire.doubtful(known):
            return wire.outcome(known)
        return await self._explained(known, left)

    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming what is not taken; creates nothing."""
        left = deadline(self._clock, timeout_s)
        setup.signed_in(await self._sign_in(left))
        body = wire.question(self._config, self._clock.now())
        setup.alive(await self._call("POST", "/is_alive", left, body))

    async def _explained(self, known: wire.Token, left: Left) -> Outcome:
        """Each doubtful try, until one moved money. All refused: the payer may try again."""
        for one in wire.doubtful(known)[:MOST_TRIES]:
            if not one.uuid:
                return wire.outcome(known)
            body = wire.question(self._config, self._clock.now(), one.uuid)
            answer = await self._call("POST", "/status", left, body)
            if not isinstance(answer, Response):
                return _asked(answer)
            said = wire.explained(answer, one)
            if not isinstance(said, NotFound):
                return _of(known, said)
        return Pending(provider_reference=known.uuid)

    async def _fetch(self, left: Left) -> Grant | NotSent | Unknown:
        return setup.granted(await self._sign_in(left))

    async def _sign_in(self, left: Left) -> Response | NotSent | Unknown:
        body = {"mobile": self._config.mobile, "password": self._config.password}
        return await self._call("POST", "/login", left, body)

    async def _call(
        self, method: str, path: str, left: Left, body: object = None, session: str = ""
    ) -> Response | NotSent | Unknown:
        headers = {"x-tenant-id": self._config.tenant_id} if self._config.tenant_id else {}
        if session:
            plain = self._config.authorization == "plain"
            headers["authorization"] = session if plain else f"Bearer {session}"
        request = json_request(method, f"{self._config.url}{path}", body, headers)
        answer = await ask(self._transport, request, timeout_s=left())
        if session and isinstance(answer, Response) and answer.status == 401:
            self._sessions.drop(session)  # the next call signs in again
        return answer


def _of(known: wire.Token, said: Succeeded | Unknown) -> Outcome:
    """The same under the token's own reference."""
    if isinstance(said, Succeeded):
        return Succeeded(amount=said.amount, provider_reference=known.uuid)
    return Unknown(reason=said.reason, provider_reference=known.uuid)


def _asked(silence: NotSent | Unknown) -> Unknown:
    """A query that did not get through says nothing about the money."""
    return silence if isinstance(silence, Unknown) else Unknown(reason=silence.reason)

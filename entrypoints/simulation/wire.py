"""The wire between a process and the companies: the transport of every provider client.

The request acts at the company in a callback of the world, not in the caller: bytes on their way
arrive although the sender is dead.
"""

import asyncio
from collections.abc import Mapping
from contextvars import Context
from typing import Any, Final

from adapters.provider_kit.simulator import Held
from adapters.provider_kit.transport import NoAnswer, NothingSent, Request, Response, Transport
from entrypoints.simulation.companies import BROKEN, GARBAGE, Company
from entrypoints.simulation.world import World

WIRE: Final = (
    "refused", "lost_request", "lost_answer", "late_act", "error_before", "error_after", "garbage",
    "lying_no", "slow_answer",
)  # fmt: skip
HONEST: Final = tuple(one for one in WIRE if one != "lying_no")
SILENT: Final = ("lost_request", "lost_answer")
UNHEARD: Final = ("lost_request", "error_before")  # it never acts on the request


class SimWire(Transport):
    """A Transport. Elsewhere than at the companies nobody listens."""

    def __init__(self, world: World, companies: Mapping[str, Company]) -> None:
        self._world = world
        self._companies = {one.simulator.world.base_url: one for one in companies.values()}

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        """Raises NothingSent or NoAnswer, nothing else."""
        company = self._at(request.url)
        if timeout_s <= 0 or company is None:
            raise NothingSent("no time was left" if company else "connection refused")
        world = self._world
        operation, subject = company.simulator.operation(request), world.place
        refund = world.refund_in(request) if operation == "refund" else ""
        place = f"{company.name}.{operation}/{subject}"
        lies = company.may_lie or operation != "charge"
        fault = world.faults.pick(place, *(WIRE if lies else HONEST))
        out_s = 0.02 + 0.3 * world.chance.luck(place)
        if fault == "refused" or (company.is_down() and company.down[2]):
            await world.sleep(out_s)
            raise NothingSent("connection refused")
        if fault == "late_act":  # stuck in a queue on their side: acted on after our deadline
            out_s += 20 + 60 * world.chance(f"stuck/{place}")
        answer: asyncio.Future[Response] = world.loop.create_future()
        lower = {name.lower(): value for name, value in request.headers.items()}
        received = Request(request.method, request.url, lower, request.body)
        world.later(
            out_s, self._arrive, company, received, (operation, subject, fault, refund), answer
        )
        patience = world.loop.call_later(timeout_s, _gives_up, answer)
        try:
            return await answer
        finally:
            patience.cancel()

    def _arrive(
        self, company: Company, request: Request, what: tuple[str, str, str, str], answer: Any
    ) -> None:
        operation, subject, fault, refund = what
        if company.is_down():
            response = company.simulator.outage(request)
        elif fault in UNHEARD:
            response = Response(503)
        else:
            response = company.handle(request, operation, subject, refund)
        if fault == "lying_no" and operation in ("charge", "refund"):
            response = company.lie(request, operation)
        place = f"{company.name}.{operation}/{subject}"
        if isinstance(response, Held) and response.until is not None:  # until the payer has acted
            response.until.add_done_callback(
                lambda until: self._answer(until.result(), (place, fault), answer),
                context=Context(),
            )
        else:
            self._answer(response, (place, fault), answer)

    def _answer(self, response: Response, what: tuple[str, str], answer: Any) -> None:
        """It leaves the company, and may be lost or spoilt on its way."""
        place, fault = what
        if fault == "error_after":
            response = BROKEN
        elif fault == "garbage":
            response = self._garbled(response, place)
        if fault not in SILENT:
            back_s = 0.02 + 0.3 * self._world.chance.luck(place)
            if fault == "slow_answer":
                back_s += 15 * self._world.chance(f"slow/{place}")
            self._world.later(back_s, _reply, answer, response)

    def _garbled(self, response: Response, place: str) -> Response:
        dice = int(self._world.chance(f"garbage/{place}") * (len(GARBAGE) + 1))
        if dice < len(GARBAGE):
            return GARBAGE[dice]
        return Response(response.status, response.headers, response.body[: len(response.body) // 2])

    def _at(self, url: str) -> Company | None:
        return next((one for base, one in self._companies.items() if url.startswith(base)), None)


def _gives_up(answer: "asyncio.Future[Response]") -> None:
    if not answer.done():
        answer.set_exception(NoAnswer("no answer in time", timed_out=True))


def _reply(answer: "asyncio.Future[Response]", response: Response) -> None:
    if not answer.done():
        answer.set_result(response)

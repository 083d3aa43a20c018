"""A transport without sockets: requests reach simulators in this process, through their faults."""

from collections.abc import Iterable

from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulator import Held
from adapters.provider_kit.transport import MOST_BODY, NoAnswer, NothingSent, Request, Response


class SimulatedTransport:
    """A Transport. A request goes to the company whose base URL it is below; elsewhere nobody
    listens. Time does not pass in here: a timeout is told at once."""

    def __init__(self, remotes: Iterable[Remote]) -> None:
        self._remotes = {one.simulator.world.base_url.rstrip("/"): one for one in remotes}

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        """Raises NothingSent or NoAnswer, nothing else."""
        if timeout_s <= 0:
            raise NothingSent("no time was left")
        remote = self._at(request.url)
        if remote is None:
            raise NothingSent("connection refused")
        lower = {name.lower(): value for name, value in request.headers.items()}
        received = Request(request.method, request.url, lower, request.body)
        reaction = await remote.react(received)
        if reaction.refused:
            raise NothingSent("connection refused")
        response = reaction.response
        if isinstance(response, Held):
            response = response.given
        if response is None or reaction.after_s >= timeout_s:
            raise NoAnswer("no answer in time", timed_out=True)
        if len(response.body) > MOST_BODY:
            raise NoAnswer("the answer is too large")
        return response

    def _at(self, url: str) -> Remote | None:
        for base, remote in self._remotes.items():
            if url.startswith(base) and url[len(base) : len(base) + 1] in ("", "/", "?"):
                return remote
        return None

"""The companies' side of the world: each simulator with its own books, and the callbacks that leave
it. It goes on while the platform is dead."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Simulator
from adapters.provider_kit.transport import Request, Response
from entrypoints.simulation.chance import OURS
from entrypoints.simulation.loop import run_now
from entrypoints.simulation.world import World

LONGEST_S: Final = 4 * 3600 + 2  # after it every company's page has expired
CLOSED: Final = ("failed", "canceled", "expired")
GARBAGE: Final = (
    Response(200, {"content-type": "text/html"}, b"<html><title>Maintenance</title></html>"),
    Response(200, {"content-type": "application/json"}, b""),
    Response(200, {"content-type": "application/json"}, b'{"error":{"message":"internal"}}'),
    Response(502, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>"),
)
BROKEN: Final = Response(500, {"content-type": "text/html"}, b"<html>Internal error</html>")


class Company:
    """`said_no` holds the references of which it ever said no, `given` how often each refund of
    ours was really made."""

    def __init__(self, simulator: Simulator, world: World) -> None:
        self.simulator, self.world = simulator, world
        self.name = simulator.name
        self.books: dict[str, Booked] = {}  # by the company's own id, as last looked at
        self.by_reference: dict[str, list[str]] = {}
        self.foreign: set[str] = set()  # charges of merchants who are not ours
        self.said_no: set[str] = set()
        self.given: Counter[str] = Counter()
        self.on_charge: Callable[[Company, Booked], None] = lambda company, booked: None
        self.on_refund: Callable[[Company, str], None] = lambda company, refund: None
        self.leaves: Callable[[Company, Outgoing], None] = lambda company, outgoing: None
        self._newest = ""  # the reference of the charge that the request under way has made
        self.down: tuple[float, float, bool] = (0.0, 0.0, False)  # from, to, refuses connections

    def is_down(self) -> bool:
        return self.down[0] <= self.world.loop.time() < self.down[1] and self.world.faults.on

    def of(self, reference: str) -> list[Booked]:
        """All charges under one of our references."""
        return [self.books[one] for one in self.by_reference.get(reference, ())]

    def handle(self, request: Request, operation: str, subject: str) -> Response:
        """A request has arrived."""
        self.world.subject = subject
        self._newest = ""
        response: Response = run_now(self.simulator.handle(request))
        self.look()
        if operation == "refund" and response.status < 300:
            self._gave(request)
        return response

    def lie(self, request: Request, operation: str) -> Response:
        """The company's own definite no, although it did what was asked."""
        if operation == "charge" and self._newest:
            self.said_no.add(self._newest)
        no = self.simulator.outage(request)
        return no if no.status < 500 else Response(429, {"content-type": "application/json"}, b"{}")

    def act(self, booked: Booked, action: Action) -> None:
        """The payer acts."""
        self.world.subject = self.world.names(booked.reference)
        self.simulator.act(booked.provider_reference, action)
        self.look()

    def take_back(self, booked: Booked) -> None:
        """It said no, and the payer pays nevertheless."""
        if self.books[booked.provider_reference].status == "succeeded":
            return
        name = self.world.names(booked.reference)
        self.world.trace(f"{self.name} takes its no about {name} back")
        self.world.subject = name
        self.simulator.reopen(booked.provider_reference)
        self.act(booked, Action.APPROVE)

    def tell_again(self, booked: Booked) -> None:
        """Somebody presses "resend" in the dashboard."""
        self.world.subject = self.world.names(booked.reference)
        self.simulator.tell_again(booked.provider_reference)
        self.look()

    def give_back(self, refund_id: str, booked: Booked, minor: int) -> bool:
        """Somebody refunds it in the dashboard; whether the company did it."""
        self.world.subject = self.world.names(refund_id)
        try:
            self.simulator.give_back(booked.provider_reference, minor)
        except ValueError:
            return False
        self.given[refund_id] += 1
        self.world.trace(f"{self.name} gives back {self.world.names(refund_id)} by hand")
        self.look()
        return True

    def look(self) -> None:
        """See what is new in the books, and let callbacks that are due leave."""
        for booked in self.simulator.books():
            if booked.provider_reference in self.foreign:
                continue
            known = self.books.get(booked.provider_reference)
            self.books[booked.provider_reference] = booked
            if known is None or known.status != booked.status:
                self.world.trace(
                    f"{self.name} {self.world.names(booked.reference)} is {booked.status}"
                )
            if booked.status in CLOSED:
                self.said_no.add(booked.reference)
            if known is None:
                self._newest = booked.reference
                self.by_reference.setdefault(booked.reference, []).append(booked.provider_reference)
                self.on_charge(self, booked)
        for outgoing in self.simulator.take_due(self.now):
            self.leaves(self, outgoing)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def _gave(self, request: Request) -> None:
        found = [one for one in OURS.finditer(request.body.decode()) if one[1] == "rfd"]
        if found:
            refund = found[0][0]
            self.given[refund] += 1
            self.world.trace(f"{self.name} gives back {self.world.names(refund)}")
            self.on_refund(self, refund)

"""The companies' side of the world: each simulator with its own books, and the callbacks that leave
it. It goes on while the platform is dead."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.simulator import Action, Booked, Outgoing, Simulator
from adapters.provider_kit.transport import Request, Response
from entrypoints.simulation.given import Given
from entrypoints.simulation.loop import run_now
from entrypoints.simulation.world import World

LONGEST_S: Final = 4 * 3600 + 2  # after it most companies' pages have expired
SETTLES_S: Final = (61.0, 86_401.0)  # by then a refund has become what it becomes
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

    def __init__(self, manifest: Manifest, simulator: Simulator, world: World) -> None:
        self.simulator, self.world = simulator, world
        self.name, self.promises = simulator.name, manifest.profile.promises
        self.waits = "pending" not in manifest.deviations  # else its answer waits for the payer
        self.repents = _repents(manifest, simulator)
        self.may_lie = self.repents and _owns_up(manifest)
        self.books: dict[str, Booked] = {}  # by the company's own id, as last looked at
        self.by_reference: dict[str, list[str]] = {}
        self.foreign: set[str] = set()  # charges of merchants who are not ours
        self.said_no: set[str] = set()
        self._returns = Given(world, self.name)
        self._by_hand: Counter[str] = Counter()  # by its own id: what its people gave back
        self.on_charge: Callable[[Company, Booked], None] = lambda company, booked: None
        self.on_refund: Callable[[Company, str], None] = lambda company, refund: None
        self.leaves: Callable[[Company, Outgoing], None] = lambda company, outgoing: None
        self._newest = ""  # the reference of the charge that the request under way has made
        self.down: tuple[float, float, bool] = (0.0, 0.0, False)  # from, to, refuses connections

    @property
    def given(self) -> Counter[str]:
        return self._returns.times

    @property
    def failed(self) -> set[str]:
        """The orders of which a refund that was made has failed after all."""
        return self._returns.failed

    def is_down(self) -> bool:
        return self.down[0] <= self.world.loop.time() < self.down[1] and self.world.faults.on

    def of(self, reference: str) -> list[Booked]:
        """All charges under one of our references."""
        return [self.books[one] for one in self.by_reference.get(reference, ())]

    def handle(self, request: Request, operation: str, subject: str, refund: str = "") -> Response:
        """A request has arrived; `refund` is the one that it is about, if any."""
        self.world.subject = subject
        self._newest = ""
        if refund:
            self.look()  # what was to happen by now is not of this request
        self._returns.asks(refund)
        response: Response = run_now(self.simulator.handle(request))
        self.look()
        if (made := self._returns.answered(response)) is not None:
            self.on_refund(self, made)
            for wait_s in SETTLES_S:
                self.world.later(wait_s, self.look)
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

    def is_over(self, booked: Booked) -> bool:
        """Whether it is as it will be: nothing moves any more after what the company promises."""
        if booked.status == "pending":
            age_s = (self.now - booked.at).total_seconds()
            if age_s < max(self.promises.horizon_s, LONGEST_S):
                return False
            self.said_no.add(booked.reference)
        return True

    def give_back(
        self, refund_id: str, booked: Booked, minor: int, *, otherwise: bool = False
    ) -> bool:
        """Somebody refunds it in the dashboard or, where there is no such button or `otherwise` is
        asked for, writes to the company's people; whether it was done."""
        known, name = booked.provider_reference, self.world.names(refund_id)
        self.world.subject = name
        self._returns.by_hand(refund_id)
        if otherwise or type(self.simulator).give_back is Simulator.give_back:
            self._by_hand[known] += minor
        else:
            try:
                self.simulator.give_back(known, minor)
            except ValueError:
                self._returns.nothing()
                return False
        self.world.trace(f"{self.name} gives back {name} by hand")
        self.look()
        return True

    def look(self) -> None:
        """See what is new in the books, and let callbacks that are due leave."""
        for booked in self.simulator.books():
            number = booked.provider_reference
            if number in self.foreign:
                continue
            if number in self._by_hand:
                returned = booked.refunded_minor + self._by_hand[number]
                booked = msgspec.structs.replace(booked, refunded_minor=returned)
            known = self.books.get(number)
            if booked == known:
                continue
            self.books[number] = booked
            if known is None or known.status != booked.status:
                self.world.trace(
                    f"{self.name} {self.world.names(booked.reference)} is {booked.status}"
                )
            if booked.status in CLOSED:
                self.said_no.add(booked.reference)
            if known is None:
                self._newest = booked.reference
                self.by_reference.setdefault(booked.reference, []).append(number)
                self.on_charge(self, booked)
            elif known.refunded_minor != booked.refunded_minor:
                more = booked.refunded_minor - known.refunded_minor
                if (again := self._returns.moved(booked.reference, more)) is not None:
                    self.on_refund(self, again)
        for outgoing in self.simulator.take_due(self.now):
            self.leaves(self, outgoing)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()


def _repents(manifest: Manifest, simulator: Simulator) -> bool:
    """Whether it may take a no back: only where it tells us by itself, also once more. Of others
    nobody would hear before their statement is read, which nothing here does yet."""
    kind = type(simulator)
    able = kind.reopen is not Simulator.reopen and kind.tell_again is not Simulator.tell_again
    return able and manifest.described().callbacks


def _owns_up(manifest: Manifest) -> bool:
    """Whether a charge that it denied comes to light: it says so with its signature, or can be
    asked under our own reference. Where neither is so, its no about a charge is all there is."""
    signed = manifest.profile.promises.signed_callbacks
    return signed or "lost_charge" not in manifest.deviations

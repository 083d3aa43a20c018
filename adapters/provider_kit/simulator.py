"""The frame of a provider's remote side: its own books, clock, payers and callbacks.

A simulator speaks the company's real wire format through `handle`, in-process for tests and over
HTTP for people (`simulator_site`). It never imports the client it is there to try: the two agree
only through the researched facts. Faults are added around it (`faults`), not inside.
"""

from abc import ABC, abstractmethod
from asyncio import Future
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any

import msgspec

from adapters.provider_kit.transport import Request, Response
from domain.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class World:
    """What a simulator lives in. `base_url` is where it is reached, without a trailing slash:
    the company's API and pages sit below it."""

    clock: Clock
    random: Random  # seeded: the same seed, the same run
    base_url: str


class Action(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    IGNORE = "ignore"


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the provider's books: what really happened. Amounts in minor units. A Struct,
    since whoever looks at the books has all of them made anew."""

    reference: str  # the key that we sent
    provider_reference: str  # its own, which stays: the payer may act by either
    amount_minor: int
    currency: str
    status: str  # pending, succeeded, failed, canceled, expired
    refunded_minor: int
    payer: str | None  # phone or e-mail, as told
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A callback the provider owes. Retried with the company's schedule until 2xx (site only)."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    due_at: datetime
    about: str  # the reference, for the index page
    tries: int = 0
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Held(Response):
    """An answer that a company keeps back until its payer acts: `until` gets it then. Who does
    not wait for it has had none; who can't wait reads a gateway's 504."""

    until: Future[Response] | None = None

    @property
    def given(self) -> Response | None:
        """The answer, once it was given."""
        ready = self.until is not None and self.until.done() and not self.until.cancelled()
        return self.until.result() if ready and self.until is not None else None


def held(until: Future[Response]) -> Held:
    """The answer that `until` will get."""
    return Held(504, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the payer sees on the approval page of one charge. `phone` is the number of the phone
    that asks for it, where that is no page but a prompt that was pushed there."""

    reference: str
    merchant: str
    amount: str  # "1500.00"
    currency: str
    description: str
    open: bool  # still to be decided
    status: str  # in plain words
    approve_label: str = "Approve"
    decline_label: str = "Decline"
    phone: str | None = None


class Simulator(ABC):
    """Stateful; one instance is one company. Not thread-safe: one loop owns it."""

    name: str  # equals the folder
    callback_retries_s: tuple[float, ...] = (5, 30, 120, 600, 1800)  # the company's own, jittered

    def __init__(self, world: World) -> None:
        self.world = world
        self.outgoing: list[Outgoing] = []  # callbacks due; the runner takes them

    @abstractmethod
    async def handle(self, request: Request) -> Response:
        """The company's API, below base_url. Never raises: nonsense gets the company's error.

        `request` is as received: the absolute URL, header names in lower case. An answer that
        waits for the payer is `held`.
        """

    @abstractmethod
    def operation(self, request: Request) -> str:
        """For fault scripts: "charge", "query", "refund", or "other"."""

    @abstractmethod
    def books(self) -> Sequence[Booked]:
        """Every charge, oldest first."""

    @abstractmethod
    def act(self, reference: str, action: Action) -> None:
        """The payer acts on the charge of that reference. Raises LookupError when unknown.

        Acting on what is decided already changes nothing. APPROVE and DECLINE queue callbacks.
        """

    def reopen(self, reference: str) -> None:
        """The company takes its no back: what ended unpaid can be paid after all, as no company
        promises and some have done. Raises LookupError when unknown."""
        raise LookupError(reference)

    def tell_again(self, reference: str) -> None:
        """Somebody presses "resend" in the dashboard: the callback of how it stands now leaves once
        more, newly signed. Raises LookupError when unknown."""
        raise LookupError(reference)

    def give_back(self, reference: str, minor: int) -> None:
        """Somebody refunds it in the dashboard. Raises LookupError when unknown, ValueError when
        the company refuses."""
        raise LookupError(reference)

    @abstractmethod
    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        """The approval page at this path below base_url; None when there is none."""

    @abstractmethod
    def return_url(self, reference: str) -> str | None:
        """Where the payer's browser goes after acting."""

    @abstractmethod
    def credentials(self) -> Mapping[str, Any]:
        """A configuration for the client, as a merchant would copy it from the dashboard; with
        `base_url`."""

    @abstractmethod
    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """The same callback, correctly signed, with another amount: a fault the script injects."""

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        """The merchant whose configuration that is has its callbacks sent there by writing to the
        company's people, where no API and no request says it. Others ignore it."""
        return

    def takes(self, answer: Response) -> bool:
        """Whether that is how its callback must be answered; else it is sent again."""
        return 200 <= answer.status < 300

    def outage(self, request: Request) -> Response:
        """Down before anything was executed, as the company documents it. Served over HTTP one
        port can't refuse connections for one company only, so an outage answers this."""
        return Response(503)

    def prompt_url(self, reference: str) -> str | None:
        """Where the payer of that reference is sent to decide, for the site's index; None when
        there is no such page."""
        return None

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Take the callbacks that are due by now, in order."""
        due = [one for one in self.outgoing if one.due_at <= now]
        self.outgoing = [one for one in self.outgoing if one.due_at > now]
        return due


MAGIC: Mapping[str, Action] = {
    "1111": Action.APPROVE,
    "2222": Action.DECLINE,
    "3333": Action.IGNORE,
}
"""Payers whose phone ends so act by themselves, at once (documented on the index page)."""

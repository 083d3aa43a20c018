"""Those who want to be believed: they forge, alter and repeat callbacks, bring them to another's
door, and pay a checkout of their own under our reference, which the company truly signs."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from adapters.provider_kit.signing import basic
from adapters.provider_kit.simulator import Action, Booked, Outgoing
from adapters.provider_kit.transport import Request
from entrypoints.simulation.companies import Company
from entrypoints.simulation.loop import run_now
from entrypoints.simulation.world import World

EVIL: Final = ("forged", "stranger", "replayed")
HOUR_S: Final = 3600.0
LAIR: Final = "https://mallory.example/hook"
NOES: Final = (b"PAYMENT_FAILED", b"PAYMENT_EXPIRED", b"PAYMENT_CANCELLED")

OTHER_NOES: Final = (b'"FAILED"', b'"CANCELLED"', b'"TF"', b'"canceled"')
OTHER_YESES: Final = (b'"COMPLETED"', b'"SUCCESSFUL"', b'"TS"', b'"succeeded"')

Post = Callable[[Outgoing], Awaitable[int]]  # the HTTP status; 0: nobody answered


@dataclass(slots=True)
class Attackers:
    """`other_door` is the address of another tenant's account, `shared_door` the one all share."""

    world: World
    post: Post
    other_door: Callable[[str], str]
    shared_door: str
    settled_at: set[str] = field(default_factory=set)  # companies where the impostor has an account

    def __call__(self, company: Company, outgoing: Outgoing, about: str) -> bool:
        """A callback leaves; whether it is the impostor's own, and no merchant's."""
        if outgoing.url == LAIR:
            self._send(replace(outgoing, url=self.shared_door), 0.02, about)
            return True
        evil = self.world.faults.pick(f"evil/{about}", *EVIL)
        if evil == "forged":  # a lie under another's signature
            lie = other_amount(company, outgoing)
            lies = [_lying(outgoing), *_elsewhere(outgoing), _cut(outgoing)]
            for bad in (replace(lie, headers=outgoing.headers), *lies):
                self._send(bad, 0.02, about)
        elif evil == "stranger":  # well signed, and brought to another's door
            self._send(replace(outgoing, url=self.other_door(outgoing.url)), 0.03, about)
        elif evil == "replayed":
            late_s = 12 * HOUR_S * self.world.chance(f"replay/{about}") ** 3
            self._send(outgoing, 5 + late_s, about)
        return False

    def charged(self, company: Company, booked: Booked) -> None:
        """A charge was made. Maya signs for all its merchants with one key, and anybody may choose
        a reference: the impostor chooses ours."""
        about = f"{company.name}/{self.world.names(booked.reference)}"
        if company.name == "maya" and self.world.faults.pick(f"impostor/{about}", "impostor"):
            self.world.later(0.5, self._impose, company, booked)

    def _impose(self, company: Company, booked: Booked) -> None:
        self.world.subject = f"mallory/{self.world.names(booked.reference)}"
        if company.name not in self.settled_at:
            self.settled_at.add(company.name)
            hook = {"name": "PAYMENT_SUCCESS", "callbackUrl": LAIR}
            _asked(company, "/checkout/v1/webhooks", "sk-sim-mallory", hook)
        total = {"value": msgspec.Raw(_pesos(booked.amount_minor).encode()), "currency": "PHP"}
        body = {"totalAmount": total, "requestReferenceNumber": booked.reference}
        made = _asked(company, "/checkout/v1/checkouts", "pk-sim-mallory", body)
        company.foreign.add(made["checkoutId"])
        company.simulator.act(made["checkoutId"], Action.APPROVE)
        company.look()

    def _send(self, outgoing: Outgoing, wait_s: float, about: str) -> None:
        self.world.start(self._once(outgoing, wait_s), f"evil/{about}")

    async def _once(self, outgoing: Outgoing, wait_s: float) -> None:
        await self.world.sleep(wait_s)
        await self.post(outgoing)


def other_amount(company: Company, outgoing: Outgoing) -> Outgoing:
    """The same, correctly signed, with another amount."""
    company.world.subject = f"lie/{company.world.names(outgoing.about)}"
    try:
        return company.simulator.wrong_amount(outgoing)
    except (KeyError, TypeError):  # it tells of no amount that could be another
        return outgoing


def _lying(outgoing: Outgoing) -> Outgoing:
    """What ended unpaid is told as paid, with the signature of the truth."""
    body = outgoing.body
    for no in NOES:
        body = body.replace(no, b"PAYMENT_SUCCESS")
    body = body.replace(b"payment.failed", b"payment.paid").replace(b'"failed"', b'"paid"')
    return replace(outgoing, body=body if body != outgoing.body else body.replace(b"1", b"2"))


def _elsewhere(outgoing: Outgoing) -> Iterator[Outgoing]:
    """Likewise, in the words of other companies."""
    for no in OTHER_NOES:
        if no in outgoing.body:
            for yes in OTHER_YESES:
                yield replace(outgoing, body=outgoing.body.replace(no, yes))


def _cut(outgoing: Outgoing) -> Outgoing:
    return replace(outgoing, body=outgoing.body[: len(outgoing.body) * 2 // 3])


def _asked(company: Company, path: str, key: str, body: Mapping[str, object]) -> Any:
    headers = {"authorization": basic(key), "content-type": "application/json"}
    url = f"{company.simulator.world.base_url}{path}"
    request = Request("POST", url, headers, msgspec.json.encode(body))
    return msgspec.json.decode(run_now(company.simulator.handle(request)).body)


def _pesos(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"

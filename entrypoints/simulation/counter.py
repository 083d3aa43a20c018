"""Where money arrives that no machine sees: those who bring it, or say so, and who takes it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from application.payments.submit_proof import NewProof, SubmitProof
from domain.payments.payment import Payment
from entrypoints.simulation.people import People
from entrypoints.simulation.world import World

DAY_S: Final = 86_400.0
CLEARS: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Till:
    """One of the people stands at it. Whoever brought money is in their till."""

    world: World
    people: People

    async def __call__(self, payment: Payment) -> None:
        """Somebody may bring it, in time or after it, or not at all; and may hand in a proof, true
        or not, which then waits for a person's word."""
        name, chance = self.world.names(payment.id), self.world.chance
        profile = self.world.cast[payment.attempts[0].provider].described()
        brings = chance(f"cash/{name}") < 0.6
        await self.world.sleep(5000 * chance(f"comes/{name}"))
        if brings:
            self.people.till.add(payment.id)
        if profile.proofs and chance(f"proof/{name}") < 0.5:
            await self._hand_in(payment, name)
            await self.world.sleep(3 * DAY_S * chance(f"looks/{name}"))
        if not brings:
            return
        await self._say(payment)
        if profile.bounces and chance(f"bounces/{name}") < 0.3:
            await self.world.sleep(2 * DAY_S)
            await self._say(payment, bounced=True)

    async def _say(self, payment: Payment, *, bounced: bool = False) -> None:
        found = self.people.storage.payment(payment.tenant_id, payment.id)
        about = found.attempts[0]  # nobody is told how to bring money to another
        await self.people.say(found, about, received=not bounced, bounced=bounced)

    async def _hand_in(self, payment: Payment, name: str) -> None:
        """In the first form that is taken there; some hand in what is another's."""
        steals = self.world.chance(f"steals/{name}") < 0.1
        number = f"TX {'p0' if steals else name} 0001"
        for form in _forms(f"{self.world.clock.now() + CLEARS:%Y-%m-%d}"):
            new = replace(form, transaction=number)
            await self.people.insist(
                f"proof {payment.id}",
                lambda door, new=new: door.get(SubmitProof)(  # type: ignore[misc]
                    payment.tenant_id, payment.id, new
                ),
            )
            found = self.people.storage.payment(payment.tenant_id, payment.id)
            if found.attempts[0].in_hand:
                return


def _forms(day: str) -> tuple[NewProof, ...]:
    """Of a transfer within one bank, from any bank, and of a cheque."""
    within = NewProof(transaction="", by="payer")
    between = replace(within, bank="Bank of Us")
    return within, between, replace(between, account="771", clears_on=day)

"""The payers: they approve, decline, forget, and come back when nobody expects them any more."""

from dataclasses import dataclass
from typing import Final

from adapters.provider_kit.simulator import Action, Booked
from entrypoints.simulation.companies import LONGEST_S, Company
from entrypoints.simulation.world import World

DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Payers:
    """Each new charge has a payer, who acts on the company's page, whether or not anybody sent
    them there."""

    world: World

    def __call__(self, company: Company, booked: Booked) -> None:
        """A charge stands in the books. `booked` is as it was when it was seen first."""
        name = self.world.names(booked.reference)
        about = f"{company.name}/{name}"
        later, chance = self.world.later, self.world.chance
        later(LONGEST_S, self._late, company, booked)
        longest_s = 240 if company.waits else 60
        mood, thinks_s = chance(f"mood/{about}"), 3 + longest_s * chance(f"thinks/{about}") ** 2
        if booked.status == "pending":
            match mood:
                case _ if mood < 0.5:
                    later(thinks_s, company.act, booked, Action.APPROVE)
                case _ if mood < 0.65:
                    later(thinks_s, company.act, booked, Action.DECLINE)
                case _ if mood < 0.72:  # at the very end of the time to pay
                    at_s = 1797 + 6 * chance(f"end/{about}")
                    later(at_s, company.act, booked, Action.APPROVE)
                case _ if mood < 0.85:  # after it, while the company's own page is still there
                    at_s = 1800 + 1700 * chance(f"late/{about}")
                    later(at_s, company.act, booked, Action.APPROVE)
        if company.repents and self.world.faults.pick(f"no/{about}", "taken_back"):
            at_s = 30 + 1.5 * DAY_S * chance(f"back/{about}") ** 3
            later(at_s, self._take_back, company, booked)

    def _late(self, company: Company, booked: Booked) -> None:
        """What nobody paid has expired by now, and says so; or the next day, at some."""
        company.look()
        if company.books[booked.provider_reference].status == "pending":
            self.world.later(DAY_S - LONGEST_S + 2, company.look)

    def _take_back(self, company: Company, booked: Booked) -> None:
        if booked.reference in company.said_no:
            company.take_back(booked)

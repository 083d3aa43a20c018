"""Which refunds of ours a company has really made, as its books show: sums, of which some rise at
once, some a little later, and some fall again."""

from collections import Counter
from itertools import chain, combinations
from typing import Final

from adapters.provider_kit.transport import Response
from entrypoints.simulation.world import World

REFUSED: Final = (b'"REJECTED"', b'"DUPLICATE_IGNORED"', b'"success":false', b'"data":null')
"""How a refusal is told under HTTP 200."""
REPLAYED: Final = "idempotent-replayed"  # a header: the answer of before, and nothing was done


class Given:
    """`times` is how often each refund was made. One that a company has taken, and will make a
    little later, counts at once."""

    def __init__(self, world: World, company: str) -> None:
        self._world, self._company = world, company
        self.times: Counter[str] = Counter()
        self.failed: set[str] = set()  # orders of which a refund that was made has failed after all
        self._asked = ""  # the refund that the request under way is about
        self._rose = False
        self._hand = ""
        self._promised: dict[str, list[str]] = {}  # by order: taken, and not in the books yet
        self._made: dict[str, list[tuple[str, int]]] = {}  # by order: refunds and what rose

    def asks(self, refund: str) -> None:
        """A request arrives; the empty string is one about no refund."""
        self._asked, self._rose = refund, False

    def answered(self, response: Response) -> str | None:
        """It was answered; the refund that was made by it, if any."""
        refund, self._asked = self._asked, ""
        if not refund or response.status >= 300:
            return None
        if not self._rose and (self.times[refund] or _is_no(response)):
            return None  # refused, or known already; what is made nevertheless shows in the books
        if not self._rose:
            self._promised.setdefault(self._order(refund), []).append(refund)
        self._count(refund, "gives back")
        return refund

    def by_hand(self, refund: str) -> None:
        """The company's people are about to make it."""
        self._hand = refund

    def nothing(self) -> None:
        """They did not."""
        self._hand = ""

    def moved(self, reference: str, more: int) -> str | None:
        """The sum given back of a charge is `more` than it was; a refund that must not be again."""
        order = self._order(reference)
        made = self._made.setdefault(order, [])
        if more < 0:
            self._fell(order, -more)
        elif self._hand:
            made.append((self._hand, more))
            self.times[self._hand] += 1
            self._hand = ""
        elif self._asked and self._order(self._asked) == order:
            self._rose = True
            made.append((self._asked, more))
        elif promised := self._promised.get(order):
            made.append((promised.pop(0), more))
        elif made:  # nobody asked for that: the last one was made once more
            self._count(made[-1][0], "gives back again")
            return made[-1][0]
        return None

    def _fell(self, order: str, fallen: int) -> None:
        """Refunds have failed after all: as few as add up to it, the first ones."""
        made = self._made[order]
        self.failed.add(order)
        sizes = range(1, len(made) + 1)
        some = chain.from_iterable(combinations(made, size) for size in sizes)
        for one in next(
            (these for these in some if sum(minor for _, minor in these) == fallen), ()
        ):
            made.remove(one)
            self.times[one[0]] -= 1
            self._world.trace(f"{self._company} takes {self._world.names(one[0])} back")

    def _count(self, refund: str, verb: str) -> None:
        self.times[refund] += 1
        self._world.trace(f"{self._company} {verb} {self._world.names(refund)}")

    def _order(self, id_: str) -> str:
        return self._world.names(id_).partition(".")[0]


def _is_no(response: Response) -> bool:
    if any(name.lower() == REPLAYED for name in response.headers):
        return True
    return any(word in response.body for word in REFUSED)

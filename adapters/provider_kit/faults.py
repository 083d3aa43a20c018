"""Fault scripts: how a simulated company misbehaves, as data, and always the same for a seed.

    {"outage": true}
    {"seed": 7, "rules": [{"on": "charge", "do": "timeout_after", "rate": 0.2}]}

| on                      | do                                                                   |
|-------------------------|----------------------------------------------------------------------|
| charge, query, refund   | timeout_before, timeout_after: no answer, without or although it acted |
|                         | error_5xx_before, error_5xx_after: 503 with a useless body, likewise   |
|                         | delay: the answer comes `seconds` late                                 |
| callback                | drop, duplicate, delay, reorder; forge: a lie under another's          |
|                         | signature comes first; wrong_amount: correctly signed                  |

At most one rule strikes a visit, and whether it does depends on the seed, the place and the
number of the visit alone: muting one fault moves no other, so a failing run can be shrunk.
"""

from collections import deque
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from domain.errors import Invalid

HANG_S: Final = 60.0  # longer than any deadline of ours
DELAY_S: Final = 5.0
MOST_S: Final = 86_400.0
MOST_RULES: Final = 64
REMEMBERED: Final = 1000  # strikes that are listed


class On(StrEnum):
    CHARGE = "charge"
    QUERY = "query"
    REFUND = "refund"
    CALLBACK = "callback"


class Do(StrEnum):
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_BEFORE = "error_5xx_before"
    ERROR_AFTER = "error_5xx_after"
    DELAY = "delay"
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    FORGE = "forge"
    WRONG_AMOUNT = "wrong_amount"


OF_A_CALL: Final = frozenset(
    {Do.TIMEOUT_BEFORE, Do.TIMEOUT_AFTER, Do.ERROR_BEFORE, Do.ERROR_AFTER, Do.DELAY}
)
OF_A_CALLBACK: Final = frozenset(
    {Do.DROP, Do.DUPLICATE, Do.DELAY, Do.REORDER, Do.FORGE, Do.WRONG_AMOUNT}
)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`seconds` is how long a timeout hangs (served) and how late a delay is."""

    on: On
    do: Do
    rate: float = 1.0
    seconds: float | None = None

    @property
    def lasts_s(self) -> float:
        hangs = self.do in (Do.TIMEOUT_BEFORE, Do.TIMEOUT_AFTER)
        return self.seconds if self.seconds is not None else HANG_S if hangs else DELAY_S


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`muted` names strikes that are not to happen, as `Faults.struck` lists them."""

    outage: bool = False
    seed: int = 0
    rules: tuple[Rule, ...] = ()
    muted: frozenset[str] = frozenset()


def script(body: bytes) -> Script:
    """Read a script. Raises Invalid naming the field and what it may be."""
    try:
        read = msgspec.json.decode(body, type=Script)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise Invalid(message, path.strip("`.") or "script") from None
    except (ValueError, RecursionError):
        raise Invalid("must be a JSON object", "script") from None
    return checked(read)


def checked(read: Script) -> Script:
    """The same script. Raises Invalid for what can't be meant."""
    if len(read.rules) > MOST_RULES:
        raise Invalid(f"at most {MOST_RULES}", "rules")
    shares: dict[On, float] = {}
    for number, rule in enumerate(read.rules):
        where = f"rules[{number}]"
        able = OF_A_CALLBACK if rule.on is On.CALLBACK else OF_A_CALL
        if rule.do not in able:
            raise Invalid(f'"{rule.on}" can: {", ".join(sorted(able))}', f"{where}.do")
        if not 0 <= rule.rate <= 1:
            raise Invalid("from 0 to 1", f"{where}.rate")
        if not 0 <= rule.lasts_s <= MOST_S:
            raise Invalid(f"from 0 to {MOST_S:.0f}", f"{where}.seconds")
        shares[rule.on] = shares.get(rule.on, 0) + rule.rate
        if shares[rule.on] > 1 + 1e-9:
            raise Invalid(f'all rates on "{rule.on}" add up to at most 1', f"{where}.rate")
    return read


class Faults:
    """The script of one company, and where it struck."""

    def __init__(self) -> None:
        self.script = Script()
        self.struck: deque[str] = deque(maxlen=REMEMBERED)
        self._visits: dict[str, int] = {}

    @property
    def outage(self) -> bool:
        return self.script.outage

    def put(self, new: Script) -> None:
        """From now on this script; visits are counted from one again."""
        self.script = checked(new)
        self.struck.clear()
        self._visits.clear()

    def end(self) -> None:
        self.put(Script())

    def strike(self, on: str, about: str = "") -> Rule | None:
        """The rule that strikes this visit, if any. `about` tells apart places of one kind."""
        rules = [rule for rule in self.script.rules if rule.on == on]
        if not rules:
            return None
        place = f"{on}/{about}" if about else on
        visit = self._visits[place] = self._visits.get(place, 0) + 1
        left = _draw(self.script.seed, place, visit)
        for rule in rules:
            if left < rule.rate:
                name = f"{rule.do}@{place}#{visit}"
                if name in self.script.muted:
                    return None
                self.struck.append(name)
                return rule
            left -= rule.rate
        return None


def _draw(seed: int, place: str, visit: int) -> float:
    """A number in [0, 1) for the n-th visit to a named place."""
    digest = blake2b(f"{seed}/{place}/{visit}".encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / (1 << 56)

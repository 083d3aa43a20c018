"""Chance, faults and the trace. A fault is a pure function of (seed, place, how often we were
there), so muting one moves no other, which is what makes a failing run shrinkable."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Final

LIGHT: Final[Mapping[str, float]] = {
    # on the wire; those of one call add up to less than one
    "refused": 0.01, "lost_request": 0.01, "lost_answer": 0.015, "late_act": 0.005,
    "error_before": 0.005, "error_after": 0.01, "garbage": 0.005, "lying_no": 0.005,
    "slow_answer": 0.01, "outage": 0.05, "payout_low": 0.05,
    # callbacks
    "notice_lost": 0.05, "notice_twice": 0.05, "notice_slow": 0.05, "wrong_amount": 0.01,
    "forged": 0.02, "stranger": 0.02, "replayed": 0.02, "impostor": 0.02,
    # payers and merchants
    "post_lost": 0.02, "post_answer_lost": 0.02, "post_error": 0.02, "merchant_away": 0.1,
    "taken_back": 0.03, "double_click": 0.03, "client_gone": 0.02,
    # storage and processes
    "commit_fails": 0.005, "commit_answer_lost": 0.005, "commit_slow": 0.003, "stale_read": 0.02,
    "slow_read": 0.003,    "claim_lost": 0.002, "crash": 0.3, "freeze": 0.2,
}  # fmt: skip
HEAVY: Final[Mapping[str, float]] = {
    "refused": 0.07, "lost_request": 0.07, "lost_answer": 0.1, "late_act": 0.05,
    "error_before": 0.05, "error_after": 0.08, "garbage": 0.05, "lying_no": 0.06,
    "slow_answer": 0.05, "outage": 0.4, "payout_low": 0.4,
    "notice_lost": 0.3, "notice_twice": 0.15, "notice_slow": 0.15, "wrong_amount": 0.05,
    "forged": 0.2, "stranger": 0.15, "replayed": 0.1, "impostor": 0.1,
    "post_lost": 0.1, "post_answer_lost": 0.1, "post_error": 0.1, "merchant_away": 0.3,
    "taken_back": 0.15, "double_click": 0.2, "client_gone": 0.2,
    "commit_fails": 0.04, "commit_answer_lost": 0.05, "commit_slow": 0.03, "stale_read": 0.12,
    "slow_read": 0.03,    "claim_lost": 0.02, "crash": 1.0, "freeze": 0.6,
}  # fmt: skip
CALM: Final[Mapping[str, float]] = dict.fromkeys(HEAVY, 0.0)

OURS: Final = re.compile(r"(pay|att|rfd|acc|ten)_([0-9A-Z]{26,28})")
BITS: Final = 1 << 56
MASK: Final = (1 << 64) - 1


class Chance:
    """A number in [0, 1) for the n-th visit to a named place; `random` and `hash` are not used."""

    def __init__(self, seed: int) -> None:
        self._seed = blake2b(f"cauri {seed}".encode(), digest_size=16).digest()
        self._keyed = blake2b(digest_size=7, key=self._seed)
        self._visits: dict[str, int] = {}
        self._streams: dict[str, int] = {}

    def __call__(self, place: str) -> float:
        visit = self._visits[place] = self._visits.get(place, 0) + 1
        drawn = self._keyed.copy()  # as `draw` does, with the key digested already
        drawn.update(f"{place}#{visit}".encode())
        return int.from_bytes(drawn.digest(), "big") / BITS

    def draw(self, place: str, size: int) -> bytes:
        """So many bytes, 64 at most."""
        visit = self._visits[place] = self._visits.get(place, 0) + 1
        return blake2b(f"{place}#{visit}".encode(), digest_size=size, key=self._seed).digest()

    def luck(self, place: str) -> float:
        """As above, for what is drawn often and never named: a tenth of the cost."""
        state = self._streams.get(place)
        if state is None:
            state = int.from_bytes(self.draw(f"luck/{place}", 8), "big")
        state = self._streams[place] = (state * 6364136223846793005 + 1442695040888963407) & MASK
        return (state >> 11) / (1 << 53)


class Names:
    """What people call things: `p3` is the fourth order, `p3.2` its second attempt, `p3.2.back` the
    refund of a surplus. Ids hold time, and so change when a fault is muted; names do not."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._refunds: dict[str, str] = {}

    def learn(self, id_: str, name: str) -> None:
        self._known[id_[4:]] = name

    def stored(self, refund: str) -> None:
        """That refund, of those that were asked for under its name, is the one that there is."""
        self._refunds[self(refund)] = refund

    def refund(self, name: str) -> str:
        """The refund that was asked for under that name; the empty string is none."""
        return self._refunds.get(name, "")

    def __call__(self, text: str) -> str:
        """The text with each of our ids replaced by its name."""
        told = self._told.get(text)
        if told is None:
            told = self._told[text] = OURS.sub(self._name, text)
        return told

    def _name(self, found: re.Match[str]) -> str:
        kind, body = found[1], found[2]
        known = self._known.get(body) or self._known.get(body[:26])
        if known is None:
            return found[0]
        if kind == "att":
            return f"{known}.{int(body[26:])}"
        return f"{known}.{int(body[26:])}.back" if len(body) == 28 else known


@dataclass(slots=True)
class Trace:
    """What happened, in order, as text; two runs are the same run when their digests are."""

    now: Callable[[], float]
    lines: list[str] = field(default_factory=list)

    def __call__(self, what: str) -> None:
        self.lines.append(f"{self.now():.6f} {what}")

    def digest(self) -> str:
        return sha256("\n".join(self.lines).encode()).hexdigest()


@dataclass(slots=True)
class Faults:
    """Decides, names and records each injected fault; `on` is False once all is to go quiet."""

    rates: Mapping[str, float]
    chance: Chance
    trace: Trace
    muted: frozenset[str]
    on: bool = True
    fired: list[str] = field(default_factory=list)
    _visits: dict[str, int] = field(default_factory=dict)

    def pick(self, place: str, *kinds: str) -> str:
        """At most one of `kinds` strikes here now; the empty string is none."""
        if not self.on:
            return ""
        visit = self._visits[place] = self._visits.get(place, 0) + 1
        left = self.chance.luck(place)
        for kind in kinds:
            if left < (rate := self.rates[kind]):
                return self._strike(kind, f"{kind}@{place}#{visit}")
            left -= rate
        return ""

    def _strike(self, kind: str, name: str) -> str:
        if name in self.muted:
            return ""
        self.fired.append(name)
        self.trace(f"fault {name}")
        return kind

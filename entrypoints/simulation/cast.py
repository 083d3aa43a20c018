"""Who takes part: the providers that a plan names or, when those are many, a seeded few of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.providers import discover
from domain.errors import Invalid
from domain.providers.profile import Profile
from entrypoints.simulation.chance import Chance

PAIR: Final = (
    "cash",
    "gcash",
    "maya",
)  # what the mutations are looked for with, and speed measured
MOST: Final = 5  # of one run: each is an account for every tenant, which is set up before it begins
ALL: Final = "all"


def cast_of(providers: Sequence[str], seed: int) -> Mapping[str, Manifest]:
    """By code, in the alphabet's order. The same few for the same seed, and a new folder changes
    only the runs that it comes into: each provider draws a lot of its own, and so it does how its
    accounts are set, where that makes a difference."""
    known = discover()
    codes = providers if len(providers) <= MOST else _few(providers, known, Chance(seed))
    return {code: _set(known[code], Chance(seed)) for code in sorted(codes)}


def _set(manifest: Manifest, chance: Chance) -> Manifest:
    """The usual setting, or another."""
    if not manifest.settings:
        return manifest
    ways = (None, *sorted(manifest.settings))
    way = ways[int(chance(f"cast/{manifest.profile.code}/setting") * len(ways))]
    return manifest if way is None else manifest.under(way)


def named(words: str) -> tuple[str, ...]:
    """The providers of "maya,gcash"; of "all", each of this build. Raises Invalid."""
    known = discover()
    if words == ALL:
        return tuple(sorted(known))
    codes = tuple(sorted({one.strip() for one in words.split(",")}))
    for code in codes:
        if code not in known:
            raise Invalid(f"{code!r}: {ALL}, or some of {', '.join(sorted(known))}", "providers")
    return codes


def place_of(manifest: Manifest) -> tuple[str, str | None]:
    """The currency and the country in which its payers are tried."""
    profile, sample = manifest.profile, manifest.sample
    if serves(profile, sample.currency, sample.country):
        return sample.currency, sample.country
    return min(profile.currencies), min(profile.countries, default=None)


def serves(profile: Profile, currency: str, country: str | None) -> bool:
    """Whether it is at home there."""
    here = country is None or not profile.countries or country in profile.countries
    return here and (not profile.currencies or currency in profile.currencies)


def _few(codes: Sequence[str], known: Mapping[str, Manifest], chance: Chance) -> Sequence[str]:
    """Two companies, for each another that could take its payments, and somebody who confirms."""
    lots = sorted(codes, key=lambda code: chance(f"cast/{code}"))
    online = [code for code in lots if known[code].simulator is not None]
    taken: dict[str, None] = {}
    for code in online[:2]:
        taken |= dict.fromkeys((code, *_others(online, known, code)))
    by_hand = [code for code in lots if known[code].simulator is None]
    return (*taken, *by_hand[: 1 if taken else MOST])


def _others(lots: Sequence[str], known: Mapping[str, Manifest], code: str) -> Iterator[str]:
    """The first of them that is at home where `code` is, if any."""
    place = place_of(known[code])
    fits = (one for one in lots if one != code and serves(known[one].profile, *place))
    if (first := next(fits, None)) is not None:
        yield first

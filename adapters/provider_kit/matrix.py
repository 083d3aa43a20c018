"""What each provider can do, from its manifest: a row, and the page docs/providers.md.

The suite proves the rows: abilities are read off the client's class and tried, and a deviation
that is not needed fails.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.provider_kit.conformance.suite import asked_of
from adapters.provider_kit.manifest import DEVIATIONS, Manifest
from adapters.provider_kit.rests_on import tables

COLUMNS: Final = (
    *("Code", "Name", "Kind", "Countries", "Currencies", "Refund", "Cancel", "Callbacks"),
    *("Keys tried", "Proof", "Behaviours"),
)
HEAD: Final = f"""\
# Providers

Written by `cauri provider matrix > docs/providers.md`; a test holds it to the manifests. Each row
is proven: abilities are read off the client's class and run by the conformance suite, and a
deviation that is not needed fails it (`cauri provider verify CODE`).

| {" | ".join(COLUMNS)} |
|{"---|" * (len(COLUMNS) - 1)}---:|
"""
MOST_NAMED: Final = 12  # countries or currencies in a cell


def row(manifest: Manifest) -> Mapping[str, Any]:
    """In the words of the API where it has them. `behaviours`: how many of the suite's apply."""
    profile = manifest.described()
    signed = "signed" if profile.promises.signed_callbacks else "a hint"
    return {
        "code": profile.code,
        "name": profile.title,
        "kind": profile.kind.value,
        "countries": sorted(profile.countries),
        "currencies": sorted(profile.currencies),
        "refund": _refund(manifest),
        "cancel": profile.cancels,
        "callbacks": signed if profile.callbacks else "none",
        "probe": profile.probes,
        "proof": profile.proofs,
        "behaviours": len(asked_of(manifest)),
        "settings": {name: dict(one) for name, one in sorted(manifest.settings.items())},
        "deviations": dict(sorted(manifest.deviations.items())),
    }


def page(manifests: Mapping[str, Manifest]) -> str:
    """The whole of docs/providers.md."""
    rows = [row(one) for _, one in sorted(manifests.items())]
    told = [one for one in rows if one["deviations"] and "remote" not in one["deviations"]]
    by_hand = [f"`{one['code']}`" for one in rows if "remote" in one["deviations"]]
    parts = [HEAD, *(_line(one) for one in rows)]
    parts.append("\nA person confirms what is paid through " + ", ".join(by_hand) + ".\n")
    parts += [_settings(one) for one in rows if one["settings"]]
    parts.append("\n## Where a protocol can't\n\n")
    for one in told:
        parts.append(f"**{one['code']}**\n\n")
        parts += [f"- not: {DEVIATIONS[name]}. {why}\n" for name, why in one["deviations"].items()]
        parts.append("\n")
    parts.append(tables(manifests))
    return "".join(parts).rstrip("\n") + "\n"


def _settings(one: Mapping[str, Any]) -> str:
    """Under which settings its behaviours are run besides the usual one."""
    named = (" and ".join(f"`{name}`" for name in each) for each in one["settings"].values())
    told = "; ".join(
        f"`{name}` ({set_})" for name, set_ in zip(one["settings"], named, strict=True)
    )
    return f"\nThe behaviours of `{one['code']}` are run again under other settings: {told}.\n"


def _line(one: Mapping[str, Any]) -> str:
    cells = (
        f"`{one['code']}`",
        one["name"],
        one["kind"].replace("_", " "),
        _names(one["countries"]),
        _names(one["currencies"]),
        one["refund"],
        "yes" if one["cancel"] else "no",
        one["callbacks"],
        "" if "remote" in one["deviations"] else "yes" if one["probe"] else "no",
        "yes" if one["proof"] else "",
        str(one["behaviours"] or ""),
    )
    return f"| {' | '.join(cells)} |\n"


def _refund(manifest: Manifest) -> str:
    profile = manifest.described()
    if not profile.refunds:
        return "by hand"
    return "full, partial" if profile.partial_refunds else "full"


def _names(codes: Sequence[str]) -> str:
    if len(codes) > MOST_NAMED:
        return f"{len(codes)}"
    return ", ".join(codes) or "all"

"""The one stylesheet: every colour is a token, and every pair of them can be read."""

import re
from pathlib import Path

import pytest

STYLES = (
    Path(__file__).parents[2] / "adapters" / "http" / "pages" / "static" / "cauri.css"
).read_text("utf-8")
TOKENS = re.compile(r":root \{(.*?)\}", re.DOTALL)
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", one)) for one in TOKENS.findall(STYLES)[:2]
)
TEXT = 4.5  # WCAG 2.2 AA
SHAPE = 3.0  # borders of controls
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "ground", TEXT),
    ("ink", "tint", TEXT),
    ("ink-soft", "paper", TEXT),
    ("ink-soft", "ground", TEXT),
    ("accent", "paper", TEXT),
    ("accent", "ground", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("good", "paper", TEXT),
    ("good", "good-tint", TEXT),
    ("warn", "paper", TEXT),
    ("warn", "warn-tint", TEXT),
    ("bad", "paper", TEXT),
    ("bad", "bad-tint", TEXT),
    ("line-strong", "paper", SHAPE),
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_stands_on_what_can_be_read(
    tokens: dict[str, str], front: str, back: str, least: float
) -> None:
    dim, bright = sorted((luminance(tokens[front]), luminance(tokens[back])))
    assert (bright + 0.05) / (dim + 0.05) >= least


def test_both_modes_have_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_no_rule_names_a_colour_and_nothing_is_fetched() -> None:
    rules = TOKENS.sub("", STYLES)
    assert not re.search(r"#[0-9a-f]{3,8}\b|\brgb|\bhsl|\burl\(|@import", rules)

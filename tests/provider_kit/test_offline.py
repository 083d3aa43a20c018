"""What the offline family shares: the code, and how many people must confirm."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.offline.client import OfflineClient
from adapters.provider_kit.offline.code import (
    ALPHABET,
    MOST_CODES,
    code_of,
    codes_in,
    grouped,
    read,
)
from adapters.provider_kit.registry import converted
from adapters.providers import discover
from domain.currencies import CURRENCIES, currency
from domain.errors import Invalid
from domain.money import MOST_MINOR, Money
from domain.ports.providers import Cancels, FourEyes, Refunds, TakesProofs
from tests.builders import StillClock
from tests.offline import CONFIGS, MANIFESTS

CODES = st.text(ALPHABET, min_size=26, max_size=26).map(lambda text: code_of(f"att_{text}01"))
FAMILY = sorted(name for name, one in discover().items() if one.profile.offline)
SUDAN = {"bankak", "faisal_islamic", "omdurman_national", "sudani_cash", "zain_cash_sudan"}


@given(CODES)
def test_a_code_is_read_as_people_write_it(code: str) -> None:
    assert read(code) == code
    assert read(f" {grouped(code).lower()} ") == code
    assert read(code.replace("0", "O").replace("1", "l")) == code


@given(CODES, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code: str, place: int, letter: str) -> None:
    slip = code[:place] + letter + code[place + 1 :]
    assert (read(slip) is None) == (slip != code)


@given(CODES, st.integers(0, 6))
def test_two_swapped_neighbours_are_noticed(code: str, place: int) -> None:
    pair = code[place : place + 2]
    slip = code[:place] + pair[::-1] + code[place + 2 :]
    if set(pair) != {"0", "Z"}:
        assert (read(slip) is None) == (slip != code)


@given(CODES, st.integers(1, 8), st.sampled_from(["{}", "FROM {} RENT", "/REMI/{}/X", "A1-{};2"]))
def test_a_code_is_found_in_a_banks_words_however_they_are_broken(
    code: str, place: int, words: str
) -> None:
    shown = grouped(code)
    spellings = (code, shown, shown.replace("-", " "), f"{shown[:place]}\n{shown[place:]}")
    for spelling in spellings:
        assert code in codes_in(words.format(spelling.lower()))
    for part in (code[:-1], f"{code}7", f"B{code}", code.replace(code[0], "?", 1)):
        assert code not in codes_in(words.format(part))


@given(st.lists(CODES, min_size=1, max_size=40), st.sampled_from([" ", "\n", ", "]))
def test_several_codes_are_all_found_up_to_a_bound(codes: list[str], between: str) -> None:
    found = codes_in(between.join(map(grouped, codes)))
    assert len(found) <= MOST_CODES
    if len(codes) <= MOST_CODES // 2:  # words that stand side by side may pass by chance
        assert set(codes) <= set(found)


@pytest.mark.parametrize("nonsense", ["", "K7QM", "K7QM-3FX?", "UUUU-UUUU", "0" * 9])
def test_what_cannot_be_a_code_is_none(nonsense: str) -> None:
    assert read(nonsense) is None


@pytest.mark.parametrize("name", FAMILY)
def test_every_folder_of_the_family_can_be_canceled_confirmed_and_gives_nothing_back(
    name: str,
) -> None:
    manifest = discover()[name]
    assert issubclass(manifest.client, OfflineClient)
    assert issubclass(manifest.client, Cancels)
    assert issubclass(manifest.client, FourEyes)
    assert not issubclass(manifest.client, Refunds)
    described = manifest.described()
    assert described.proofs == issubclass(manifest.client, TakesProofs) == (name != "cash")
    assert described.bounces == (name == "cheque")


def test_the_banks_and_wallets_of_sudan_are_here_and_take_sudanese_pounds_only() -> None:
    assert set(FAMILY) >= SUDAN
    for name in SUDAN:
        profile = discover()[name].profile
        assert (*profile.currencies, *profile.countries) == ("SDG", "SD")


@given(
    code=st.sampled_from(sorted(CURRENCIES)),
    threshold=st.integers(0, MOST_MINOR),
    minor=st.integers(1, MOST_MINOR),
)
def test_two_confirm_what_is_beyond_the_threshold_and_one_the_rest(
    code: str, threshold: int, minor: int
) -> None:
    money, above = currency(code), Money(threshold, currency(code))
    manifest = MANIFESTS["cash"]
    config: Any = converted({"four_eyes_above": {code: above.major}}, manifest.config)
    client: Any = manifest.build(config, None, StillClock())  # type: ignore[arg-type]
    assert client.confirmations(Money(minor, money)) == (2 if minor > threshold else 1)
    other = currency("SDG" if code != "SDG" else "PHP")
    assert client.confirmations(Money(minor, other)) == 1


@pytest.mark.parametrize("name", sorted(CONFIGS))
@pytest.mark.parametrize(
    "wrong",
    [
        {"four_eyes_above": {"SDG": "-1"}},
        {"four_eyes_above": {"SDG": "1.234"}},
        {"four_eyes_above": {"XYZ": "1"}},
        {"four_eyes_above": ["SDG"]},
        {"colour": "blue"},
    ],
)
def test_a_configuration_that_cannot_be_right_names_its_field(
    name: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as caught:
        converted(CONFIGS[name] | wrong, MANIFESTS[name].config)
    assert caught.value.field.startswith(next(iter(wrong)))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("bankak", "account_number"),
        ("bankak", "account_name"),
        ("bank_transfer", "bank_name"),
        ("cheque", "payee"),
    ],
)
@pytest.mark.parametrize("text", ["", "   ", "x" * 201])
def test_what_payers_are_shown_is_there_and_short(name: str, field: str, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        converted(CONFIGS[name] | {field: text}, MANIFESTS[name].config)
    assert caught.value.field == field

"""The code a payer says at the counter: seven characters and one that catches slips.

Crockford's alphabet has no I, L, O or U, so nothing is read two ways. The last character is
Luhn's check modulo 32: one wrong character, or two neighbours swapped, is noticed at once
(but for a swap of 0 and Z). Codes are 35 bits of a digest: short, and not a secret. What machines
copy may be longer: `size` counts the characters before the check.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
SIZE: Final = 7  # without the check character
BITS: Final = 5  # of a character
GROUP: Final = 4  # characters between which people and banks put a hyphen or a space
MOST_CODES: Final = 20  # in one text


def code_of(attempt_id: str, size: int = SIZE) -> str:
    """Always the same for an attempt: "K7QM3FXP"."""
    width = max(8, -(-BITS * size // 8))
    number = int.from_bytes(blake2b(attempt_id.encode(), digest_size=width).digest(), "big")
    text = "".join(ALPHABET[number >> BITS * place & 31] for place in range(size))
    return text + _check(text)


def grouped(code: str) -> str:
    """As it is shown: "K7QM-3FXP"."""
    return f"{code[:4]}-{code[4:]}"


def read(spoken: str, size: int = SIZE) -> str | None:
    """The code that somebody typed, or None when it can't be one."""
    code = spoken.upper().translate(READ_AS)
    if len(code) != size + 1 or any(letter not in ALPHABET for letter in code):
        return None
    return code if _check(code[:size]) == code[size] else None


def codes_in(text: str, size: int = SIZE) -> Sequence[str]:
    """What may be codes in the words of a bank's statement, which may break a line within one;
    at most MOST_CODES. One word in 32 of that length passes by chance."""
    plain = unicodedata.normalize("NFKC", text).upper()
    found: dict[str, None] = {}
    for match in _pattern(size).finditer(plain):
        if (code := read(match[1].replace("\n", ""), size)) is not None:
            found[code] = None
            if len(found) == MOST_CODES:
                break
    return list(found)


@cache
def _pattern(size: int) -> re.Pattern[str]:
    """Whole words only. A look ahead, so that words which overlap over a line's end are seen."""
    word = ""
    for place in range(size + 1):
        between = r"\n?[ -]?\n?" if place % GROUP == 0 else r"\n?"
        word += f"{between if place else ''}[0-9A-TV-Z]"
    return re.compile(rf"(?<![0-9A-Z])(?=({word})(?![0-9A-Z]))")


def _check(text: str) -> str:
    total = 0
    for place, letter in enumerate(reversed(text)):
        value = ALPHABET.index(letter) * (2 - place % 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]

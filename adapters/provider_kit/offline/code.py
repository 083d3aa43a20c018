"""The code a payer says at the counter: seven characters and one that catches slips.

Crockford's alphabet has no I, L, O or U, so nothing is read two ways. The last character is
Luhn's check modulo 32: one wrong character, or two neighbours swapped, is noticed at once
(but for a swap of 0 and Z). Codes are 35 bits of a digest: short, and not a secret.
"""

from hashlib import blake2b
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
SIZE: Final = 7  # without the check character


def code_of(attempt_id: str) -> str:
    """Always the same for an attempt: "K7QM3FXP"."""
    number = int.from_bytes(blake2b(attempt_id.encode(), digest_size=8).digest(), "big")
    text = "".join(ALPHABET[number >> 5 * place & 31] for place in range(SIZE))
    return text + _check(text)


def grouped(code: str) -> str:
    """As it is shown: "K7QM-3FXP"."""
    return f"{code[:4]}-{code[4:]}"


def read(spoken: str) -> str | None:
    """The code that somebody typed, or None when it can't be one."""
    code = spoken.upper().translate(READ_AS)
    if len(code) != SIZE + 1 or any(letter not in ALPHABET for letter in code):
        return None
    return code if _check(code[:SIZE]) == code[SIZE] else None


def _check(text: str) -> str:
    total = 0
    for place, letter in enumerate(reversed(text)):
        value = ALPHABET.index(letter) * (2 - place % 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]

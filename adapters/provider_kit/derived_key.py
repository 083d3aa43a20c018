"""RSA keys of simulators: the same in every run, and nobody's secret.

Derived, so that a run repeats byte for byte, an account keeps working when a simulator is started
again, and no private key lies in the repository. Worthless outside a simulator.
"""

from functools import cache
from hashlib import shake_256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

EXPONENT: Final = 65_537


@cache
def derived_key(owner: str, p_at: int, q_at: int, bits: int = 2048) -> RSAPrivateKey:
    """`bits`: 1024 where a company signs so much that it would slow the simulation. `p_at`, `q_at`:
    where the owner's derivation first meets a prime; looking for them takes longer than a test
    should. Raises ValueError for other places."""
    p, q = _number(f"{owner} p {p_at}", bits // 2), _number(f"{owner} q {q_at}", bits // 2)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(EXPONENT, p * q)
    numbers = RSAPrivateNumbers(
        p, q, d, rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def _number(name: str, bits: int) -> int:
    """Odd, the two highest bits set: the product of two has twice the bits."""
    digest = shake_256(f"cauri {name}".encode()).digest(bits // 8)
    return int.from_bytes(digest, "big") | 3 << (bits - 2) | 1

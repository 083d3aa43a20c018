"""How the simulated pawaPay signs: the key is the same in every run, and nobody's secret.

Derived, so that a run repeats byte for byte, an account keeps working when the simulator is
started again, and no private key lies in the repository. Worthless outside the simulator.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256, sha512
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID: Final = "HTTP_EC_P256_KEY:1"
COVERED: Final = '("@method" "@authority" "@path" "signature-date" "content-digest" "content-type")'
JSON: Final = "application/json"


def headers(url: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """Of a callback that leaves now, as captured from the sandbox: the signature is in DER."""
    digest = f"sha-512=:{base64.b64encode(sha512(body).digest()).decode()}:"
    made = int(now.timestamp())
    date = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
    params = (
        f'{COVERED};alg="ecdsa-p256-sha256";keyid="{KEY_ID}";created={made};expires={made + 60}'
    )
    parts = urlsplit(url)
    base = (
        f'"@method": POST\n"@authority": {parts.netloc}\n"@path": {parts.path}\n'
        f'"signature-date": {date}\n"content-digest": {digest}\n"content-type": {JSON}\n'
        f'"@signature-params": {params}'
    )
    signed = _key().sign(base.encode(), ECDSA(SHA256(), deterministic_signing=True))
    return {
        "content-type": JSON,
        "content-digest": digest,
        "signature-date": date,
        "signature-input": f"sig-pp={params}",
        "signature": f"sig-pp=:{base64.b64encode(signed).decode()}:",
    }


@cache
def public_pem() -> str:
    pem = _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


@cache
def _key() -> EllipticCurvePrivateKey:
    secret = int.from_bytes(sha256(b"cauri pawapay simulator").digest(), "big") >> 1
    return derive_private_key(secret, SECP256R1())

"""RSA256 as all three sides use it: our call, their answer, their notification.

What is signed is `<METHOD> <path>\\n<Client-Id>.<time>.<body>`, where the path is that of our call,
in an answer too, or of our own address in a notification; `time` is the header of who speaks.
"""

import base64
import binascii
import re
from typing import Final
from urllib.parse import quote_plus, unquote_plus

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from adapters.provider_kit.signing import rsa_sha256_verifies

HEADER: Final = re.compile(
    r"algorithm=RSA256,\s*keyVersion=[0-9A-Za-z.]{1,16},\s*signature=([0-9A-Za-z%+/=_.~-]{1,2048})",
    re.ASCII,
)


def signed_string(path: str, client_id: str, time: str, body: bytes) -> bytes:
    head = f"POST {path}\n{client_id}.{time}."
    return head.encode(errors="surrogatepass") + body


def header(key: RSAPrivateKey, version: str, data: bytes) -> str:
    """The value of the Signature header."""
    signature = base64.b64encode(key.sign(data, PKCS1v15(), SHA256())).decode()
    return f"algorithm=RSA256,keyVersion={version},signature={quote_plus(signature)}"


def verifies(pem: str, given: str, data: bytes) -> bool:
    """Whether a Signature header is over that. The algorithm is pinned; the key version is not:
    this account has one key of theirs."""
    found = HEADER.fullmatch(given.strip())
    if found is None:
        return False
    try:  # a proxy may have decoded it: "+" is no space in Base64
        text = unquote_plus(found[1]) if "%" in found[1] else found[1]
        signature = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return rsa_sha256_verifies(pem, signature, data)

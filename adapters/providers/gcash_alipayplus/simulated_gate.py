"""The simulated gateway's door: who calls, with which signature, and what answers look like.

It signs and checks on its own, without the client's code: the two agree through the documents.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from adapters.provider_kit.derived_key import derived_key
from adapters.provider_kit.transport import Request, Response

SANDBOX: Final = "SANDBOX_"
CLIENT: Final = "sim_"


class Refusal(Exception):
    """A result that is none: F, or U. `signed` is False where the gate itself refuses."""

    def __init__(self, code: str, status: str = "F", *, signed: bool = True) -> None:
        super().__init__(code)
        self.code, self.status, self.signed = code, status, signed

    @property
    def body(self) -> dict[str, Any]:
        return {"result": result(self.status, self.code)}


def result(status: str, code: str) -> dict[str, str]:
    return {
        "resultStatus": status,
        "resultCode": code,
        "resultMessage": code.lower().replace("_", " "),
    }


def merchant_key() -> RSAPrivateKey:
    """Every merchant here has the same one."""
    return derived_key("gcash_alipayplus merchant", 45, 126)


def alipay_key() -> RSAPrivateKey:
    return derived_key("gcash_alipayplus alipay", 134, 79)


@cache
def merchant_pem() -> str:
    return private_pem(merchant_key())


@cache
def alipay_pem() -> str:
    return public_pem(alipay_key())


def private_pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    """Of its public half."""
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def admitted(request: Request, path: str) -> tuple[str, str]:
    """The client, and the call below the API. Raises Refusal: who is not let in hears it without a
    signature, and so does who is let in at the wrong path."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    client, time = headers.get("client-id", ""), headers.get("request-time", "")
    if not client.removeprefix(SANDBOX).startswith(CLIENT) or len(client) > 64:
        raise Refusal("UNKNOWN_CLIENT", signed=False)
    said = f"POST {path}\n{client}.{time}.".encode(errors="replace") + request.body
    if not time or not _verifies(headers.get("signature", ""), said):
        raise Refusal("INVALID_SIGNATURE", signed=False)
    home = "/ams/sandbox/api/v1/" if client.startswith(SANDBOX) else "/ams/api/v1/"
    if request.method != "POST" or not path.startswith(home):
        raise Refusal("NO_INTERFACE_DEF", signed=False)
    return client, path.removeprefix(home)


def read(raw: bytes) -> dict[str, Any]:
    """A body whose every leaf is a string. Raises Refusal."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refusal("PARAM_ILLEGAL") from None
    open_ = [body]
    while open_:
        one = open_.pop()
        if isinstance(one, dict | list):
            open_ += one.values() if isinstance(one, dict) else one
        elif not isinstance(one, str):
            raise Refusal("PARAM_ILLEGAL")
    if not isinstance(body, dict):
        raise Refusal("PARAM_ILLEGAL")
    return body


def answered(path: str, client: str, body: object, at: datetime, *, signed: bool) -> Response:
    """HTTP 200, whatever it says."""
    raw = msgspec.json.encode(body)
    headers = {"content-type": "application/json; charset=UTF-8"}
    if signed:
        time = stamp(at)
        headers |= {"client-id": client, "response-time": time}
        headers["signature"] = signature(
            f"POST {path}\n{client}.{time}.".encode() + raw, alipay_key()
        )
    return Response(200, headers, raw)


def told(url: str, client: str, body: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """The headers of a notification: the path of its address is signed."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    time, raw = stamp(at), msgspec.json.encode(body)
    return {
        "content-type": "application/json; charset=UTF-8",
        "client-id": client,
        "request-time": time,
        "signature": signature(f"POST {path}\n{client}.{time}.".encode() + raw, alipay_key()),
    }


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def signature(data: bytes, key: RSAPrivateKey) -> str:
    value = base64.b64encode(key.sign(data, PKCS1v15(), SHA256())).decode()
    return f"algorithm=RSA256,keyVersion=1,signature={quote(value, safe='')}"


def _verifies(header: str, data: bytes) -> bool:
    parts = dict(part.strip().partition("=")[::2] for part in header.split(",", 2))
    if parts.get("algorithm") != "RSA256":
        return False
    try:
        value = base64.b64decode(unquote(parts.get("signature", "")), validate=True)
        merchant_key().public_key().verify(value, data, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True

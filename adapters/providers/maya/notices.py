"""Maya's callbacks: who signed, how old, and what they say.

Signed is not the body but a flattened form of it (`canonical`), without the timestamp. The keys
are Maya's for all merchants, and any merchant chooses its references freely: a payment that
another merchant took under our reference is signed just as well. So a callback is believed only
when it carries the proof that we put into our checkout; any other is a hint that makes us query.
Source: "Webhook Security" for the headers, two public clients for the canonical string.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.provider_kit.signing import rsa_sha256_verifies, same
from adapters.providers.maya.wire import Record, outcome, proof
from domain.errors import Forged, Invalid, Stale
from domain.payments.outcome import Unknown
from domain.ports.providers import Callback, Notice

SIGNATURE: Final = "x-maya-webhook-signature"
TIMESTAMP: Final = "x-maya-webhook-timestamp"
TOLERANCE_MS: Final = 300_000
MOST_EXACT: Final = 2**53  # above it JavaScript rounds whole numbers


class Literal(str):
    """A number with a point or exponent, as it was written."""

    __slots__ = ()


def receive(callback: Callback, now: datetime, keys: Sequence[str], secret_key: str) -> Notice:
    """Raises Forged for a bad signature or age, Invalid for what Maya signed and we can't read."""
    body = _body(callback.body)
    _check_age(callback.headers.get(TIMESTAMP, ""), now)
    nonce, signatures = _signature(callback.headers.get(SIGNATURE, ""))
    pairs = _flat(body)
    signed = _signed(pairs, nonce)
    data = signed.encode(errors="surrogatepass")
    if not any(rsa_sha256_verifies(key, one, data) for key in keys for one in signatures):
        raise Forged("the signature is not one of Maya's")
    try:
        record = msgspec.convert(body, Record)
    except msgspec.ValidationError:
        raise Invalid("neither a payment nor a checkout of Maya's", "body") from None
    return notice(record, secret_key, plain=signed.count("&") == len(pairs))


def notice(record: Record, secret_key: str, *, plain: bool) -> Notice:
    """`plain`: the signed string can be read in one way only (no value holds a "&")."""
    reference = record.request_reference_number
    given = record.metadata.get("proof", "") if isinstance(record.metadata, Mapping) else ""
    ours = reference is not None and same(str(given), proof(secret_key, reference))
    answer = outcome(record)
    return Notice(
        id=f"{record.id}:{record.word}",  # there is no event id; repeats have the same two
        trusted=plain and ours and not isinstance(answer, Unknown),
        attempt_id=reference,
        provider_reference=record.id,
        answer=None if isinstance(answer, Unknown) else answer,
    )


def canonical(body: Mapping[str, Any], nonce: str) -> str:
    """The signed string: sorted `key=value` pairs, then the nonce."""
    return _signed(_flat(body), nonce)


def _signed(pairs: Sequence[str], nonce: str) -> str:
    return "&".join([*pairs, f"nonce={nonce}"])


def _flat(body: Mapping[str, Any]) -> list[str]:
    """Dotted keys, list indexes as keys; null, "" and what is empty are left out; byte order."""
    pairs: list[str] = []
    open_: list[tuple[str, Any]] = list(body.items())
    while open_:  # no recursion: depth is the sender's choice
        key, value = open_.pop()
        if isinstance(value, Mapping):
            open_ += [(f"{key}.{name}", inner) for name, inner in value.items()]
        elif isinstance(value, list):
            open_ += [(f"{key}.{index}", inner) for index, inner in enumerate(value)]
        elif value is not None and value != "":
            pairs.append(f"{key}={_scalar(value)}")
    return sorted(pairs, key=lambda pair: pair.encode(errors="surrogatepass"))


def _scalar(value: Any) -> str:
    """As JavaScript writes it, the signer's language as far as one can tell: 100.00 is 100."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not isinstance(value, Literal):
        return value
    if isinstance(value, int) and abs(value) <= MOST_EXACT:
        return str(value)
    text = format(
        Decimal(repr(float(str(value)))), "f"
    )  # the signer held it as a binary double too
    return text.rstrip("0").rstrip(".") if "." in text else text


def _body(raw: bytes) -> dict[str, Any]:
    """One reading for both uses: what was verified is what is believed, also with double keys."""
    try:
        read = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Forged("not JSON, so nothing that Maya signed") from None
    if not isinstance(read, dict):
        raise Forged("not an object, so nothing that Maya signed")
    return read


def _check_age(text: str, now: datetime) -> None:
    """Milliseconds. Not signed: an old fact under a new time is caught by its id."""
    if re.fullmatch(r"[0-9]{1,15}", text) is None:
        raise Forged("the timestamp is missing or not in milliseconds")
    if abs(int(now.timestamp() * 1000) - int(text)) > TOLERANCE_MS:
        raise Stale("the callback is too old, or from the future")


def _signature(text: str) -> tuple[str, list[str]]:
    """`nonce=<hex>,v1=<hex>` in any order."""
    parts = [part.strip().partition("=") for part in text.split(",")]
    nonces = [value for name, _, value in parts if name == "nonce"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(nonces) != 1 or re.fullmatch(r"[0-9A-Fa-f]+", nonces[0]) is None or not signatures:
        raise Forged("the signature is missing or malformed")
    return nonces[0], signatures[:4]


DECODER: Final = msgspec.json.Decoder(float_hook=Literal)

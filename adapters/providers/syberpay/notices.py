"""SyberPay's notifications: a form of three fields, hashed. No amount, status or time, so a hint.

A repeat of one can't be told from a new one, and need not be: whatever it is, we ask.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from adapters.provider_kit.signing import same
from adapters.providers.syberpay.config import SyberPayConfig
from adapters.providers.syberpay.hashes import notice_hash
from domain.errors import Forged, Invalid
from domain.ports.providers import Callback, Notice

FIELDS: Final = ("transactionId", "token", "hash")
LONGEST: Final = 200  # characters of one field
MOST_BYTES: Final = 4_096
MOST_FIELDS: Final = 20


def receive(callback: Callback, config: SyberPayConfig) -> Notice:
    """Raises Forged for a hash that is not of this account's secrets, Invalid for nonsense."""
    told = form(callback.body)
    if told is None:
        raise Invalid("not a notification of SyberPay", "body")
    expected = notice_hash(config, told["transactionId"], told["token"])
    if not same(told["hash"].lower(), expected):
        raise Forged("the hash is not by this account's key and salt")
    return Notice(
        id=f"{told['transactionId']}:{told['token']}"[: 2 * LONGEST],
        trusted=False,
        provider_reference=told["transactionId"],
    )


def recognises(callback: Callback) -> bool:
    """By its body alone: no header is SyberPay's own."""
    return form(callback.body) is not None


def form(body: bytes) -> Mapping[str, str] | None:
    """The three fields; None unless each is there once, and the hash is one."""
    if len(body) > MOST_BYTES:
        return None
    try:
        pairs = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    told = {name: value for name, value in pairs if name in FIELDS}
    if sum(name in FIELDS for name, _ in pairs) != len(FIELDS) or len(told) != len(FIELDS):
        return None
    fits = all(value and len(value) <= LONGEST and "|" not in value for value in told.values())
    return told if fits and re.fullmatch(r"[0-9A-Fa-f]{64}", told["hash"]) else None

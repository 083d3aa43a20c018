"""MTN's callbacks: the status answer, sent once, as PUT or POST, signed by nobody.

Anyone who knows our address can send one, so it is a hint that makes us ask, never a fact. The
id of a notice covers its body: a made-up callback can't stand in the way of the true one.
"""

import re
from hashlib import sha256
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.providers.mtn_momo.wire import Transaction, outcome
from domain.errors import Invalid
from domain.payments.outcome import Unknown
from domain.ports.providers import Callback, Notice

OURS: Final = re.compile(r"att_[0-9A-Z]{28}")


class _Party(msgspec.Struct, frozen=True, rename="camel"):
    party_id_type: str


class _Shape(msgspec.Struct, frozen=True, rename="camel"):
    """What tells MTN's callbacks from other companies': they hold a party."""

    external_id: str
    status: str
    payer: _Party
    amount: Any = None


def receive(callback: Callback) -> Notice:
    """Raises Invalid for what is no callback of MTN's about a payment."""
    try:
        read = decode(callback.body, Transaction)
    except Undecodable as error:
        raise Invalid(f"not a callback of MTN MoMo: {error}", "body") from None
    answer = outcome(read)
    digest = sha256(callback.body).hexdigest()[:24]
    return Notice(
        id=f"{read.external_id[:32]}:{read.status[:16]}:{digest}",
        trusted=False,
        attempt_id=read.external_id,
        answer=None if isinstance(answer, Unknown) else answer,
    )


def recognises(callback: Callback) -> bool:
    """By its body alone: no header is MTN's own."""
    try:
        shape = decode(callback.body, _Shape)
    except Undecodable:
        return False
    return OURS.fullmatch(shape.external_id) is not None

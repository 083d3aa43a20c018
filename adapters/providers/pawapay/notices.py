"""pawaPay's callbacks: a deposit or refund in its final state, signed where that is switched on.

The keys are pawaPay's for all merchants, and any merchant could enter our address and name our
reference. So a callback is believed only when it is signed and carries the proof that we put into
the deposit's or refund's metadata; any other is a hint that makes us query. The sandbox was seen
to lose the names of metadata fields, so the proof is looked for among their values.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.signing import same
from adapters.providers.pawapay.config import PawapayConfig
from adapters.providers.pawapay.signatures import verify
from adapters.providers.pawapay.wire import Payment, outcome, proof, reference
from domain.errors import Forged, Invalid
from domain.payments.outcome import Unknown
from domain.ports.providers import Callback, Notice

ATTEMPT: Final = re.compile(r"att_[0-9A-Z]{28}")
REFUND: Final = re.compile(r"rfd_[0-9A-Z]{1,40}")
MOST_FIELDS: Final = 20


class _Party(msgspec.Struct, frozen=True, rename="camel"):
    account_details: Mapping[str, Any]


class _Shape(msgspec.Struct, frozen=True, rename="camel"):
    """What tells pawaPay's callbacks from other companies': an id of its kind, and a party."""

    status: str
    deposit_id: str | None = None
    refund_id: str | None = None
    payer: _Party | None = None
    recipient: _Party | None = None


def receive(callback: Callback, now: datetime, config: PawapayConfig) -> Notice:
    """Raises Forged for a bad signature or age, Invalid for what is no callback of pawaPay's."""
    if config.signed_callbacks:
        if not config.callback_url:
            raise Forged("this account's callbacks are not registered, so nothing can be verified")
        keys = {one.id: one.key for one in config.callback_keys}
        verify(callback, now, keys, config.callback_url)
    try:
        read = decode(callback.body, Payment)
    except Undecodable as error:
        raise Invalid(f"not a callback of pawaPay: {error}", "body") from None
    if read.refund_id is not None:
        return _of_refund(read, config)
    if read.deposit_id is None:
        raise Invalid("neither a deposit nor a refund", "body")
    ours = _ours(read, ATTEMPT, read.deposit_id)
    answer = outcome(read)
    told = None if isinstance(answer, Unknown) else answer
    trusted = config.signed_callbacks and ours is not None and _proven(read, config, ours)
    digest = "" if trusted else f":{sha256(callback.body).hexdigest()[:24]}"
    return Notice(
        id=f"{read.deposit_id[:36]}:{read.status[:20]}{digest}",
        trusted=trusted,
        attempt_id=ours,
        provider_reference=read.deposit_id,
        answer=told,
    )


def _of_refund(read: Payment, config: PawapayConfig) -> Notice:
    """Only when it is proven: a refund that is not is found by asking, and a hint would have
    nothing to point at."""
    refund_id = _ours(read, REFUND, read.refund_id or "")
    if not config.signed_callbacks:
        raise Invalid("switch on signed callbacks at pawaPay, or enter none for refunds", "body")
    if refund_id is None or not _proven(read, config, refund_id):
        return Notice(id=f"{(read.refund_id or '')[:36]}:other", trusted=True)
    answer = outcome(read)
    return Notice(
        id=f"{(read.refund_id or '')[:36]}:{read.status[:20]}",
        trusted=True,
        refund_id=refund_id,
        answer=None if isinstance(answer, Unknown) else answer,
    )


def _ours(read: Payment, form: re.Pattern[str], known: str) -> str | None:
    """Our own reference, when it is the one that pawaPay's id follows from."""
    told = read.client_reference_id or ""
    return told if form.fullmatch(told) and reference(told) == known else None


def _proven(read: Payment, config: PawapayConfig, ours: str) -> bool:
    """`metadata` is an object in callbacks, a list of objects in requests; either is read."""
    rows = read.metadata if isinstance(read.metadata, list) else [read.metadata]
    given = [value for row in rows[:MOST_FIELDS] if isinstance(row, dict) for value in row.values()]
    expected = proof(config.api_token, ours)
    return any(same(one, expected) for one in given[:MOST_FIELDS] if isinstance(one, str))


def recognises(callback: Callback) -> bool:
    """By its signature's headers and its body."""
    if not {"signature-input", "content-digest"} <= callback.headers.keys():
        return False
    try:
        shape = decode(callback.body, _Shape)
    except Undecodable:
        return False
    known = shape.deposit_id or shape.refund_id
    return known is not None and (shape.payer or shape.recipient) is not None

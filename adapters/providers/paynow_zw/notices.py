"""Paynow's status updates: their hash is checked, and then a poll decides, as Paynow advises.

The hash covers the values alone, run together. Whoever has seen a genuine update can move digits
from the reference into the amount, or rename fields, under the same hash; and it tells no time, so
an old one can be sent again. So it is proof enough to make us ask, and of nothing else.
"""

import re
from typing import Final

from adapters.provider_kit.http import Undecodable
from adapters.providers.paynow_zw.addresses import guid_of
from adapters.providers.paynow_zw.config import PaynowConfig
from adapters.providers.paynow_zw.messages import HASH, Message, read
from adapters.providers.paynow_zw.wire import standing
from domain.errors import Forged, Invalid
from domain.ports.providers import Callback, Notice

FIELDS: Final = ("reference", "amount", "paynowreference", "pollurl", "status", HASH)
HEX: Final = re.compile(r"[0-9A-Fa-f]{128}")
LONGEST: Final = 80  # characters of a reference or status


def receive(callback: Callback, config: PaynowConfig) -> Notice:
    """Raises Forged for a hash that is not by this account's key, Invalid for nonsense."""
    update = form(callback.body)
    if update is None:
        raise Invalid("not a status update of Paynow", "body")
    if not update.proven(config.integration_key):
        raise Forged("the hash is not by this account's key")
    number = update.get("paynowreference").replace(",", "")  # "1,082" is 1082 elsewhere
    return Notice(
        id=f"{update.get('reference')}:{number}:{update.status}:{update.get(HASH)[:16].lower()}",
        trusted=False,
        attempt_id=update.get("reference"),
        provider_reference=guid_of(update.get("pollurl"), config.url),
        answer=standing(update, config),
    )


def recognises(callback: Callback) -> bool:
    """By its body alone: no header is Paynow's own."""
    return form(callback.body) is not None


def form(body: bytes) -> Message | None:
    """None unless all fields are there, of a length that is theirs, and the hash is one."""
    try:
        update = read(body)
    except Undecodable:
        return None
    if not all(update.get(name) for name in FIELDS) or HEX.fullmatch(update.get(HASH)) is None:
        return None
    short = [update.get(name) for name in ("reference", "paynowreference", "status")]
    return update if max(map(len, short)) <= LONGEST else None

"""Addresses that Paynow tells: where a payer is sent, and where a transaction is asked about.

Of a poll url only the transaction's GUID is taken, and the question goes to the address of the
account: whoever makes us read a message can't make us call another server.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

FAMILY: Final = re.compile(r"(?:[a-z0-9-]+\.)*paynow\.co\.zw")
POLL: Final = "/Interface/CheckPayment/"
PLAIN: Final = re.compile(r"[!-\[\]-~]{1,1000}")  # no blank, no control character, no backslash
GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def own(url: str, base: str) -> SplitResult | None:
    """The address in parts, when it is where the account is, or, of an account at Paynow itself,
    on another host of theirs; else None."""
    if PLAIN.fullmatch(url) is None:
        return None
    try:
        parts, home = urlsplit(url), urlsplit(base)
        port = parts.port
    except ValueError:
        return None
    if (parts.scheme, parts.netloc.lower()) == (home.scheme, home.netloc.lower()):
        return parts
    siblings = parts.scheme == "https" and port in (None, 443) and parts.username is None
    return parts if siblings and _theirs(parts.hostname) and _theirs(home.hostname) else None


def guid_of(poll_url: str, base: str) -> str | None:
    """What names the transaction in a poll url of Paynow's own; None for any other."""
    parts = own(poll_url, base)
    if parts is None or not parts.path.lower().endswith(POLL.lower()):
        return None
    found = [value for name, value in parse_qsl(parts.query) if name.lower() == "guid"]
    return found[0].lower() if len(found) == 1 and GUID.fullmatch(found[0]) else None


def poll_url(guid: str, base: str) -> str:
    """Where that transaction is asked about: at the account's own address."""
    return f"{base}{POLL}?guid={quote(guid, safe='')}"


def _theirs(host: str | None) -> bool:
    return host is not None and FAMILY.fullmatch(host) is not None

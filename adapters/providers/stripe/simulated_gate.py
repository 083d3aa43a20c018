"""How requests come in at the simulated Stripe: keys, forms in brackets, and idempotency."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.transport import Request, Response
from adapters.providers.stripe.simulated_books import Refusal, Who, invalid

LIFETIME: Final = timedelta(hours=24)
MOST_KEYS: Final = 100_000
MOST_KEY: Final = 255
KEY: Final = re.compile(r"([srp])k_(test|live)_sim_([a-z0-9]+)", re.ASCII)


def caller(headers: Mapping[str, str], said: Mapping[str, Any]) -> tuple[Who, bool]:
    """The account with whether it is live, and whether it is a browser that calls, with the
    publishable key. Bearer, Basic with the key as the user, or a field of the form. Raises
    Refusal."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            key = ""
    key = key or str(said.get("key", ""))
    if not key:
        raise invalid("You did not provide an API key.", status=401)
    match = KEY.fullmatch(key.strip())
    if match is None:
        raise invalid(f"Invalid API Key provided: {key[:8]}****", status=401)
    return (match[3], match[2] == "live"), match[1] == "p"


class Keys:
    """What was answered under each key. Only what was executed is kept, errors included."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bool, str], tuple[str, datetime, Response]] = {}

    def known(self, who: tuple[str, bool], request: Request, now: datetime) -> Response | None:
        """The first answer once more. Raises Refusal when it was to other words."""
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            return None
        if not 0 < len(key) <= MOST_KEY:
            raise invalid("Invalid idempotency key: at most 255 characters.")
        kept = self._kept.get((*who, key))
        if kept is None or now >= kept[1] + LIFETIME:
            return None
        if kept[0] != _print(request):
            words = "Keys for idempotent requests can only be used with the same parameters."
            raise Refusal(400, "idempotency_error", words)
        headers = {**kept[2].headers, "idempotent-replayed": "true"}
        return Response(kept[2].status, headers, kept[2].body)

    def keep(
        self, who: tuple[str, bool], request: Request, now: datetime, answer: Response
    ) -> None:
        key = request.headers.get("idempotency-key")
        if key is not None and request.method == "POST":
            if len(self._kept) >= MOST_KEYS:
                del self._kept[next(iter(self._kept))]
            self._kept[(*who, key)] = (_print(request), now, answer)


def _print(request: Request) -> str:
    return hashlib.sha256(request.url.encode() + b"\n" + request.body).hexdigest()

"""Paynow's messages: forms in both directions, each with a hash over its values.

The hash is SHA-512, in upper-case hex, of all values but itself in the order of the message, and
then the integration key. Neither names nor the borders between values are in it. Source:
"Generating hash" of Paynow's documentation, whose vectors are in fixtures/.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode

from adapters.provider_kit.http import Undecodable
from adapters.provider_kit.signing import same

HASH: Final = "hash"
MOST_BYTES: Final = 16_384
MOST_FIELDS: Final = 40
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Message:
    """Names in lower case, since Paynow's own differ ("Hash", "hash"); each is there once."""

    pairs: Pairs = field(repr=False)

    def get(self, name: str) -> str:
        """A value without blanks around it; "" when there is none."""
        return next((value.strip() for known, value in self.pairs if known == name), "")

    @property
    def status(self) -> str:
        return self.get("status").lower()

    def proven(self, key: str) -> bool:
        """Whether its hash is by that integration key, over the values as they are or, as in
        Paynow's own code, without blanks around them."""
        values = [value for name, value in self.pairs if name != HASH]
        given = self.get(HASH).upper()
        return any(
            same(given, digest(each, key)) for each in (values, [value.strip() for value in values])
        )


def digest(values: Iterable[str], key: str) -> str:
    """The key counts in lower case, however it was copied."""
    text = "".join(values) + key.lower()
    return hashlib.sha512(text.encode()).hexdigest().upper()


def sealed(pairs: Pairs, key: str) -> bytes:
    """A message with its hash, as it is sent."""
    given = [(name, value.strip()) for name, value in pairs]
    seal = digest((value for _, value in given), key)
    return urlencode([*given, (HASH, seal)]).encode()


def read(body: bytes) -> Message:
    """Raises Undecodable: too large, no form, a name twice, or no status."""
    if len(body) > MOST_BYTES:
        raise Undecodable("too large")
    try:
        pairs = parse_qsl(
            body.decode().strip(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Undecodable("not a form") from None
    message = Message(tuple((name.lower(), value) for name, value in pairs))
    if len(dict(message.pairs)) != len(pairs):
        raise Undecodable("a name twice")
    if not message.status:
        raise Undecodable("no status")
    return message

"""Standard Webhooks (https://www.standardwebhooks.com): how a merchant knows that an event is ours.

The id and the second of sending are signed with the body, so neither can be replaced; several
secrets give several signatures, and a receiver that knows one of them is satisfied.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.ports.webhooks import Signer


class StandardSigner(Signer):
    """Three headers: webhook-id, webhook-timestamp, webhook-signature."""

    def __call__(
        self, event_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]
    ) -> Mapping[str, str]:
        second = int(at.timestamp())
        content = b"%s.%d.%s" % (event_id.encode(), second, body)
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(second),
            "webhook-signature": " ".join(_signature(one, content) for one in secrets),
        }


def _signature(secret: bytes, content: bytes) -> str:
    digest = hmac.digest(secret, content, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"

"""The second net under the allow lists: what must never stand in a log, wherever it came from."""

import re
from typing import Final

HIDDEN: Final = "[hidden]"
SECRETS: Final = re.compile(
    r"cauri_(?:live|test)_\w{4,}"  # our API keys
    r"|\b(?:sk|pk|rk|whsec|whsk)_[\w+/=-]{8,}"  # providers' and webhook secrets
    r"|\bpi_\w+_secret_\w+"  # of one payment, for its payer's browser
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
    r"|/pay/[\w-]{16,}"  # payment links
    r"|\b\d(?:[ -]?\d){12,18}\b"  # card numbers; long numbers are hidden with them
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # e-mail addresses
)
LONGEST: Final = 500  # characters of any text in a log line


def scrubbed(text: str) -> str:
    """The text without secrets, card numbers and addresses, and not too long."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    return masked(text)


def masked(text: str) -> str:
    """All of the text, without secrets, card numbers and addresses."""
    return SECRETS.sub(HIDDEN, text)

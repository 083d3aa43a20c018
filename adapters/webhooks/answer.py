"""What an endpoint's answer, or its silence, says."""

import os
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

LONGEST_WAIT_S: Final = 30 * 86_400  # more than any schedule of ours


def retry_after_s(text: str, now: datetime) -> int | None:
    """A Retry-After header, in seconds or as an HTTP date; None for none and for nonsense."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:10]), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(round((at - now).total_seconds()), 0), LONGEST_WAIT_S)


def told(error: Exception) -> str:
    """Why there is no answer, for the merchant's eyes: nothing of our own network in it."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientConnectorCertificateError():
            cause = error.certificate_error
            why = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else ""
            return f"the certificate can't be trusted: {why or 'another host name'}"[:200]
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "TLS failed"
        case socket.gaierror() | aiohttp.ClientConnectorDNSError():
            return "the host's name can't be resolved"
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno  # its own words name the address
            return f"no connection: {os.strerror(number).lower() if number else 'refused'}"
        case aiohttp.ServerDisconnectedError() | ConnectionError():
            return "the connection was closed before an answer"
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return "the answer is not HTTP"
        case aiohttp.ClientOSError():
            return "the connection was reset"
    return type(error).__name__

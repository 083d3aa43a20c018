"""The secrets we sign with: made here, shown once, sealed for their endpoint alone."""

from base64 import b64encode
from typing import Final

from domain.ids import EndpointId

SECRET_BYTES: Final = 32


def secret_text(secret: bytes) -> str:
    """As merchants put it into a Standard Webhooks verifier: whsec_…"""
    return f"whsec_{b64encode(secret).decode()}"


def context(endpoint_id: EndpointId) -> str:
    """Where the vault seals it for."""
    return f"endpoint:{endpoint_id}"

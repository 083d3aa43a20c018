"""Omdurman National Bank: a transfer by hand, with proof.

It has no public merchant API, so none is invented: a person confirms.
"""

from typing import Final

from adapters.provider_kit.offline.transfer import manual_transfer
from domain.providers.profile import Kind

MANIFEST: Final = manual_transfer(
    "omdurman_national", "Omdurman National Bank", Kind.BANK, currency="SDG", country="SD"
)

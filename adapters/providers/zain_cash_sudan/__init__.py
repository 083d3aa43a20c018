"""Zain Cash Sudan: a transfer by hand, with proof. Another company than Iraq's ZainCash.

It has no public merchant API, so none is invented: a person confirms.
"""

from typing import Final

from adapters.provider_kit.offline.transfer import manual_transfer
from domain.providers.profile import Kind

MANIFEST: Final = manual_transfer(
    "zain_cash_sudan", "Zain Cash Sudan", Kind.MOBILE_MONEY, currency="SDG", country="SD"
)

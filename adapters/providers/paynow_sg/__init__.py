"""PayNow, Singapore: a code that any bank's app pays at once, confirmed by the bank's statement.

There is no API, status or callback in the code itself, so none is invented: `cauri statements`
matches what came, or a person confirms it.
"""

from typing import Final

from adapters.provider_kit.offline.folder import offline
from adapters.providers.paynow_sg.client import PayNowClient, PayNowConfig
from domain.currencies import currency
from domain.money import Money
from domain.providers.profile import Kind

MOST: Final = Money(
    10**12 - 1, currency("SGD")
)  # 13 characters, which is what the code has room for
MANIFEST: Final = offline(
    "paynow_sg",
    "PayNow (QR code)",
    Kind.BANK,
    PayNowClient,
    PayNowConfig,
    source=(
        "public explanations of the ABS PayNow QR field table and eight real codes, 2026-11; the "
        "official document was not at hand"
    ),
    currencies=["SGD"],
    countries=["SG"],
    maximum=[MOST],
)

"""A transfer from any bank to the merchant's account, with proof; a person confirms it.

Numbers of transfers are unique at the bank that sent them, so the payer says which it was.
"""

from typing import Final

from adapters.provider_kit.offline.folder import offline
from adapters.providers.bank_transfer.client import BankConfig, BankTransferClient
from domain.providers.profile import Kind

MANIFEST: Final = offline(
    "bank_transfer",
    "Bank transfer",
    Kind.BANK,
    BankTransferClient,
    BankConfig,
    source="none: banks differ, and a person reads the statement",
)

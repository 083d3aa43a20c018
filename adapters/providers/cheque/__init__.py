"""Cheques: handed over, cleared by a bank days later, and sometimes returned after that.

A person says that it cleared, not before its day. When it bounces afterwards, the payment is no
longer paid, and what the ledger booked is reversed (`bounced`).
"""

from typing import Final

from adapters.provider_kit.offline.folder import offline
from adapters.providers.cheque.client import ChequeClient, ChequeConfig
from domain.providers.profile import Kind

MANIFEST: Final = offline(
    "cheque",
    "Cheque",
    Kind.BANK,
    ChequeClient,
    ChequeConfig,
    source="none: there is no other side",
    bounces=True,
)

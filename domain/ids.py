"""Ids: a prefix that says what it names, then 26 characters that sort by time.

An attempt's id is its payment's plus a two-digit number, so the reference a provider echoes
names both, and a payment needs no lookup to be found again.
"""

from typing import Final, NewType

TenantId = NewType("TenantId", str)  # ten_…
PaymentId = NewType("PaymentId", str)  # pay_…
AttemptId = NewType("AttemptId", str)  # att_…, 32 characters: fits every provider's reference
RefundId = NewType("RefundId", str)  # rfd_…
AccountId = NewType("AccountId", str)  # acc_…: a tenant's account at a provider
KeyId = NewType("KeyId", str)  # key_…
EventId = NewType("EventId", str)  # evt_…
JournalId = NewType("JournalId", str)  # jrn_…
EndpointId = NewType("EndpointId", str)  # whk_…: where a merchant hears of events
WalletId = NewType("WalletId", str)  # wal_…
SpendId = NewType("SpendId", str)  # spd_…: a use of a wallet
JobId = NewType("JobId", str)  # job_…

MOST_ATTEMPTS: Final = 99  # two digits


def attempt_id(payment_id: PaymentId, number: int) -> AttemptId:
    """The id of attempt `number` (1 to 99): what the provider sees as our reference."""
    return AttemptId(f"att_{payment_id[4:]}{number:02d}")


def journal_id(of: str, version: int, index: int) -> JournalId:
    """Of the journal that `of` (a payment's, refund's or wallet's id) made in becoming `version`;
    `index` counts 0, 1, … in one move."""
    return JournalId(f"jrn_{of[4:]}{version:04d}{index:02d}")


def payment_of(attempt: str) -> PaymentId | None:
    """The payment an attempt's id belongs to; None when it is not such an id."""
    if attempt.startswith("att_") and len(attempt) == 32 and attempt[-2:].isdigit():
        return PaymentId(f"pay_{attempt[4:-2]}")
    return None

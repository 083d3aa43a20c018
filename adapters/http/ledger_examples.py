"""Examples of the ledger for the documentation: a payment of 1500.00, paid through Maya."""

from typing import Any, Final

PAYMENT_ID: Final = "pay_01KGVSQV4G7Q0W3E8R5T2Y6U1I"
JOURNAL_ID: Final = "jrn_01KGVSQV4G7Q0W3E8R5T2Y6U1I000300"
ATTEMPT_ID: Final = "att_01KGVSQV4G7Q0W3E8R5T2Y6U1I01"
AT: Final = "2026-02-07T09:59:00Z"


def _account(code: str, kind: str, balance: str, debits: str, credit: str) -> dict[str, Any]:
    return {
        "code": code,
        "type": kind,
        "currency": "PHP",
        "balance": balance,
        "debits": debits,
        "credits": credit,
    }


ACCOUNTS: Final[dict[str, Any]] = {
    "data": [
        _account("provider_fees", "expense", "52.50", "52.50", "0.00"),
        _account("receivable:maya", "asset", "1447.50", "1447.50", "0.00"),
        _account("sales", "income", "1500.00", "0.00", "1500.00"),
    ],
    "at": None,
    "nextCursor": None,
}
ENTRIES: Final[dict[str, Any]] = {
    "data": [
        {
            "journalId": JOURNAL_ID,
            "position": 2,
            "kind": "paid",
            "at": AT,
            "side": "debit",
            "amount": "1447.50",
            "currency": "PHP",
            "contra": "sales",
            "paymentId": PAYMENT_ID,
            "subject": ATTEMPT_ID,
        }
    ],
    "nextCursor": None,
}
JOURNAL: Final[dict[str, Any]] = {
    "id": JOURNAL_ID,
    "kind": "paid",
    "at": AT,
    "subject": ATTEMPT_ID,
    "paymentId": PAYMENT_ID,
    "reason": "",
    "transfers": [
        {"debit": "provider_fees", "credit": "sales", "amount": "52.50", "currency": "PHP"},
        {"debit": "receivable:maya", "credit": "sales", "amount": "1447.50", "currency": "PHP"},
    ],
}

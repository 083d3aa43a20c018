"""Examples of wallets for the documentation."""

from typing import Any, Final

WALLET_ID: Final = "wal_01KGVSQV4G7Q0W3E8R5T2Y6V0A"
SPEND_ID: Final = "spd_01KGVSR04G7Q0W3E8R5T2Y6V0B"
WALLETS: Final[dict[str, Any]] = {
    "customerId": "cus_42",
    "wallets": [
        {
            "id": WALLET_ID,
            "unit": "PTS",
            "balance": "150",
            "createdAt": "2026-02-07T09:59:00Z",
            "updatedAt": "2026-02-07T09:59:00Z",
        }
    ],
}
HISTORY: Final[dict[str, Any]] = {
    "data": [
        {
            "id": "jrn_01KGVSQV4G7Q0W3E8R5T2Y6U1IW0000",
            "type": "credited",
            "walletId": WALLET_ID,
            "unit": "PTS",
            "amount": "150",
            "at": "2026-02-07T09:59:00Z",
            "paymentId": "pay_01KGVSQV4G7Q0W3E8R5T2Y6U1I",
            "spendId": None,
        }
    ],
    "nextCursor": None,
}
SPEND: Final[dict[str, Any]] = {
    "id": SPEND_ID,
    "status": "spent",
    "customerId": "cus_42",
    "walletId": WALLET_ID,
    "unit": "PTS",
    "amount": "100",
    "reversedAmount": "0",
    "balance": "50",
    "reference": "order-1002",
    "reason": "a free coffee",
    "createdAt": "2026-02-07T10:05:00Z",
    "reversedAt": None,
}
REVERSED: Final[dict[str, Any]] = {
    **SPEND,
    "status": "reversed",
    "reversedAmount": "100",
    "balance": "150",
    "reversedAt": "2026-02-07T10:06:00Z",
}
BODIES: Final[dict[str, Any]] = {
    "SpendBody": {
        "amount": "100",
        "unit": "PTS",
        "reference": "order-1002",
        "reason": "a free coffee",
    },
    "ReversalBody": {"reason": "order canceled"},
}

"""Wallets in the API's words. A test holds them to what HTTP answers, byte by byte."""

from collections.abc import Sequence
from typing import Any

from application.wallets.wallet_history import cursor_of, signed
from domain.ports.ledger import Entry, EntryPage
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet


def wallets_words(customer_id: str, wallets: Sequence[Wallet]) -> dict[str, Any]:
    return {
        "customerId": customer_id,
        "wallets": [
            {
                "id": one.id,
                "unit": one.unit.code,
                "balance": one.balance.major,
                "createdAt": one.created_at,
                "updatedAt": one.updated_at,
            }
            for one in wallets
        ],
    }


def history_words(page: EntryPage) -> dict[str, Any]:
    return {
        "data": [move_words(one) for one in page.entries],
        "nextCursor": cursor_of(page.next_before),
    }


def move_words(one: Entry) -> dict[str, Any]:
    return {
        "id": one.journal_id,
        "type": one.kind.removeprefix("wallet_"),
        "walletId": one.account.partition(":")[2],
        "unit": one.amount.currency.code,
        "amount": signed(one).major,
        "at": one.at,
        "paymentId": one.payment_id,
        "spendId": one.subject if one.subject.startswith("spd_") else None,
    }


def spend_words(one: Spend, wallet: Wallet) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": "spent" if one.reversed_at is None else "reversed",
        "customerId": one.customer_id,
        "walletId": one.wallet_id,
        "unit": one.amount.currency.code,
        "amount": one.amount.major,
        "reversedAmount": one.given_back.major,
        "balance": wallet.balance.major,
        "reference": one.reference,
        "reason": one.reason,
        "createdAt": one.created_at,
        "reversedAt": one.reversed_at,
    }

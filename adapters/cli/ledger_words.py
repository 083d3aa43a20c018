"""The ledger in the API's words. A test holds them to what HTTP answers, byte by byte."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from application.wallets.wallet_history import cursor_of
from domain.ledger.chart import held, type_of
from domain.money import Money
from domain.ports.ledger import Balance, Entry, EntryPage, StoredJournal


def accounts_words(found: Sequence[Balance], at: datetime | None) -> dict[str, Any]:
    return {"data": [account_words(one) for one in found], "at": at, "nextCursor": None}


def account_words(one: Balance) -> dict[str, Any]:
    unit, minor = one.currency, held(one.account, one.debit_minor, one.credit_minor)
    return {
        "code": one.account,
        "type": type_of(one.account),
        "currency": unit.code,
        "balance": Money(minor, unit).major,
        "debits": Money(one.debit_minor, unit).major,
        "credits": Money(one.credit_minor, unit).major,
    }


def entries_words(page: EntryPage) -> dict[str, Any]:
    return {
        "data": [entry_words(one) for one in page.entries],
        "nextCursor": cursor_of(page.next_before),
    }


def entry_words(one: Entry) -> dict[str, Any]:
    return {
        "journalId": one.journal_id,
        "position": one.position,
        "kind": one.kind,
        "at": one.at,
        "side": "debit" if one.is_debit else "credit",
        "amount": one.amount.major,
        "currency": one.amount.currency.code,
        "contra": one.contra,
        "paymentId": one.payment_id,
        "subject": one.subject,
    }


def journal_words(stored: StoredJournal) -> dict[str, Any]:
    one = stored.journal
    return {
        "id": stored.id,
        "kind": one.kind,
        "at": one.at,
        "subject": one.subject,
        "paymentId": one.payment_id,
        "reason": one.reason,
        "transfers": [
            {
                "debit": each.debit,
                "credit": each.credit,
                "amount": each.amount.major,
                "currency": each.amount.currency.code,
            }
            for each in one.transfers
        ],
    }

"""Rows without what they belong to: one statement for each way to be lost.

The first column is what the row is called, the second what it lacks.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, String, Table, and_, bindparam, exists, literal, not_, select

from adapters.sql import tables as t
from adapters.sql.ledger_audit import incomplete
from adapters.sql.wallet_audit import unbalanced
from adapters.sql.writes import Record
from domain.audit.dossier import Check
from domain.ports.audit import Stray


@dataclass(frozen=True, slots=True)
class Loss:
    check: Check
    statement: Select[Any]
    row: str  # formats with the statement's columns
    told: str

    def stray(self, columns: Record) -> Stray:
        return Stray(self.check, self.row.format(*columns), self.told.format(*columns))


def _lost(table: Table, name: Any, lacks: Any, *conditions: Any) -> Select[Any]:
    return (
        select(name, lacks)
        .where(table.c.tenant_id == bindparam("tenant_id"), *conditions)
        .order_by(name)
        .limit(bindparam("limit"))
    )


def _no_payment(table: Table, name: Any) -> Select[Any]:
    mine = and_(t.payments.c.id == table.c.payment_id, t.payments.c.tenant_id == table.c.tenant_id)
    return _lost(table, name, table.c.payment_id, not_(exists().where(mine)))


def _no_account(table: Table, name: Any) -> Select[Any]:
    mine = and_(
        t.provider_accounts.c.id == table.c.account_id,
        t.provider_accounts.c.tenant_id == table.c.tenant_id,
    )
    return _lost(table, name, table.c.account_id, not_(exists().where(mine)))


def _no_resource() -> Select[Any]:
    keys = t.idempotency_keys
    of = [
        exists().where(one.c.id == keys.c.resource_id, one.c.tenant_id == keys.c.tenant_id)
        for one in (t.payments, t.refunds, t.spends)
    ]
    return (
        select(keys.c.key, keys.c.resource_id, keys.c.scope)
        .where(keys.c.tenant_id == bindparam("tenant_id"), *(not_(one) for one in of))
        .order_by(keys.c.key)
        .limit(bindparam("limit"))
    )


def _unread() -> Select[Any]:
    box = t.inbox
    job = literal("notice:", String) + box.c.account_id + literal(":", String) + box.c.id
    reader = exists().where(t.jobs.c.id == job, t.jobs.c.tenant_id == box.c.tenant_id, t.DUE)
    return _lost(box, box.c.id, box.c.account_id, box.c.state == literal("stored"), not_(reader))


PAYMENT: Final = "is of {1}, not here"
ACCOUNT: Final = "is of account {1}, not this tenant's"
STRAYS: Final = (
    Loss(Check.TENANTS, _no_payment(t.attempts, t.attempts.c.id), "{0}", PAYMENT),
    Loss(Check.TENANTS, _no_payment(t.evidence, t.evidence.c.id), "evidence {0}", PAYMENT),
    Loss(Check.TENANTS, _no_payment(t.events, t.events.c.id), "{0}", PAYMENT),
    Loss(Check.TENANTS, _no_payment(t.refunds, t.refunds.c.id), "{0}", PAYMENT),
    Loss(Check.TENANTS, _no_account(t.attempts, t.attempts.c.id), "{0}", ACCOUNT),
    Loss(Check.TENANTS, _no_account(t.refunds, t.refunds.c.id), "{0}", ACCOUNT),
    Loss(Check.TENANTS, _no_account(t.inbox, t.inbox.c.id), "callback {0}", ACCOUNT),
    Loss(Check.WORK, _unread(), "callback {0}", "is stored, and nobody reads it"),
    Loss(Check.JOURNALS, incomplete(), "{0}", "has {2} of its {1} transfers"),
    Loss(Check.WALLETS, unbalanced(), "{0}", "holds {1}, its entries add up to {2}"),
    Loss(Check.KEYS, _no_resource(), "key {0} ({2})", "names {1}, which is not here"),
)

"""A provider's callback, verified, stored with its job, and answered."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import Final

import msgspec
import uvloop

from adapters.provider_kit.signing import hmac_sha256_hex
from adapters.sql.draft import Draft
from adapters.sql.inbox import SqlInbox
from adapters.sql.jobs import SqlJobs
from adapters.sql.sqlite_reads import SqliteReads
from adapters.sql.urls import sqlite_path
from adapters.system.clock import SystemClock
from adapters.system.ids import RandomIds
from domain.ids import AccountId, JobId
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.jobs import Job, JobKind
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import StoredNotice
from domain.tenants.tenant import ProviderAccount
from entrypoints.bench.direct import postgres_alone, sqlite_alone
from entrypoints.bench.figure import Effort, Figure, Sample, compared
from entrypoints.bench.lab import Kind, Lab
from entrypoints.bench.load import CONNECTIONS, Requests, under_load
from entrypoints.bench.rows import Recording
from entrypoints.bench.shop import Shop
from entrypoints.wiring import production

BOUND: Final = 0.35
FASTEST: Final = 6000  # callbacks a second that are never reached here
SECRET: Final = "whsk_" + "5e" * 12
CONFIG: Final = {"secretKey": "sk_test_" + "5e" * 12, "webhookSecret": SECRET}
NOTES: Final = (
    "Callbacks of PayMongo a second through HTTP, each new: one process, 16 kept-alive connections;"
    " the signature is verified, body and job are stored in one unit. Baseline: the same two rows,"
    " a commit each, "
)
_numbers: Final = count(1)


Bare = Callable[[], Sample]


def sqlite(lab: Lab) -> Figure:
    shop = lab.shop("sqlite", None)
    account, path = _connected(shop), sqlite_path(shop.settings.database) or ""
    rows = recorded(shop, account)
    return _figure(
        lab,
        "sqlite",
        shop,
        account,
        lambda: sqlite_alone(path, rows, shop.tenant_id, lab.effort),
        "sqlite3 alone on one thread.",
    )


def postgres(lab: Lab) -> Figure:
    shop = lab.shop("postgres", None)
    account, dsn = _connected(shop), shop.settings.database
    rows = recorded(shop, account)
    return _figure(
        lab,
        "postgres",
        shop,
        account,
        lambda: postgres_alone(dsn, rows, shop.tenant_id, lab.effort),
        "asyncpg alone, 16 connections.",
    )


def _figure(lab: Lab, kind: Kind, shop: Shop, account: AccountId, bare: Bare, notes: str) -> Figure:
    with ExitStack() as stack:
        serving = lab.serving(stack, shop, in_process=True)
        return compared(
            f"callback_{kind}",
            lambda: under_load(serving, calling(account, lab.effort), lab.effort),
            bare,
            lab.effort,
            BOUND,
            NOTES + notes,
        )


def calling(account: AccountId, effort: Effort) -> Requests:
    """Signed now: they are believed for five minutes."""
    many = int(FASTEST * (effort.seconds + effort.warm_s)) + 2 * CONNECTIONS
    moment, batch = int(SystemClock().now().timestamp()), next(_numbers)
    heads, tails = list[str](), list[str]()
    for number in range(many):
        body = event(f"evt_{batch:04d}{number:020d}")
        proof = hmac_sha256_hex(SECRET, f"{moment}.".encode() + body)
        heads.append(
            f"POST /api/payments/webhook/{account} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"paymongo-signature: t={moment},te={proof},li=\r\nx-number: "
        )
        tails.append(f"\r\n\r\n{body.decode()}")
    return Requests(heads, "", 200, tails=tails)


def event(event_id: str) -> bytes:
    """A payment that was paid."""
    facts = {
        "amount": 150_000,
        "currency": "PHP",
        "status": "paid",
        "payment_intent_id": "pi_" + "5e" * 12,
        "metadata": {},
        "source": {"id": "src_1", "type": "gcash"},
        "description": "2 tickets",
        "created_at": 1_770_000_000,
        "updated_at": 1_770_000_000,
    }
    paid = {"id": "pay_" + "5e" * 12, "type": "payment", "attributes": facts}
    told = {"type": "payment.paid", "livemode": False, "data": paid}
    return msgspec.json.encode({"data": {"id": event_id, "type": "event", "attributes": told}})


def recorded(shop: Shop, account: AccountId) -> Recording:
    """The two rows of one callback."""
    ulid, now = RandomIds().event_id()[4:], SystemClock().now()
    draft = Draft(shop.tenant_id, SqliteReads(":memory:"))
    notice = StoredNotice(
        id=f"evt_{ulid}",
        account_id=account,
        provider="gcash",
        received_at=now,
        body=event(f"evt_{ulid}"),
        headers={"content-type": "application/json", "paymongo-signature": "5e" * 40},
        trusted=True,
    )
    SqlInbox(draft).add(notice)
    SqlJobs(draft).enqueue(
        Job(
            id=JobId(f"notice:{account}:{notice.id}"),
            tenant_id=shop.tenant_id,
            kind=JobKind.READ_NOTICE,
            run_at=now,
            about={"account": account, "notice": notice.id},
        )
    )
    return Recording(shop.tenant_id, [draft.finish().lines], ulid, "no checkout")


def _connected(shop: Shop) -> AccountId:
    return uvloop.run(_with_gcash(shop))


async def _with_gcash(shop: Shop) -> AccountId:
    container = production(shop.settings)
    try:
        ids: Ids = await container.get(Ids)
        account_id = ids.account_id()
        providers = await container.get(Providers)
        account = ProviderAccount(
            id=account_id,
            tenant_id=shop.tenant_id,
            provider="gcash",
            sealed=providers.seal(account_id, "gcash", CONFIG),
            created_at=(await container.get(Clock)).now(),
        )
        await (await container.get(Tenants)).add_account(account)
        return account_id
    finally:
        await container.close()

"""The platform's own: who there is, and what is to be done. No row-level security."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from adapters.sql.tables.columns import (
    blob,
    flag,
    maybe,
    metadata,
    number,
    of_tenant,
    one_of,
    partial,
    small,
    text,
    where,
)
from domain.ports.jobs import Priority

JOB_STATES: Final = ("ready", "done", "dead")

tenants = Table(
    "tenants",
    metadata,
    text("tenant_id"),
    text("name"),
    text("policy"),
    text("limits"),
    text("rewards"),
    number("created_at"),
    PrimaryKeyConstraint("tenant_id"),
    sqlite_with_rowid=False,
)

provider_accounts = Table(
    "provider_accounts",
    metadata,
    text("id"),
    text("tenant_id"),
    text("provider"),
    blob("sealed"),
    text("fees"),
    flag("active"),
    maybe("deadlines"),
    maybe("country"),  # of its market; the currency says whether it has one
    maybe("currency"),
    number("created_at"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    of_tenant(),
    Index("ix_provider_accounts_tenant", "tenant_id"),
)
SERVING = where("active")  # as in the index: a bound value would not use it
partial(
    "ix_provider_accounts_provider",
    SERVING,
    provider_accounts.c.provider,
    provider_accounts.c.created_at,
    provider_accounts.c.id,
)

api_keys = Table(
    "api_keys",
    metadata,
    text("id"),
    text("tenant_id"),
    text("name"),
    blob("digest"),
    text("scopes"),
    small("rate_per_minute"),
    number("created_at"),
    number("expires_at", nullable=True),
    number("revoked_at", nullable=True),
    PrimaryKeyConstraint("id", "tenant_id"),
    of_tenant(),
    Index("ix_api_keys_tenant", "tenant_id"),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    text("id"),
    text("tenant_id"),
    text("kind"),
    text("state"),
    flag("leased"),
    number("run_at"),
    number("rank_at"),  # run_at and what its priority stands behind
    maybe("priority"),  # null: its kind's
    text("about"),
    small("tries"),
    small("failures"),
    small("crashes"),
    maybe("last_error"),
    number("version"),
    PrimaryKeyConstraint("id", "tenant_id"),
    one_of("state", JOB_STATES),
    one_of("priority", Priority),
    sqlite_with_rowid=False,
)
DUE = where("state = 'ready'")  # as in the index: a bound value would not use it
OVER = where("state <> 'ready'")
# run_at stands in them so that what is not due yet is passed over without reading its row.
partial("ix_jobs_due", DUE, jobs.c.rank_at, jobs.c.run_at)
partial("ix_jobs_turn", DUE, jobs.c.tenant_id, jobs.c.rank_at, jobs.c.run_at)
partial("ix_jobs_over", OVER, jobs.c.state, jobs.c.tenant_id, jobs.c.run_at)

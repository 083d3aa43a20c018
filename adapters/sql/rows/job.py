"""Jobs as rows."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.sql import tables as t
from adapters.sql.rows.values import json, time, us, words
from adapters.sql.writes import Row
from domain.ports.jobs import Job, JobKind, Priority

KINDS: Final = words(JobKind)
PRIORITIES: Final = words(Priority)
JOB_COLUMNS: Final = (
    t.jobs.c.id,
    t.jobs.c.tenant_id,
    t.jobs.c.kind,
    t.jobs.c.run_at,
    t.jobs.c.priority,
    t.jobs.c.about,
    t.jobs.c.tries,
    t.jobs.c.failures,
    t.jobs.c.crashes,
    t.jobs.c.version,
    t.jobs.c.last_error,
)

_about: Final = msgspec.json.Decoder(dict[str, str])


def job_row(job: Job) -> Row:
    """A new one's, without its tenant."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": t.JOB_STATES[0],
        "leased": False,
        "run_at": us(job.run_at),
        "rank_at": us(job.rank_at),
        "priority": job.priority,
        "about": json(dict(job.about)),
        "tries": job.tries,
        "failures": job.failures,
        "crashes": job.crashes,
        "last_error": job.last_error,
        "version": job.version,
    }


def job_of(row: Sequence[Any]) -> Job:
    """From JOB_COLUMNS, whatever follows them."""
    job_id, tenant_id, kind, run_at, priority, about, tries, failures, crashes, version = row[:10]
    return Job(
        id=job_id,
        tenant_id=tenant_id,
        kind=KINDS[kind],
        run_at=time(run_at),
        priority=PRIORITIES[priority] if priority is not None else None,
        about=_about.decode(about),
        tries=tries,
        failures=failures,
        crashes=crashes,
        version=version,
        last_error=row[10],
    )

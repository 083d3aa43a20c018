"""P1, P6 and the usual way: payments initiated through HTTP, all features on."""

from contextlib import ExitStack
from typing import Final

from adapters.sql.urls import sqlite_path
from entrypoints.bench.child import child
from entrypoints.bench.direct import postgres_alone, sqlite_alone
from entrypoints.bench.figure import Figure, compared
from entrypoints.bench.lab import Kind, Lab
from entrypoints.bench.load import under_load
from entrypoints.bench.usual_rows import Usual, templates

P1_BOUND: Final = 0.7
P6_BOUND: Final = 0.35
USUAL_BOUND: Final = 8.0
ALL_ON: Final = (
    "Payments a second through HTTP: one process, 16 kept-alive connections, authentication, rate"
    " limit, idempotency, log, metrics; no worker (it is work of its own). "
)


def on_postgres(lab: Lab) -> Figure:
    shop, recording = lab.shop("postgres", None), lab.recording
    dsn = shop.settings.database
    with ExitStack() as stack:
        serving = lab.serving(stack, shop, in_process=True)
        return compared(
            "initiate_postgres",
            lambda: under_load(serving, shop.initiating(), lab.effort),
            lambda: postgres_alone(dsn, recording, shop.tenant_id, lab.effort),
            lab.effort,
            P1_BOUND,
            ALL_ON + "Baseline: asyncpg alone, the same rows as prepared statements, the same"
            " number of commits, 16 connections, the same role.",
        )


def on_sqlite(lab: Lab) -> Figure:
    shop, recording = lab.shop("sqlite", None), lab.recording
    path = sqlite_path(shop.settings.database) or ""
    with ExitStack() as stack:
        serving = lab.serving(stack, shop, in_process=True)
        return compared(
            "initiate_sqlite",
            lambda: under_load(serving, shop.initiating(), lab.effort),
            lambda: sqlite_alone(path, recording, shop.tenant_id, lab.effort),
            lab.effort,
            P6_BOUND,
            ALL_ON + "Baseline: sqlite3 alone on one thread, the same rows, a commit a unit.",
        )


def usual_on_sqlite(lab: Lab) -> Figure:
    return _usual(lab, "sqlite")


def usual_on_postgres(lab: Lab) -> Figure:
    return _usual(lab, "postgres")


def _usual(lab: Lab, kind: Kind) -> Figure:
    ours, theirs = lab.shop(kind, lab.maya_url), lab.shop(kind, lab.maya_url)
    usual = Usual(
        url=theirs.settings.database,
        tenant_id=theirs.tenant_id,
        maya_url=lab.maya_url,
        units=templates(lab.recording, theirs.tenant_id),
    )
    with ExitStack() as stack:
        serving = lab.serving(stack, ours)
        other = stack.enter_context(child("usual", usual, lab.folder / f"usual_{kind}.log"))
        return compared(
            f"initiate_vs_usual_{kind}",
            lambda: under_load(serving, ours.initiating(), lab.effort),
            lambda: under_load(other, theirs.initiating(), lab.effort),
            lab.effort,
            USUAL_BOUND,
            ALL_ON + "The provider is another process. Baseline: Litestar, one SQLAlchemy ORM"
            " session a request, httpx; the same rows and commits, and less to decide.",
        )

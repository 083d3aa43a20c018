"""P5: reading a payment, against a handler that only has its bytes."""

import asyncio
import sqlite3
from contextlib import ExitStack, closing
from typing import Final

import msgspec

from adapters.sql.lately import MOST as REMEMBERED
from adapters.sql.urls import sqlite_path
from entrypoints.bench.bare import Bare
from entrypoints.bench.child import child
from entrypoints.bench.figure import Figure, compared
from entrypoints.bench.lab import Lab
from entrypoints.bench.load import under_load
from entrypoints.bench.shop import Shop, asked

BOUND: Final = 0.5
PAYMENTS: Final = 300  # whose clients wait for them, each asking again and again
MOST: Final = PAYMENTS + REMEMBERED + 200  # so many others that none is remembered for its turn
NOTES: Final = (
    f"GET /api/payments/status/{{id}} on SQLite, {PAYMENTS} payments in turn, the database asked"
    " each time whether they moved. Baseline: a bare Litestar handler that returns the same bytes,"
    " the same server, the same requests. new_to_baseline: the ratio when none was shown lately."
)


def read(lab: Lab) -> Figure:
    shop = lab.shop("sqlite", None)
    with ExitStack() as stack:
        serving = lab.serving(stack, shop, in_process=True)
        while len(made := _ids(shop)) < MOST:
            under_load(serving, shop.initiating(), lab.effort)
        waited, others = shop.reading(made[:PAYMENTS]), shop.reading(made[PAYMENTS:])
        body = asyncio.run(asked(serving.port, waited, "first"))
        log = lab.folder / "bare.log"
        bare = stack.enter_context(child("bare", Bare(body.decode()), log))
        new = under_load(serving, others, lab.effort).rate
        new_to_baseline = new / under_load(bare, others, lab.effort).rate
        figure = compared(
            "status_read",
            lambda: under_load(serving, waited, lab.effort),
            lambda: under_load(bare, waited, lab.effort),
            lab.effort,
            BOUND,
            NOTES,
        )
        ours = {**figure.ours, "new_to_baseline": round(new_to_baseline, 3)}
        return msgspec.structs.replace(figure, ours=ours)


def _ids(shop: Shop) -> list[str]:
    with closing(sqlite3.connect(sqlite_path(shop.settings.database) or "")) as connection:
        found = connection.execute("SELECT id FROM payments LIMIT ?", (MOST,))
        return [payment_id for (payment_id,) in found]

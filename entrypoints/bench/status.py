"""P5: reading a payment, against a handler that only has its bytes."""

import asyncio
from contextlib import ExitStack
from typing import Final

import msgspec

from entrypoints.bench.bare import Bare
from entrypoints.bench.child import child
from entrypoints.bench.figure import Figure, compared
from entrypoints.bench.lab import Lab
from entrypoints.bench.load import under_load
from entrypoints.bench.shop import asked

BOUND: Final = 0.5
NOTES: Final = (
    "GET /api/payments/status/{id} on SQLite, read from the database each time. Baseline: a bare"
    " Litestar handler that returns the same bytes, the same server, the same requests."
)


def read(lab: Lab) -> Figure:
    shop = lab.shop("sqlite", None)
    with ExitStack() as stack:
        serving = lab.serving(stack, shop, in_process=True)
        made = asyncio.run(asked(serving.port, shop.initiating(), "first"))
        requests = shop.reading(msgspec.json.decode(made)["id"])
        body = asyncio.run(asked(serving.port, requests, "first"))
        log = lab.folder / "bare.log"
        bare = stack.enter_context(child("bare", Bare(body.decode()), log))
        return compared(
            "status_read",
            lambda: under_load(serving, requests, lab.effort),
            lambda: under_load(bare, requests, lab.effort),
            lab.effort,
            BOUND,
            NOTES,
        )

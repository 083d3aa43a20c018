"""P15: a call to a provider through our transport, against bare aiohttp."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from math import inf
from typing import Final

import aiohttp
import uvloop

from adapters.provider_kit.aiohttp_transport import AiohttpTransport
from adapters.provider_kit.transport import Request
from entrypoints.bench.figure import MICRO, Effort, Figure, Sample, at, compared
from entrypoints.bench.lab import Lab

BOUND: Final = 1.2
AT_ONCE: Final = 16
SLICE_S: Final = 0.05
TIMEOUT_S: Final = 20.0
BODY: Final = (
    b'{"totalAmount":{"value":1500.00,"currency":"PHP"},"items":[],"n":"' + b"x" * 300 + b'"}'
)
HEADERS: Final = {
    "accept": "application/json",
    "content-type": "application/json",
    "authorization": "Basic cGstYmVuY2g6",
}
NOTES: Final = (
    "CPU of this process a POST to another on the loopback, 16 in flight; smaller is better."
    " Baseline: an aiohttp session as its documentation has it, with a total timeout."
)

Call = Callable[[], Awaitable[bytes]]


def provider_call(lab: Lab) -> Figure:
    url = f"{lab.maya_url}/checkout/v1/checkouts"
    return compared(
        "provider_call",
        lambda: uvloop.run(ours(url, lab.effort)),
        lambda: uvloop.run(bare(url, lab.effort)),
        lab.effort,
        BOUND,
        NOTES,
        by="cpu_us",
    )


async def ours(url: str, effort: Effort) -> Sample:
    async with AiohttpTransport() as transport:

        async def call() -> bytes:
            request = Request("POST", url, HEADERS, BODY)
            return (await transport.send(request, timeout_s=TIMEOUT_S)).body

        return await measured(call, effort)


async def bare(url: str, effort: Effort) -> Sample:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:

        async def call() -> bytes:
            async with session.post(url, data=BODY, headers=HEADERS) as answer:
                return await answer.read()

        return await measured(call, effort)


async def measured(call: Call, effort: Effort) -> Sample:
    """CPU is that of the cheapest slice: what else runs on the machine can only add to it."""
    await _calling(call, effort.warm_s)
    taken, cheapest, began = list[float](), inf, time.perf_counter()
    while not taken or time.perf_counter() < began + effort.seconds:
        cpu_s = time.process_time()
        slice_ms = await _calling(call, min(SLICE_S, effort.seconds))
        cheapest = min(cheapest, (time.process_time() - cpu_s) / len(slice_ms))
        taken += slice_ms
    wall_s = time.perf_counter() - began
    taken.sort()
    return Sample(
        rate=len(taken) / wall_s,
        p50_ms=at(taken, 0.5),
        p99_ms=at(taken, 0.99),
        cpu_us=cheapest * MICRO,
    )


async def _calling(call: Call, seconds: float) -> list[float]:
    taken, clock = list[float](), time.perf_counter
    until = clock() + seconds

    async def one() -> None:
        while (began := clock()) < until:
            await call()
            taken.append((clock() - began) * 1000)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return taken

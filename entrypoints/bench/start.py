"""P13: how long until the first payment is durable, and until the command line answers."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import IO, Final

from entrypoints.bench.child import ended
from entrypoints.bench.figure import Figure, against
from entrypoints.bench.lab import Lab
from entrypoints.bench.shop import Shop, asked, furnished
from entrypoints.settings import Settings

CAURI: Final = str(Path(sys.executable).with_name("cauri"))
PAYMENT_S: Final = 1.5
HELP_S: Final = 0.2
LISTENS: Final = re.compile(rb"listens at http://[^:]+:(\d+)")
NOTES: Final = (
    "Seconds from `cauri serve` on SQLite to the answer of the first payment, its provider another"
    " process. Counted: an empty folder, migrations included (the tenant, its account and key are"
    " added by another process once it listens). warm_s: all of that is there already."
)


def first_payment(lab: Lab) -> Figure:
    fresh = [_fresh(lab) for _ in range(lab.effort.starts)]
    shop = lab.shop("sqlite", lab.maya_url)
    warm = [_seconds(shop.settings, lambda: shop, str(n)) for n in range(lab.effort.starts)]
    found = {"fresh_s": round(median(fresh), 3), "warm_s": round(median(warm), 3)}
    return against("start_to_first_payment", fresh, PAYMENT_S, found, NOTES)


def cli_help(lab: Lab) -> Figure:
    taken = []
    for _ in range(2 * lab.effort.starts):
        began = time.perf_counter()
        subprocess.run([CAURI, "--help"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        taken.append(time.perf_counter() - began)
    found = {"seconds": round(median(taken), 3)}
    return against("cli_help", taken, HELP_S, found, "Seconds of `cauri --help`.")


def _fresh(lab: Lab) -> float:
    settings = Settings(data_dir=str(lab.new_folder()))
    maya_url = lab.maya_url
    return _seconds(settings, lambda: asyncio.run(furnished(settings, maya_url)), "0")


def _seconds(settings: Settings, shop: Callable[[], Shop], number: str) -> float:
    command = [CAURI, "serve", "--port", "0", "--data-dir", settings.data_dir]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        port = _port(process.stderr)
        asyncio.run(asked(port, shop().initiating(), f"start-{number}"))
        return time.perf_counter() - began
    finally:
        ended(process)


def _port(told: IO[bytes]) -> int:
    heard = b""
    for line in told:
        heard += line
        if found := LISTENS.search(line):
            return int(found[1])
    raise RuntimeError(heard.decode())

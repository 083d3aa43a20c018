"""SQLite's disk: full for a while, and copied while it is written."""

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import pytest

from tests.harness.load import Load
from tests.harness.processes import until
from tests.harness.shop import Shop, backup_keys, open_shop
from tests.harness.verdict import judge

pytestmark = pytest.mark.anyio

SIZE: Final = 16 * 1024 * 1024  # bytes of the small disk
PIECE: Final = 16 * 1024
FULL_S: Final = 1.0
TOLD_S: Final = 20.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, so that filling it harms nobody. Mounting one takes root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    refused = "not permitted to mount a small disk here"
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"{refused}: {error}")
    if done.returncode:
        pytest.skip(f"{refused}: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def on_small_disk(small_disk: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "shop", data=small_disk / "data") as shop:
        yield shop


async def test_a_full_disk_is_told_and_nothing_is_harmed(on_small_disk: Shop) -> None:
    shop, load = on_small_disk, Load(on_small_disk, seed=50)
    api = await shop.serve(worker=True)
    ballast = shop.data.parent / "ballast"
    async with load.going_on(at_once=6, think_s=0.05):
        await taken(load)
        fill(ballast)
        await until(lambda: load.told("503") > 0, TOLD_S, "clients are told")
        await asyncio.sleep(FULL_S)
        ballast.unlink()
        await taken(load)
    assert api.status is None
    await load.insist(within_s=2)
    await judge(shop, load)
    assert whole(shop.data / "cauri.db")
    await shop.end()


async def taken(load: Load) -> None:
    """The next order is."""
    load.success.clear()
    async with asyncio.timeout(TOLD_S):
        await load.success.wait()


def fill(ballast: Path) -> None:
    """Take what is left of the disk; others write to it meanwhile."""
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range(SIZE // PIECE + 1):
            file.write(bytes(PIECE))


def whole(path: Path) -> bool:
    """SQLite finds no damage in the file."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("premises", ["sqlite"], indirect=True)
async def test_a_backup_taken_under_load_is_whole(shop: Shop, tmp_path: Path) -> None:
    load = Load(shop, seed=51)
    await shop.serve(worker=True)
    async with load.going_on(at_once=12, think_s=0.05):
        await taken(load)
        await asyncio.sleep(FULL_S)
        answered = {one.resource for one in load.orders if one.resource}
        backup_keys(shop.data, tmp_path / "backup")
        await asyncio.to_thread(copied, shop.data / "cauri.db", tmp_path / "backup" / "cauri.db")
    found = await shop.yard.cauri("doctor", "--json", CAURI_DATA_DIR=str(tmp_path / "backup"))
    assert '"clean":true' in found
    with closing(sqlite3.connect(tmp_path / "backup" / "cauri.db")) as database:
        stored = {row[0] for row in database.execute("SELECT id FROM payments")}
    assert answered
    assert answered <= stored, "what was answered before the backup is in it"
    await judge(shop, load)
    await shop.end()


def copied(source: Path, target: Path) -> None:
    """As an operator does it: SQLite's own backup, of a file that is in use."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=64, sleep=0.001)

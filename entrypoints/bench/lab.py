"""What figures share: a folder, a provider, databases. Made when first needed, ended at the end."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, Self

import msgspec

from entrypoints.bench.child import Child, child
from entrypoints.bench.figure import Effort
from entrypoints.bench.rows import Recording, recorded
from entrypoints.bench.server import Serving
from entrypoints.bench.shop import Shop, opened
from entrypoints.settings import Settings
from tests.postgres import Cluster, binaries, running

Kind = Literal["sqlite", "postgres"]
ROLE: Final = "app"  # owns nothing and passes no policy, as in production
SECRET: Final = "5e" * 32


class NoPostgres(Exception):
    """No PostgreSQL binaries: install postgresql."""


@dataclass
class Lab:
    effort: Effort
    _stack: ExitStack = field(default_factory=ExitStack)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def folder(self) -> Path:
        return Path(self._stack.enter_context(TemporaryDirectory(prefix="cauri-bench-")))

    @cached_property
    def cluster(self) -> Cluster:
        """With its own settings: fsync, synchronous_commit and full_page_writes are on."""
        if (found := binaries()) is None:
            raise NoPostgres(NoPostgres.__doc__)
        return self._stack.enter_context(running(found, settings=()))

    @cached_property
    def stub(self) -> Child:
        """The provider on the loopback."""
        return self._stack.enter_context(child("stub", None, self.folder / "stub.log"))

    @cached_property
    def maya_url(self) -> str:
        return f"http://127.0.0.1:{self.stub.port}"

    @cached_property
    def recording(self) -> Recording:
        """The rows of one payment."""
        return recorded(self.shop("sqlite", None))

    def new_folder(self) -> Path:
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    def shop(self, kind: Kind, maya_url: str | None) -> Shop:
        """A new installation, empty but for its tenant."""
        folder = self.new_folder()
        settings = Settings(data_dir=str(folder), port=0, worker=False)
        if kind == "sqlite":
            return opened(settings, maya_url)
        name = self.cluster.new_database()
        settings = msgspec.structs.replace(
            settings,
            database_url=self.cluster.app_dsn(name),
            master_key=SECRET,
            pepper=SECRET,
        )
        return opened(settings, maya_url, (self.cluster.owner_dsn(name), ROLE))

    def serving(self, stack: ExitStack, shop: Shop, *, in_process: bool = False) -> Child:
        """Cauri, until the stack ends. Its log goes to a file, as it would in production."""
        log = self.folder / f"{next(self._numbers)}.log"
        return stack.enter_context(child("server", Serving(shop.settings, in_process), log))

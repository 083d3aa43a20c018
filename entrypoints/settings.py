"""Settings, read once from the environment (`CAURI_…`); the only module that looks there.

Provider credentials are tenant data, sealed in the database; they are not settings.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from domain.errors import Invalid

PREFIX: Final = "CAURI_"
OTHERS: Final = ("TENANT", "DEBUG")  # of the command line alone
SECRET_BYTES: Final = 32
LOG_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
Days = Annotated[int, Meta(ge=1, le=36_500)]


class Wrong(Invalid):
    """A setting is wrong or missing; the message names the variable."""


class Secret:
    """Bytes that no log, repr or traceback shows."""

    __slots__ = ("_bytes",)

    def __init__(self, value: bytes) -> None:
        self._bytes = value

    def reveal(self) -> bytes:
        return self._bytes

    def __repr__(self) -> str:
        return "Secret(…)"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting has a default that works on one machine with SQLite."""

    data_dir: str = ".cauri"  # the SQLite file and the generated keys
    database_url: str = ""  # postgresql://…; empty: SQLite in data_dir
    database_role: str = ""  # PostgreSQL: the role the service logs in with; `migrate` grants it
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080  # 0: any free one
    public_url: str = ""  # where payers and providers reach us; empty: http://host:port
    master_key: str = ""  # 64 hex digits; several, comma separated: the first seals, all open
    pepper: str = ""  # 64 hex digits
    worker: bool = True  # run background work inside `cauri serve`
    worker_batch: Annotated[int, Meta(ge=1, le=500)] = 50  # jobs claimed at once
    worker_poll_s: Annotated[float, Meta(gt=0, le=60)] = 0.25
    bell_url: str = ""  # nats://… or redis://…: wakes workers of other processes at once
    keep_keys_days: Days = 30  # idempotency keys
    keep_callbacks_days: Days = 90  # what providers sent, as it came
    keep_digests_days: Days = 730  # and what is left of it then
    keep_done_jobs_days: Days = 7
    keep_dead_jobs_days: Days = 180
    keep_deliveries_days: Annotated[int, Meta(ge=14, le=3650)] = 30  # and the log of their tries
    keep_events_days: Annotated[int, Meta(ge=14, le=3650)] = 90  # what was told, to be replayed
    worker_lease_s: Annotated[int, Meta(ge=5, le=300)] = 30  # until a dead worker's jobs move on
    audit_every: Annotated[int, Meta(ge=0, le=604_800)] = 3600  # s between rounds; 0: none
    provider_timeout: str = ""  # charge=15,maya.query=5: seconds instead of the profiles'
    log_level: str = "info"
    rate_limit: bool = True
    webhook_allow: str = ""  # host[:port],… that events may go to although they are not public

    @property
    def is_embedded(self) -> bool:
        """SQLite: migrations run by themselves and missing keys are made."""
        return not self.database_url or self.database_url.startswith("sqlite")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{Path(self.data_dir).resolve() / 'cauri.db'}"


class Keys(Struct, frozen=True):
    """The installation's own secrets."""

    master: tuple[Secret, ...]  # the first seals, all open
    pepper: Secret


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises Wrong naming the variable."""
    given = {
        name[len(PREFIX) :].lower(): value
        for name, value in (os.environ if environ is None else environ).items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in OTHERS
        if not name.startswith(f"{PREFIX}TEST_")
    }
    if unknown := sorted(given.keys() - {field.name for field in msgspec.structs.fields(Settings)}):
        raise Wrong(f"{PREFIX}{unknown[0].upper()}: there is no such setting; see the README")
    try:
        settings = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        told = str(error)
        field = told.rpartition("$.")[2].rstrip("`") if "$." in told else ""
        name = f"{PREFIX}{field.upper()}: " if field else ""
        raise Wrong(f"{name}{told.partition(' - at')[0]}") from error
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """What the types don't say. Raises Wrong."""
    if urlsplit(settings.database).scheme not in ("sqlite", "postgresql"):
        raise Wrong(f"{PREFIX}DATABASE_URL: must begin with sqlite:/// or postgresql://")
    public = urlsplit(settings.public_url)
    if settings.public_url and not (public.scheme in ("http", "https") and public.hostname):
        raise Wrong(f"{PREFIX}PUBLIC_URL: must be like https://pay.example")
    if settings.log_level not in LOG_LEVELS:
        raise Wrong(f"{PREFIX}LOG_LEVEL: must be one of: {', '.join(LOG_LEVELS)}")
    if bool(settings.master_key) != bool(settings.pepper):  # one alone would be passed over
        missing = "PEPPER" if settings.master_key else "MASTER_KEY"
        raise Wrong(f"{PREFIX}{missing}: is missing; set both keys, or neither on one machine")


def keys(settings: Settings) -> Keys:
    """The installation's secrets. On one machine missing ones are made once, in data_dir.

    Raises Wrong when they are missing and the database is shared.
    """
    if settings.master_key and settings.pepper:
        masters = [one for one in settings.master_key.split(",") if one]
        return Keys(
            tuple(_hex("MASTER_KEY", one) for one in masters), _hex("PEPPER", settings.pepper)
        )
    if not settings.is_embedded:
        raise Wrong(
            f"{PREFIX}MASTER_KEY and {PREFIX}PEPPER: set both to 64 hex digits each "
            "(for example from `openssl rand -hex 32`), the same for every process"
        )
    kept = _kept(Path(settings.data_dir) / "keys")
    return Keys((Secret(kept[:SECRET_BYTES]),), Secret(kept[SECRET_BYTES:]))


def _hex(name: str, text: str) -> Secret:
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if len(value) != SECRET_BYTES:
        raise Wrong(f"{PREFIX}{name}: must be {2 * SECRET_BYTES} hex digits")
    return Secret(value)


def _kept(path: Path) -> bytes:
    """The two secrets in a file that only its owner reads; two processes agree on the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        whole = path.with_name(f"{path.name}.{os.getpid()}")  # never seen half written
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(os.urandom(2 * SECRET_BYTES))
        with suppress(FileExistsError):
            os.link(whole, path)
        whole.unlink()
    kept = path.read_bytes()
    if len(kept) != 2 * SECRET_BYTES:
        raise Wrong(f"{path} is damaged: restore it from a backup; credentials can't be read")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Wrong(f"{path} is readable by others: chmod 600 it")
    return kept

"""A shell: command lines in, what they print and their exit status out."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from typing import Any, get_type_hints

from click.testing import CliRunner, Result

from adapters.bell.local import LocalBell
from adapters.cli.here import Here
from adapters.cli.main import build
from adapters.memory.audit import MemoryAudit
from adapters.memory.job_book import MemoryJobBook
from adapters.memory.ledger import MemoryLedger
from adapters.memory.wallets import MemoryWalletViews
from adapters.statements.reader import FileStatements
from domain.ids import TenantId
from domain.ports.audit import Audit
from domain.ports.bell import Bell
from domain.ports.clock import Clock
from domain.ports.digests import Digests
from domain.ports.health import AccountsHealth
from domain.ports.ids import Ids
from domain.ports.job_book import JobBook
from domain.ports.ledger import Ledger
from domain.ports.providers import Providers
from domain.ports.statements import StatementReader
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.views import Views
from domain.ports.wallets import WalletViews
from domain.ports.webhook_views import WebhookViews
from tests.application.world import World, a_world
from tests.builders import CountingIds, a_tenant
from tests.webhooks.mailroom import Mailroom

HERE = Here(public_url="https://pay.example", operator="ada")


class PlainDigests(Digests):
    """The secret is its own digest."""

    def digest(self, secret: bytes) -> bytes:
        return secret

    def matches(self, secret: bytes, digest: bytes) -> bool:
        return secret == digest


class Wiring:
    """Builds a command by the types of its fields, as a container does."""

    def __init__(self, world: World) -> None:
        self.known: dict[Any, Any] = {
            Audit: MemoryAudit(world.database),
            Bell: LocalBell(),
            Clock: world.clock,
            Digests: PlainDigests(),
            AccountsHealth: world.health,
            Here: HERE,
            JobBook: MemoryJobBook(world.database),
            Ledger: MemoryLedger(world.database),
            Ids: CountingIds(500),
            Providers: world.companies,
            StatementReader: FileStatements(),
            Tenants: world.tenants,
            Units: world.units,
            Views: world.views,
            WalletViews: MemoryWalletViews(world.database),
        }

    def get(self, kind: Any) -> Any:
        if kind not in self.known:
            assert is_dataclass(kind), f"nobody provides {kind}"
            hints = get_type_hints(kind)
            needs = {one.name: self.get(hints[one.name]) for one in fields(kind)}
            build_it: Any = kind
            self.known[kind] = build_it(**needs)
        return self.known[kind]

    def know_webhooks(self, mailroom: Mailroom) -> None:
        for made in (
            mailroom.create,
            mailroom.update,
            mailroom.delete,
            mailroom.rotate,
            mailroom.test,
            mailroom.replay,
        ):
            self.known[type(made)] = made
        self.known[WebhookViews] = mailroom.views

    def run(self, command: str, options: Mapping[str, Any]) -> int:
        return asyncio.run(self.work(command, options))

    async def work(self, command: str, options: Mapping[str, Any]) -> int:
        status: int = await self.get(imported(command))(**options)
        return status


@dataclass
class Shell:
    world: World
    wiring: Wiring

    def __call__(self, *words: str, stdin: str | None = None, **environ: str) -> Result:
        """Run it. An error that escapes is the test's."""
        line = build(self.wiring)
        result = CliRunner().invoke(line, words, input=stdin, env=environ)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *words: str, status: int = 0, stdin: str | None = None) -> Any:
        """What it prints as JSON: one line, and nothing else."""
        result = self(*words, "--json", stdin=stdin)
        assert result.exit_code == status, result.output
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    def refused(self, *words: str) -> tuple[int, str]:
        """Its exit status, and the one line on stderr; nothing is on stdout."""
        result = self(*words)
        assert not result.stdout
        assert result.stderr.count("\n") == 1, result.stderr
        return result.exit_code, result.stderr.strip()

    def open_tenant(self, number: int, name: str) -> TenantId:
        tenant = a_tenant(TenantId(f"ten_{number}"), name=name)
        asyncio.run(self.world.tenants.add(tenant))
        return tenant.id


def a_shell() -> Shell:
    world = asyncio.run(a_world())
    return Shell(world, Wiring(world))


def imported(command: str) -> Any:
    """The class that a dotted path names."""
    module, _, name = command.partition(":")
    return getattr(import_module(module), name)

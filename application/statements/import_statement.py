"""Use case: a bank's statement, line by line, against what is waited for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from application.statements.confirm_credit import ConfirmCredit, Credit
from application.statements.numbers import numbers_of
from domain.errors import Invalid, NotFound
from domain.ids import AttemptId, PaymentId, TenantId
from domain.money import Money
from domain.payments.payment import Payment
from domain.ports.providers import Providers
from domain.ports.statements import StandsOnStatements, StatementReader
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from domain.ports.views import Views
from domain.statements.entry import Entry, Statement
from domain.statements.match import Fate
from domain.values import replace

MOST_NAMED: Final = 3  # attempts that one reference is looked up for: one is wanted
MOST_WAITING: Final = 1000  # payments among which a line's amount is looked for
MOST_PERHAPS: Final = 3
DIGEST: Final = 12  # of a file's digest, in what people read

Progress = Callable[[int, int], None]  # lines done, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatement:
    """`operator` says that what is matched was received. `dry_run`: look, and store nothing."""

    data: bytes
    provider: str
    operator: str
    columns: Mapping[str, Any] | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A line and what became of it. `perhaps`: of a line that names nothing, payments that wait
    for just that amount."""

    entry: Entry
    number: str
    fate: Fate
    payment_id: PaymentId | None = None
    due: Money | None = None  # where it differs
    perhaps: tuple[PaymentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every credit, and what was taken back of ours. `others`: movements that are no payments."""

    statement: Statement
    dry_run: bool
    findings: tuple[Finding, ...]
    others: int

    def counted(self) -> Mapping[Fate, int]:
        """Of every fate, in the order of their declaration."""
        return {fate: sum(one.fate is fate for one in self.findings) for fate in Fate}


@dataclass(slots=True)
class _Import:
    """One run over one file: what earlier lines of it were."""

    tenant_id: TenantId
    new: NewStatement
    reader: StandsOnStatements
    statement: Statement
    lines: dict[str, int] = field(default_factory=dict)  # by number
    matched: set[AttemptId] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """Credits that match exactly are confirmed, the rest is a person's: nothing else is stored, so
    the same file again, or one that overlaps it, changes nothing.

    Raises Invalid for a file that can't be right, before anything is stored, and for a provider
    whose money no statement tells of; NotFound for a tenant without an account there.
    """

    units: Units
    tenants: Tenants
    providers: Providers
    views: Views
    reader: StatementReader
    confirm: ConfirmCredit

    async def __call__(
        self, tenant_id: TenantId, new: NewStatement, progress: Progress = lambda done, all_: None
    ) -> Report:
        client = await self._client(tenant_id, new.provider)
        statement = self.reader.read(new.data, new.columns)
        run = _Import(tenant_id, new, client, statement)
        findings: list[Finding] = []
        numbers, entries = numbers_of(statement.entries), statement.entries
        for entry, number in zip(entries, numbers, strict=True):
            if (found := await self._one(run, entry, number)) is not None:
                findings.append(found)
            progress(entry.line, entries[-1].line)
        return Report(
            statement=statement,
            dry_run=new.dry_run,
            findings=await self._perhaps(run, findings),
            others=len(entries) - len(findings),
        )

    async def _client(self, tenant_id: TenantId, provider: str) -> StandsOnStatements:
        if provider not in self.providers.profiles:
            raise Invalid(f"no provider is called {provider}; see: cauri providers", "provider")
        accounts = (await self.tenants.setup(tenant_id)).accounts
        mine = [one for one in accounts if one.provider == provider]
        if not mine:
            raise NotFound(f"there is no account at {provider}; connect one first")
        client = self.providers.open(mine[0])
        if not isinstance(client, StandsOnStatements):
            raise Invalid("no bank statement tells of its payments", "provider")
        return client

    async def _one(self, run: _Import, entry: Entry, number: str) -> Finding | None:
        """None for what is no payment and names none."""
        payment_credit = entry.credit and not entry.reversal
        if not payment_credit and not entry.reversal:
            return None
        named = await self._named(run, entry)
        found = Finding(entry=entry, number=number, fate=Fate.UNKNOWN)
        if not named:
            return found if payment_credit else None
        if len(named) > 1:
            return replace(found, fate=Fate.SEVERAL)
        (payment_id, attempt_id), bank = next(iter(named.items()))
        found = replace(found, payment_id=payment_id)
        if entry.reversal:
            return replace(found, fate=Fate.REVERSED)
        if run.lines.setdefault(number, entry.line) != entry.line:
            return replace(found, fate=Fate.REPEATED)
        credit = Credit(
            entry=entry,
            bank=bank,
            number=number,
            payment_id=payment_id,
            attempt_id=attempt_id,
            source=source(run.statement, entry, number),
        )
        fate, payment = await self._settle(run, credit)
        due = payment.attempt(attempt_id).charged if fate is Fate.DIFFERS else None
        return replace(found, fate=fate, due=due)

    async def _named(self, run: _Import, entry: Entry) -> Mapping[tuple[PaymentId, AttemptId], str]:
        """The attempts at this provider that the words name, and whose the statement's numbers
        are."""
        named: dict[tuple[PaymentId, AttemptId], str] = {}
        async with self.units(run.tenant_id) as unit:
            for reference in run.reader.references_in(entry.text):
                for ids in await unit.payments.all_of_reference(reference, MOST_NAMED):
                    attempt = (await unit.payments.show(ids[0])).attempt(ids[1])
                    if attempt.provider == run.new.provider:
                        account = await self.tenants.account(attempt.account_id)
                        client = self.providers.open(account)
                        assert isinstance(client, StandsOnStatements)  # its provider's are
                        named[ids] = client.statement_bank() or attempt.provider
        return named

    async def _settle(self, run: _Import, credit: Credit) -> tuple[Fate, Payment]:
        if not run.new.dry_run:
            return await self.confirm(run.tenant_id, credit, run.new.operator)
        fate, payment = await self.confirm.look(run.tenant_id, credit)
        if fate is Fate.MATCHED and credit.attempt_id in run.matched:
            fate = Fate.AGAIN
        run.matched.add(credit.attempt_id)
        return fate, payment

    async def _perhaps(self, run: _Import, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """With what lines that name nothing could be: banks drop references."""
        if all(one.fate is not Fate.UNKNOWN for one in findings):
            return tuple(findings)
        waiting: dict[Money, list[PaymentId]] = {}
        for payment in await self.views.awaiting(run.tenant_id, MOST_WAITING):
            attempt = payment.current
            if attempt is not None and attempt.provider == run.new.provider:
                waiting.setdefault(attempt.charged, []).append(payment.id)
        return tuple(
            replace(one, perhaps=tuple(waiting.get(one.entry.amount, ())[:MOST_PERHAPS]))
            if one.fate is Fate.UNKNOWN
            else one
            for one in findings
        )


def source(statement: Statement, entry: Entry, number: str) -> str:
    """Where it was seen, as the payment's history tells it."""
    file = statement.digest[:DIGEST]
    return f"{statement.form} statement {file}, line {entry.line}: {number} of {entry.day}"

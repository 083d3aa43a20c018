"""What the doctor says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from domain.audit.dossier import Breach, Check

SHOWN: Final = 10  # rows named for each check; all are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: how many things it looked at, how many were wrong, and the first of those."""

    check: Check
    checked: int
    breaches: int = 0
    first: tuple[Breach, ...] = ()
    note: str = ""
    done: bool = True  # False: it could not be made, because an earlier one failed


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Checks that were left out break nothing."""
        return not self.breaches

    @property
    def breaches(self) -> int:
        return sum(one.breaches for one in self.findings)


@dataclass(slots=True)
class Tally:
    """Counts while the checks run; bounded, however much is wrong."""

    checked: dict[Check, int] = field(default_factory=dict)
    wrong: dict[Check, int] = field(default_factory=dict)
    first: dict[Check, list[Breach]] = field(default_factory=dict)
    notes: dict[Check, str] = field(default_factory=dict)

    def look(self, checks: Iterable[Check], many: int = 1) -> None:
        """So many things more were looked at; none: the check was made and there was nothing."""
        for check in checks:
            self.checked[check] = self.checked.get(check, 0) + many

    def add(self, breach: Breach) -> None:
        self.wrong[breach.check] = self.wrong.get(breach.check, 0) + 1
        if len(known := self.first.setdefault(breach.check, [])) < SHOWN:
            known.append(breach)

    def report(self) -> Report:
        return Report(tuple(self._findings()))

    def _findings(self) -> Iterator[Finding]:
        for check in Check:
            if check not in self.checked:
                yield Finding(check, 0, note="not checked", done=False)
                continue
            first = tuple(self.first.get(check, ()))
            note = self.notes.get(check, "")
            yield Finding(check, self.checked[check], self.wrong.get(check, 0), first, note)

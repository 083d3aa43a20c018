"""The doctor, its regular rounds, and who hears of what they find."""

import structlog
from dishka import Provider, Scope, provide

from adapters.sql.audit import SqlAudit
from adapters.sql.database import Database
from application.audit.alarm import Cry, RaiseAlarm
from application.audit.doctor import Doctor
from application.audit.rounds import Alarm, MakeRounds
from domain.audit.dossier import Breach
from domain.ports.audit import Audit
from domain.ports.unit_of_work import Units

log = structlog.get_logger("cauri.audit")


def cried(breach: Breach) -> None:
    """Into the log, at its highest level: this is never normal."""
    log.critical(
        "audit.breach",
        check=breach.check.value,
        tenant=breach.tenant_id,
        row=breach.row,
        told=breach.told,
    )


class Auditing(Provider):
    scope = Scope.APP

    @provide
    def audit(self, database: Database) -> Audit:
        return SqlAudit(lambda: database.engine, database.url, database.path is None)

    @provide
    def cry(self) -> Cry:
        """Who serves metrics puts another in its place."""
        return cried

    @provide
    def alarm(self, units: Units, cry: Cry) -> Alarm:
        return RaiseAlarm(units, cry)

    doctor = provide(Doctor)
    rounds = provide(MakeRounds)

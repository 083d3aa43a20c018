"""What `cauri serve` answers to machines that watch: the real graph over SQLite."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from dishka import AsyncContainer, Provider, Scope, provide
from litestar import Litestar

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.circuit import FAULTS
from adapters.telemetry.sink import Sink
from application.work.run_jobs import RunJobs
from domain.ids import AccountId, JobId, TenantId
from domain.ports.clock import Clock
from domain.ports.jobs import Job, JobKind
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.ports.unit_of_work import Units
from entrypoints.processes import prepare
from entrypoints.settings import Settings
from entrypoints.site import Site
from entrypoints.wiring import production
from tests.builders import ACME, a_notice, a_tenant, an_account
from tests.http.site import Lines

pytestmark = pytest.mark.anyio
ACCOUNT, TENANT = AccountId("acc_cash"), TenantId("ten_1")
FRESH = {
    "available": True,
    "circuit": "closed",
    "successRate": None,
    "avgResponseTime": None,
    "totalTransactions": 0,
    "failedTransactions": 0,
    "lastSuccess": None,
    "lastFailure": None,
}


@dataclass(frozen=True)
class Served:
    container: AsyncContainer
    http: httpx.AsyncClient

    async def payments(self) -> Any:
        """What /api/health/payments says: its status, and each provider."""
        told = (await self.http.get("/api/health/payments")).json()
        return told["status"], told["checks"]["payments"]["detail"]


class Silent(Provider):
    """Its log goes nowhere."""

    scope = Scope.APP

    @provide(override=True)
    def sink(self) -> Sink:
        return Sink(Lines())


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    handlers = list(logging.getLogger().handlers)
    settings = Settings(data_dir=str(tmp_path), log_level="error")
    await prepare(settings)
    container = production(settings, Site(), Silent())
    try:
        app: Any = await container.get(Litestar)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
            yield Served(container, client)
    finally:
        await container.close()
        structlog.reset_defaults()
        logging.getLogger().handlers = handlers


async def test_runs_of_jobs_are_counted_in_the_metrics(served: Served) -> None:
    container = served.container
    tenants, units = await container.get(Tenants), await container.get(Units)
    now = (await container.get(Clock)).now()
    await tenants.add(a_tenant(ACME))
    await tenants.add_account(an_account("cash", id=ACCOUNT))
    async with units(ACME) as unit:
        for number in (1, 2):
            about = {"account": ACCOUNT, "notice": f"evt_{number}"}
            unit.jobs.enqueue(
                Job(
                    id=JobId(f"notice:{number}"),
                    tenant_id=ACME,
                    kind=JobKind.READ_NOTICE,
                    run_at=now,
                    about=about,
                )
            )
        unit.inbox.add(a_notice("evt_1", account_id=ACCOUNT, state="applied"))
        await unit.commit()
    assert "cauri_queue_due 2.0" in (await served.http.get("/metrics")).text
    assert await (await container.get(RunJobs))(10) == 2
    page = (await served.http.get("/metrics")).text
    assert "cauri_queue_dead 0.0" in page
    assert 'cauri_jobs_total{kind="read_notice",result="done"} 1.0' in page
    assert 'cauri_jobs_total{kind="read_notice",result="failed"} 1.0' in page


async def test_the_health_of_payments_is_that_of_the_circuits(served: Served) -> None:
    status, providers = await served.payments()
    assert status == "HEALTHY"
    assert set(providers) == set((await served.container.get(Providers)).profiles)
    assert all(one == FRESH for one in providers.values())


async def test_an_open_circuit_degrades_and_nothing_more(served: Served) -> None:
    breaker = await served.container.get(Breaker)
    breaker.belongs(ACCOUNT, "maya", TENANT)
    for _ in range(FAULTS):
        breaker.record(breaker.note(ACCOUNT, "charge"), fault=True)
    status, providers = await served.payments()
    assert status == "DEGRADED"
    assert providers["maya"] == {**FRESH, "available": False, "circuit": "open"}
    assert providers["gcash"] == FRESH
    overall = await served.http.get("/api/health")
    assert (overall.status_code, overall.json()["status"]) == (200, "DEGRADED")
    assert (await served.http.get("/api/health/ready")).json()["status"] == "HEALTHY"


async def test_what_became_of_attempts_is_counted_over_a_day(served: Served) -> None:
    breaker = await served.container.get(Breaker)
    breaker.belongs(ACCOUNT, "maya", TENANT)
    for number in range(3):
        breaker.finished(ACCOUNT, f"att_{number}", success=number > 0)
    _, providers = await served.payments()
    seen = providers["maya"]
    assert (seen["totalTransactions"], seen["failedTransactions"]) == (3, 1)
    assert seen["successRate"] == 66.67
    assert seen["lastSuccess"] is not None
    assert seen["lastFailure"] is not None


@pytest.mark.parametrize("name", ["redis", "websockets"])
async def test_what_is_not_there_yet_says_so(served: Served, name: str) -> None:
    answer = await served.http.get(f"/api/health/{name}")
    assert (answer.status_code, answer.json()["status"]) == (200, "NOT_CONFIGURED")

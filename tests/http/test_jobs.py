"""Background jobs over HTTP: dead letters seen, tried again and dropped, by their owner alone."""

from urllib.parse import quote

import pytest

from adapters.memory.unit_of_work import MemoryUnits
from domain.ids import TenantId
from domain.ports.jobs import JobKind
from domain.tenants.api_key import EVERY_SCOPE, Scope
from tests.builders import ACME, OTHER, a_job, later
from tests.http.site import Site

pytestmark = pytest.mark.anyio

DEAD = "notice:acc_maya:evt_1"
ODD = "notice:acc_maya:évt ?#%41"


async def enqueue(site: Site, name: str, tenant_id: TenantId = ACME, seconds: float = 0) -> None:
    async with site.world.units(tenant_id) as unit:
        unit.jobs.enqueue(a_job(name, tenant_id, kind=JobKind.READ_NOTICE, run_at=later(seconds)))
        await unit.commit()


async def bury(site: Site, name: str, tenant_id: TenantId = ACME) -> None:
    await enqueue(site, name, tenant_id)
    (job,) = await site.world.queue.claim(later(0), 60, 10)
    async with site.world.units(tenant_id) as unit:
        unit.jobs.bury(job, "GiveUp: nothing here is meant by it")
        await unit.commit()


def at(name: str) -> str:
    return f"/api/jobs/{quote(name, safe='')}"


async def listed(site: Site, query: str = "") -> list[str]:
    answer = await site.get(f"/api/jobs{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


async def test_dead_letters_are_listed_and_told_why(site: Site) -> None:
    await bury(site, DEAD)
    await bury(site, "notice:acc_other:evt_1", OTHER)
    await enqueue(site, "waiting", seconds=900)
    (one,) = (await site.get("/api/jobs")).json()["data"]
    assert one == {
        "id": DEAD,
        "kind": "read_notice",
        "state": "dead",
        "priority": "urgent",
        "runAt": "2026-02-07T09:59:00Z",
        "about": {"payment": "pay_1", "attempt": "att_1"},
        "tries": 1,
        "failures": 1,
        "crashes": 0,
        "lastError": "GiveUp: nothing here is meant by it",
    }
    assert await listed(site, "?state=waiting") == ["waiting"]
    assert await listed(site, "?state=dead&kind=deliver") == []


async def test_pages_follow_each_other(site: Site) -> None:
    names = [f"job:{number}" for number in range(5)]
    for name in names:
        await bury(site, name)
    seen, cursor = list[str](), ""
    while True:
        page = (await site.get(f"/api/jobs?limit=2{cursor}")).json()
        seen += [one["id"] for one in page["data"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert sorted(seen) == names


@pytest.mark.parametrize("cursor", ["x", "%00", "AAAA", "é", "MjAyNg", "A" * 2000])
async def test_nonsense_is_no_cursor(site: Site, cursor: str) -> None:
    answer = await site.get(f"/api/jobs?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("name", [DEAD, ODD])
async def test_a_dead_letter_is_tried_again(site: Site, name: str) -> None:
    await bury(site, name)
    answer = await site.post(f"{at(name)}/retry")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["failures"]) == ("waiting", 0)
    (job,) = await site.world.queue.claim(site.world.clock.now(), 60, 10)
    assert job.id == name
    refused = await site.post(f"{at(name)}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible_now")
    assert "running" in refused.json()["detail"]


async def test_a_dead_letter_is_dropped_and_nothing_else_is(site: Site) -> None:
    await bury(site, DEAD)
    await enqueue(site, "waiting", seconds=900)
    gone = await site.client.delete(at(DEAD), headers=site.headers())
    assert (gone.status_code, gone.json()["id"]) == (200, DEAD)
    assert (await site.get(at(DEAD))).status_code == 404
    kept = await site.client.delete(at("waiting"), headers=site.headers())
    assert (kept.status_code, kept.json()["code"]) == (409, "not_possible_now")
    assert (await site.get(at("waiting"))).json()["state"] == "waiting"


@pytest.mark.parametrize("name", ["none", "notice:acc_other:evt_1", "x" * 501, "a\x00b"])
async def test_what_is_anothers_or_nobodys_is_not_found(site: Site, name: str) -> None:
    await bury(site, "notice:acc_other:evt_1", OTHER)
    for answer in (
        await site.get(at(name)),
        await site.post(f"{at(name)}/retry"),
        await site.client.delete(at(name), headers=site.headers()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert isinstance(site.world.units, MemoryUnits)
    assert len(site.world.database.shelf(OTHER).jobs) == 1


@pytest.mark.parametrize(
    ("lacking", "method", "path"),
    [
        (Scope.JOBS_READ, "GET", "/api/jobs"),
        (Scope.JOBS_READ, "GET", at(DEAD)),
        (Scope.JOBS_WRITE, "POST", f"{at(DEAD)}/retry"),
        (Scope.JOBS_WRITE, "DELETE", at(DEAD)),
    ],
)
async def test_each_needs_its_scope(site: Site, lacking: Scope, method: str, path: str) -> None:
    await bury(site, DEAD)
    key = await site.make_key(scopes=EVERY_SCOPE - {lacking})
    answer = await site.client.request(method, path, headers={"x-api-key": key})
    assert answer.status_code == 403
    assert lacking in answer.json()["detail"]

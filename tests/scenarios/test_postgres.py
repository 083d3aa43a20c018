"""The same on PostgreSQL: migrated by its owner, served by a role that owns nothing."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.postgres import Cluster
from tests.scenarios.conftest import Process

pytestmark = pytest.mark.postgres

KEYS = {"CAURI_MASTER_KEY": "11" * 32, "CAURI_PEPPER": "22" * 32}


def cauri(environment: dict[str, str], *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from entrypoints.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
        timeout=60,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_a_server_and_a_worker_apart_on_a_shared_database(
    postgres_cluster: Cluster, tmp_path: Path
) -> None:
    name = postgres_cluster.new_database()
    owner = {"CAURI_DATABASE_URL": postgres_cluster.owner_dsn(name), **KEYS}
    app = {"CAURI_DATABASE_URL": postgres_cluster.app_dsn(name), **KEYS}
    refused = cauri(app, "tenant", "list", "--json", status=4)
    assert not refused or "migrate" in refused
    cauri({**owner, "CAURI_DATABASE_ROLE": "app"}, "migrate")
    tenant = json.loads(cauri(app, "tenant", "create", "Acme", "--json"))["id"]
    cauri(app, "account", "connect", "--tenant", tenant, "--provider", "cash", "--json")
    key = json.loads(cauri(app, "key", "create", "--tenant", tenant, "--json"))["key"]
    server = Process("serve", "--port", "0", "--no-worker", **app)
    worker = Process("worker", **app)
    try:
        url = server.line("Cauri listens").split()[-1]
        body = {"amount": "250.00", "currency": "PHP", "reference": "o-1", "method": "cash"}
        with httpx.Client(base_url=url, headers={"X-API-Key": key}) as http:
            paid = http.post(
                "/api/payments/initiate", json=body, headers={"Idempotency-Key": "o-1"}
            )
            assert paid.status_code == 201, paid.text
            payment = paid.json()
            assert payment["status"] == "awaiting_verification"
            seen = {"outcome": "received", "reason": "counted"}
            done = http.post(f"/api/payments/{payment['id']}/verify", json=seen)
            assert done.json()["status"] == "succeeded"
            assert http.get("/api/health/ready").json()["status"] == "HEALTHY"
    finally:
        assert worker.end() == 0
        assert server.end() == 0
    assert json.loads(cauri(app, "doctor", "--json", "--no-probes"))

"""The PostgreSQL of the test session."""

import asyncpg
import pytest

from tests.postgres import Cluster, binaries, running

pytestmark = pytest.mark.postgres


@pytest.mark.anyio
async def test_a_new_database_is_empty_and_apart(postgres_cluster: Cluster) -> None:
    first, second = postgres_cluster.new_database(), postgres_cluster.new_database()
    postgres_cluster.execute("CREATE TABLE seen (id int)", first)
    connection = await asyncpg.connect(postgres_cluster.owner_dsn(second))
    try:
        assert await connection.fetchval("SELECT to_regclass('seen')") is None
    finally:
        await connection.close()


@pytest.mark.anyio
async def test_a_template_is_copied(postgres_cluster: Cluster) -> None:
    template = postgres_cluster.new_database()
    postgres_cluster.execute("CREATE TABLE seen AS SELECT 7 AS id", template)
    copy = postgres_cluster.new_database(template=template)
    connection = await asyncpg.connect(postgres_cluster.owner_dsn(copy))
    try:
        assert await connection.fetchval("SELECT id FROM seen") == 7
    finally:
        await connection.close()


@pytest.mark.anyio
async def test_the_app_role_owns_nothing(postgres_cluster: Cluster) -> None:
    connection = await asyncpg.connect(postgres_cluster.app_dsn(postgres_cluster.new_database()))
    try:
        row = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert tuple(row) == (False, False)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (id int)")
    finally:
        await connection.close()


def test_a_second_cluster_runs_beside_the_first(postgres_cluster: Cluster) -> None:
    found = binaries()
    assert found is not None
    with running(found, settings=()) as second:
        assert second.port != postgres_cluster.port
        second.execute("SELECT 1")
    assert second.server.returncode == 0
    assert not second.folder.exists()

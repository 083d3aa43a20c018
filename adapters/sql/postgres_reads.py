"""PostgreSQL, reading: one tenant at a time, mostly in one round trip."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.sql.base import Executable

from adapters.sql.postgres_pool import Pool, read
from adapters.sql.postgres_sql import DIALECT, SESSION
from adapters.sql.statements import prepared
from adapters.sql.writes import Reads, Record, Row, checked

READERS: Final = 4  # connections for tenants' reads: the server has few cores to answer on
PLATFORM: Final = 2  # for rows without a tenant; never set to one
CALLBACKS: Final = 1  # for finding whose a callback's reference is
SETTINGS: Final = SESSION | {"default_transaction_read_only": "on"}


class PostgresReads(Reads):
    """Each connection serves one purpose: no read inherits a wider setting from another.

    A tenant's read costs one round trip on a connection that served this tenant last, else two.
    Connections are opened at the first read.
    """

    def __init__(self, dsn: str) -> None:
        self._tenants = Pool(dsn, READERS, SETTINGS)
        self._platform = Pool(dsn, PLATFORM, SETTINGS)
        self._every = Pool(dsn, CALLBACKS, SETTINGS | {"app.tenants": "*"})

    async def rows(self, tenant_id: str, statement: Executable, values: Row) -> Sequence[Record]:
        ready = prepared(statement, DIALECT)
        arguments = ready.arguments({**values, "tenant_id": tenant_id})
        return await read(self._tenants, checked(tenant_id), ready.text, arguments)

    async def platform_rows(
        self, statement: Executable, values: Row, *, every_tenant: bool = False
    ) -> Sequence[Record]:
        ready = prepared(statement, DIALECT)
        pool = self._every if every_tenant else self._platform
        return await read(pool, None, ready.text, ready.arguments(values))

    async def close(self) -> None:
        for pool in (self._tenants, self._platform, self._every):
            await pool.close()

"""Use case: make an endpoint under an idempotency key."""

from collections.abc import Callable
from dataclasses import dataclass

from application.answers import Answer, RequestKey, known
from application.webhooks.endpoints import CreateEndpoint, MadeEndpoint, NewEndpoint
from domain.errors import KeyReused
from domain.ids import TenantId
from domain.ports.clock import Clock
from domain.ports.unit_of_work import KeyRecord, UnitOfWork, Units
from domain.ports.vault import Vault

Render = Callable[[MadeEndpoint], Answer]


class _Repeated(Exception):
    """The key was used before."""


@dataclass(frozen=True, slots=True)
class CreateEndpointOnce:
    """The same request again gets the first answer again, whose secret is kept sealed with it.

    Raises KeyReused, and what CreateEndpoint raises.
    """

    create: CreateEndpoint
    units: Units
    vault: Vault
    clock: Clock

    async def __call__(self, new: NewEndpoint, key: RequestKey, render: Render) -> Answer:
        answers: list[Answer] = []

        async def remember(unit: UnitOfWork, made: MadeEndpoint) -> None:
            if await unit.keys.with_key(key.scope, key.key) is not None:
                raise _Repeated
            answers[:] = [answer := render(made)]
            sealed = self.vault.seal(answer.body, _context(made.endpoint.id))
            unit.keys.add(
                key.record(made.endpoint.id, self.clock.now(), Answer(answer.status, sealed))
            )

        if (again := await self._again(new.tenant_id, key)) is not None:
            return again
        try:
            await self.create(new, remember)
        except _Repeated:
            if (again := await self._again(new.tenant_id, key)) is None:
                raise KeyReused() from None
            return again
        return answers[0]

    async def _again(self, tenant_id: TenantId, key: RequestKey) -> Answer | None:
        found = await known(self.units, tenant_id, key, self.clock.now())
        return self._opened(found.record) if found is not None else None

    def _opened(self, record: KeyRecord) -> Answer:
        assert record.status is not None  # it is stored with its answer
        assert record.answer is not None
        body = self.vault.open(record.answer, _context(record.resource_id))
        return Answer(record.status, body, replayed=True)


def _context(endpoint_id: str) -> str:
    return f"answer:{endpoint_id}"

"""Whose command it is."""

from dataclasses import dataclass
from typing import Final

from domain.errors import Invalid, NotFound
from domain.ids import TenantId
from domain.ports.tenants import Tenants

MOST: Final = 1000  # tenants a name is looked for among
NAMED: Final = 10  # in a message


@dataclass(frozen=True, slots=True)
class WhichTenant:
    """By id or by name; without either, the only tenant there is.

    Raises NotFound, and Invalid listing them when several could be meant.
    """

    tenants: Tenants

    async def __call__(self, given: str | None) -> TenantId:
        if given is not None and given.startswith("ten_"):
            return (await self.tenants.setup(TenantId(given))).tenant.id
        known = await self.tenants.all(MOST)
        meant = [one for one in known if given is None or one.name == given]
        if len(meant) == 1:
            return meant[0].id
        if not known:
            raise NotFound("there is no tenant yet; open one: cauri tenant create NAME")
        if not meant:
            raise NotFound(f"no tenant is called {given}; see: cauri tenant list")
        listed = ", ".join(f"{one.id} ({one.name})" for one in meant[:NAMED])
        more = ", …" if len(meant) > NAMED else ""
        raise Invalid(f"choose one with --tenant: {listed}{more}", "tenant")

"""`cauri providers`: what this build can talk to."""

from dataclasses import dataclass
from typing import Final

from adapters.cli import show
from adapters.cli.fees import price
from adapters.cli.setup_words import provider_words
from adapters.cli.which_tenant import WhichTenant
from domain.errors import Invalid, NotFound
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.providers.profile import Profile
from domain.tenants.tenant import ProviderAccount

PRICES: Final = 3  # shown of one provider
MOST_NAMED: Final = 12  # countries or currencies; of more, how many there are


@dataclass(frozen=True, slots=True)
class ListProviders:
    providers: Providers
    tenants: Tenants
    which: WhichTenant

    async def __call__(self, *, tenant: str | None, json: bool) -> int:
        mine = await self._accounts(tenant)
        profiles = [one for _, one in sorted(self.providers.profiles.items())]
        if json:
            show.line({"data": [provider_words(one, mine.get(one.code)) for one in profiles]})
            return 0
        show.table(
            ("Code", "Name", "Type", "Countries", "Currencies", "Price", "Can", "Account"),
            [
                (
                    one.code,
                    one.title,
                    one.kind,
                    names(one.countries),
                    names(one.currencies),
                    prices(one),
                    abilities(one),
                    state_of(mine.get(one.code)),
                )
                for one in profiles
            ],
        )
        return 0

    async def _accounts(self, tenant: str | None) -> dict[str, ProviderAccount]:
        """The tenant's, by provider; none when no tenant was named and none is the only one."""
        try:
            setup = await self.tenants.setup(await self.which(tenant))
        except (NotFound, Invalid):
            if tenant is not None:
                raise
            return {}
        return {one.provider: setup.at(one.provider)[0] for one in setup.accounts}


def names(codes: frozenset[str]) -> str:
    return str(len(codes)) if len(codes) > MOST_NAMED else ", ".join(sorted(codes)) or "all"


def prices(one: Profile) -> str:
    """The public price list, or as much of it as fits a table. A list of nothing is a price of
    what no company is paid for, and of others that nobody published one."""
    if one.fees and all(fee.is_free for fee in one.fees):
        return "free" if one.offline else "not published"
    more = "; …" if len(one.fees) > PRICES else ""
    return "; ".join(price(fee) for fee in one.fees[:PRICES]) + more or "-"


def abilities(one: Profile) -> str:
    """What it can do besides taking money."""
    words = (
        ("refund in part", one.partial_refunds),
        ("refund whole", one.refunds and not one.partial_refunds),
        ("cancel", one.cancels),
        ("call back", one.callbacks),
        ("offline", one.offline),
    )
    return ", ".join(word for word, able in words if able) or "-"


def state_of(account: ProviderAccount | None) -> str:
    if account is None:
        return "-"
    return "active" if account.active else "switched off"

"""`cauri account timeout`: how long an account's provider is given."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from adapters.cli import show
from adapters.cli.setup_words import account_words
from adapters.cli.which_tenant import WhichTenant
from application.tenants.set_deadlines import SetDeadlines
from domain.errors import Invalid, NotFound
from domain.ids import AccountId, TenantId
from domain.ports.providers import Providers
from domain.ports.tenants import Tenants
from domain.providers.deadlines import deadlines_of
from domain.tenants.tenant import ProviderAccount


@dataclass(frozen=True, slots=True)
class AccountDeadlines:
    set_deadlines: SetDeadlines
    tenants: Tenants
    providers: Providers
    which: WhichTenant

    async def __call__(
        self, *, account: str, timeouts: Sequence[str], none: bool, tenant: str | None, json: bool
    ) -> int:
        tenant_id, account_id = await self.which(tenant), AccountId(account)
        if none and timeouts:
            raise Invalid("give timeouts or --none", "timeouts")
        if none or timeouts:
            seconds = deadlines_of(list(timeouts))
            found = await self.set_deadlines(tenant_id, account_id, seconds)
        else:
            found = await self._own(tenant_id, account_id)
        whole = asdict(self.providers.deadlines(found))
        if json:
            now = {name.removesuffix("_s"): value for name, value in whole.items()}
            show.line({**account_words(found), "timeouts": now})
            return 0
        show.table(
            ("Operation", "Seconds", "Whose"),
            [
                (word, str(value), "the account's" if word in found.deadlines else "as usual")
                for word, value in ((one.removesuffix("_s"), whole[one]) for one in whole)
            ],
            right=("Seconds",),
        )
        return 0

    async def _own(self, tenant_id: TenantId, account_id: AccountId) -> ProviderAccount:
        account = await self.tenants.account(account_id)
        if account.tenant_id != tenant_id:
            raise NotFound(f"account {account_id}")
        return account

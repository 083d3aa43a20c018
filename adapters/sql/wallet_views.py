"""Customers' wallets, read like other lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.sql.rows.wallet import wallet_of
from adapters.sql.views import SqlViews
from adapters.sql.wallets import OF_CUSTOMER
from domain.ids import TenantId
from domain.ports.wallets import WalletViews
from domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class SqlWalletViews(WalletViews):
    lists: SqlViews

    async def wallets(self, tenant_id: TenantId, customer_id: str) -> Sequence[Wallet]:
        rows = await self.lists.rows(tenant_id, OF_CUSTOMER, {"customer_id": customer_id})
        return [wallet_of(row, tenant_id) for row in rows]

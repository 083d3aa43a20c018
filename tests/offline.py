"""Real providers of the offline family, and a tenant with an account at each."""

from dataclasses import dataclass, field
from typing import Any, Final

from adapters.provider_kit.breaker import Breaker
from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.registry import KitProviders
from adapters.provider_kit.transport import NothingSent, Request, Response
from adapters.providers.bank_transfer import MANIFEST as BANK_TRANSFER
from adapters.providers.bankak import MANIFEST as BANKAK
from adapters.providers.cash import MANIFEST as CASH
from adapters.providers.cheque import MANIFEST as CHEQUE
from adapters.providers.faisal_islamic import MANIFEST as FAISAL
from adapters.providers.paynow_sg import MANIFEST as PAYNOW
from application.payments.submit_proof import SubmitProof
from domain.currencies import currency
from domain.ids import AccountId
from domain.ledger.journal import SALES
from domain.money import Money
from domain.payments.payment import Payment
from domain.ports.vault import Vault
from domain.tenants.tenant import ProviderAccount
from tests.application.world import World, a_world
from tests.builders import ACME, NOW, a_tenant
from tests.storages import Storage, memory_storage

SDG: Final = currency("SDG")
PNG: Final = b"\x89PNG\r\n\x1a\n" + b"receipt"
MANIFESTS: Final[dict[str, Manifest]] = {
    one.profile.code: one for one in (BANK_TRANSFER, BANKAK, CASH, CHEQUE, FAISAL, PAYNOW)
}
ABOVE: Final = {"four_eyes_above": {"SDG": "5000.00"}}
CONFIGS: Final[dict[str, dict[str, Any]]] = {
    "bank_transfer": {
        "account_number": "7001",
        "account_name": "Nile Care",
        "bank_name": "First",
    },
    "bankak": {"account_number": "1234567", "account_name": "Nile Care", **ABOVE},
    "cash": dict(ABOVE),
    "cheque": {"payee": "Nile Care"},
    "faisal_islamic": {
        "account_number": "99",
        "account_name": "Nile Care",
        "image_required": True,
    },
    "paynow_sg": {"merchant_name": "NILE CARE PTE LTD", "uen": "201403121W"},
}


class ClearVault(Vault):
    """Seals nothing."""

    def seal(self, data: bytes, context: str) -> bytes:
        return data

    def open(self, sealed: bytes, context: str) -> bytes:
        return sealed


class NoWire:
    """Offline providers call nobody."""

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        raise NothingSent("nobody is here")


@dataclass
class Counter:
    """A world whose tenant is paid by hand, in SDG."""

    world: World
    submit: SubmitProof
    keys: list[str] = field(default_factory=list)

    @staticmethod
    def money(text: str) -> Money:
        return Money.parse(text, SDG)

    async def sold(self) -> int:
        """What the ledger has booked as sales, in minor units of SDG."""
        found = await self.world.ledger.balances(ACME, None)
        mine = [one for one in found if (one.account, one.currency) == (SALES, SDG)]
        return sum(one.credit_minor - one.debit_minor for one in mine)

    async def pay(self, method: str, amount: str = "1500.00", **more: Any) -> Payment:
        self.keys.append(f"k{len(self.keys)}")
        due = {"money": Money.parse(amount, SDG), "country": "SD"}
        return await self.world.pay(amount, self.keys[-1], method=method, **due, **more)


async def a_counter(storage: Storage | None = None) -> Counter:
    clock = (storage := storage or await _memory()).clock
    providers = KitProviders(MANIFESTS, NoWire(), clock, ClearVault(), Breaker(clock))
    accounts = [
        ProviderAccount(
            id=AccountId(f"acc_{code}"),
            tenant_id=ACME,
            provider=code,
            sealed=providers.seal(f"acc_{code}", code, config),
            created_at=NOW,
        )
        for code, config in CONFIGS.items()
    ]
    world = await a_world(storage, providers, accounts)
    return Counter(world, SubmitProof(world.units, world.tenants, providers, clock))


async def _memory() -> Storage:
    storage = memory_storage()
    await storage.tenants.add(a_tenant(ACME, name="Acme"))
    return storage


async def a_counter_world() -> World:
    """In memory; every part of it knows the offline providers only."""
    counter = await a_counter()
    companies: Any = counter.submit.providers
    counter.world.companies = companies
    return counter.world

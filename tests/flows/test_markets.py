"""A merchant in several countries, at a provider whose accounts are for one country each."""

from typing import Any

import pytest

from application.answers import RequestKey
from application.payments.new_payment import NewPayment
from application.tenants.connect_account import ConnectAccount, RenewAccount
from domain.currencies import currency
from domain.errors import Invalid
from domain.ids import PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.tenants.market import Market
from domain.tenants.tenant import ProviderAccount
from tests.application.world import rendered
from tests.builders import OTHER, a_tenant
from tests.flows.conftest import HERE, Town

pytestmark = pytest.mark.anyio

ZAMBIA, UGANDA = Market("ZM", "ZMW"), Market("UG", "UGX")
ENVIRONMENTS = {ZAMBIA: "mtnzambia", UGANDA: "mtnuganda"}
PHONES = {ZAMBIA: "+260966001111", UGANDA: "+256776001111"}


class Merchant:
    """OTHER, who begins with nothing."""

    def __init__(self, town: Town) -> None:
        self.town, self.initiate = town, town.world.initiate
        self.providers = self.initiate.route.providers
        self.tenants, clock, ids = self.initiate.tenants, self.initiate.clock, self.initiate.ids
        self.connecting = ConnectAccount(self.tenants, self.providers, clock, ids)

    def config(self, market: Market) -> dict[str, Any]:
        known = self.town.remotes["mtn_momo"].simulator.credentials()
        return {**known, "targetEnvironment": ENVIRONMENTS[market]}

    async def connect(self, market: Market) -> ProviderAccount:
        return await self.connecting(OTHER, "mtn_momo", self.config(market), HERE)

    async def pay(self, market: Market, phone: str, country: str | None = None) -> Payment:
        new = NewPayment(
            tenant_id=OTHER,
            reference="order-1",
            amount=Money(500_00 if market is ZAMBIA else 5000, currency(market.currency)),
            country=country,
            customer=Customer(phone=phone),
            method="mtn_momo",
        )
        request = RequestKey("initiate", f"{market} {phone}", b"")
        answer = await self.initiate(new, request, rendered)
        async with self.town.world.units(OTHER) as unit:
            return await unit.payments.get(PaymentId(answer.body.decode().partition("|")[0]))


@pytest.fixture
async def merchant(town: Town) -> Merchant:
    await town.world.initiate.tenants.add(a_tenant(OTHER))
    return Merchant(town)


async def test_each_payment_goes_to_the_account_of_its_market(
    town: Town, merchant: Merchant
) -> None:
    accounts = {market: await merchant.connect(market) for market in (ZAMBIA, UGANDA)}
    assert {market: one.market for market, one in accounts.items()} == {m: m for m in accounts}
    for market, account in accounts.items():
        payment = await merchant.pay(market, PHONES[market], market.country)
        assert payment.attempts[0].account_id == account.id
        await town.pass_(60)
        async with town.world.units(OTHER) as unit:
            assert (await unit.payments.get(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_a_phone_of_another_country_than_the_accounts_is_refused_before_anything_is_sent(
    town: Town, merchant: Merchant
) -> None:
    await merchant.connect(ZAMBIA)
    with pytest.raises(Invalid, match=r"is not of a payer of mtn_momo.*\+260 96") as refused:
        await merchant.pay(ZAMBIA, PHONES[UGANDA])
    assert refused.value.field == "customer.phone"
    with pytest.raises(Invalid, match="UGX is not taken by mtn_momo"):
        await merchant.pay(UGANDA, PHONES[UGANDA])
    assert not town.remotes["mtn_momo"].simulator.books()


async def test_one_account_a_market_is_enough(merchant: Merchant) -> None:
    await merchant.connect(ZAMBIA)
    with pytest.raises(Invalid, match="has an account at mtn_momo for ZMW in ZM"):
        await merchant.connect(ZAMBIA)
    await merchant.connect(UGANDA)
    found = (await merchant.tenants.setup(OTHER)).at("mtn_momo")
    assert {one.market for one in found} == {ZAMBIA, UGANDA}


async def test_new_credentials_do_not_move_an_account_to_another_country(
    merchant: Merchant,
) -> None:
    account = await merchant.connect(ZAMBIA)
    renew = RenewAccount(merchant.tenants, merchant.providers)
    with pytest.raises(Invalid, match="is for ZMW in ZM; connect another one for UGX in UG"):
        await renew(account, merchant.config(UGANDA), HERE)
    await renew(account, merchant.config(ZAMBIA), HERE)

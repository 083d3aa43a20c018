"""Wallets: see what customers have, spend it, reverse a spend. Nothing here credits one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.http import wallet_examples as examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk, request_key
from adapters.http.controllers.payments import replayable
from adapters.http.operation import Call, Operation
from adapters.http.wire.reading import Body, Findings, Nothing, Query
from adapters.http.wire.wallets import (
    HistoryQuery,
    MoveList,
    ReversalBody,
    SpendBody,
    SpendReply,
    WalletsReply,
)
from application.answers import Answer
from application.wallets.spend_wallet import NewReversal, NewSpend, ReverseSpend, SpendWallet
from application.wallets.wallet_history import WalletHistory
from application.wallets.well_formed import check_customer, reversal_bytes, spend_bytes
from domain.ids import SpendId
from domain.ports.unit_of_work import Units
from domain.ports.wallets import WalletViews
from domain.tenants.api_key import Scope
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet

SHOW: Final = Operation(
    method="GET",
    path="/api/wallets/{customerId:str}",
    summary="Get what a customer has, in points and in money",
    scope=Scope.WALLETS_READ,
    reads=Nothing(),
    replies=WalletsReply,
    errors=("validation_failed",),
    tag="Wallets",
    example=examples.WALLETS,
)
HISTORY: Final = Operation(
    method="GET",
    path="/api/wallets/{customerId:str}/history",
    summary="List what moved a customer's wallets, newest first",
    scope=Scope.WALLETS_READ,
    reads=Query(HistoryQuery),
    replies=MoveList,
    tag="Wallets",
    example=examples.HISTORY,
)
SPEND: Final = Operation(
    method="POST",
    path="/api/wallets/{customerId:str}/spend",
    summary="Spend from a customer's wallet",
    scope=Scope.WALLETS_SPEND,
    reads=Body(SpendBody),
    replies=SpendReply,
    status=201,
    keyed=True,
    errors=("wallet_balance_too_low",),
    tag="Wallets",
    example=examples.SPEND,
)
REVERSE: Final = Operation(
    method="POST",
    path="/api/wallets/{customerId:str}/spends/{id:str}/reverse",
    summary="Give back what was spent, once",
    scope=Scope.WALLETS_SPEND,
    reads=Body(ReversalBody),
    replies=SpendReply,
    status=201,
    keyed=True,
    errors=("not_found", "spend_already_reversed"),
    tag="Wallets",
    example=examples.REVERSED,
)

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class WalletController:
    wallet_views: WalletViews
    wallet_history: WalletHistory
    spend_wallet: SpendWallet
    reverse_spend: ReverseSpend
    units: Units

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            SHOW.served(desk, self.show),
            HISTORY.served(desk, self.history),
            SPEND.served(desk, self.spend),
            REVERSE.served(desk, self.reverse),
        ]

    async def show(self, call: Call, _: None) -> Ready:
        """Empty for a customer who was never credited."""
        customer_id = _customer(call)
        wallets = await self.wallet_views.wallets(call.caller.tenant_id, customer_id)
        return encoded(WalletsReply.of(customer_id, wallets))

    async def history(self, call: Call, query: HistoryQuery) -> Ready:
        """Each line is a journal of the ledger; their amounts add up to the balance."""
        unit, customer_id = query.counted_in(), _customer(call)
        page = await self.wallet_history(
            call.caller.tenant_id, customer_id, unit, query.before(), query.limit
        )
        return encoded(MoveList.of(page))

    async def spend(self, call: Call, body: SpendBody) -> Ready:
        """Once per Idempotency-Key, and never more than is there."""
        customer_id, amount = _customer(call), body.money()
        canonical = spend_bytes(customer_id, amount, body.reference, body.reason)
        new = NewSpend(
            tenant_id=call.caller.tenant_id,
            customer_id=customer_id,
            amount=amount,
            reference=body.reference,
            reason=body.reason,
        )
        key = request_key(call.key, "wallet_spend", canonical)
        return replayable(await self.spend_wallet(new, key, _given))

    async def reverse(self, call: Call, body: ReversalBody) -> Ready:
        """A spend is reversed once, whole or in part, and at most by its amount."""
        customer_id, spend_id = _customer(call), SpendId(call.id("spd_"))
        async with self.units(call.caller.tenant_id) as unit:
            spent = await unit.spends.get(spend_id)
        amount = body.money(spent.amount.currency)
        new = NewReversal(
            tenant_id=call.caller.tenant_id,
            customer_id=customer_id,
            spend_id=spend_id,
            amount=amount,
            reason=body.reason,
        )
        canonical = reversal_bytes(customer_id, spend_id, amount, body.reason)
        key = request_key(call.key, "wallet_reverse", canonical)
        return replayable(await self.reverse_spend(new, key, _given))


def _customer(call: Call) -> str:
    """Of the path. Raises Faulty."""
    customer_id, found = call.text("customerId"), Findings()
    check_customer(customer_id, found.add)
    found.raise_if_any()
    return customer_id


def _given(spend: Spend, wallet: Wallet) -> Answer:
    return Answer(201, _encode(SpendReply.of(spend, wallet)))

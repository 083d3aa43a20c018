"""Wallets, rewards and spends, valid by default."""

from dataclasses import replace
from typing import Any

from domain.currencies import POINTS
from domain.ids import SpendId, TenantId, WalletId
from domain.money import Money
from domain.payments.payment import Payment
from domain.tenants.reward_rule import RewardRule
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet
from tests.builders import ACME, NOW, a_paid_payment, php

RULE = RewardRule(php("10.00"), Money(1, POINTS))


def points(minor: int) -> Money:
    return Money(minor, POINTS)


def a_wallet(balance: int = 0, number: int = 1, **more: Any) -> Wallet:
    """Its balance came from nowhere; `funded` has one with a posting."""
    known: dict[str, Any] = {
        "id": WalletId(f"wal_{number:026d}"),
        "tenant_id": ACME,
        "customer_id": "cus_42",
        "unit": POINTS,
        "created_at": NOW,
        "updated_at": NOW,
        "balance_minor": balance,
    }
    return Wallet(**(known | more))


def a_reward(payment: Payment | None = None, **more: Any) -> Reward:
    of = payment or a_paid_payment()
    known: dict[str, Any] = {
        "payment_id": of.id,
        "tenant_id": of.tenant_id,
        "customer_id": "cus_42",
        "rule": RULE,
        "created_at": NOW,
    }
    return Reward(**(known | more))


def a_spend(minor: int = 100, number: int = 1, **more: Any) -> Spend:
    known: dict[str, Any] = {
        "id": SpendId(f"spd_{number:026d}"),
        "tenant_id": ACME,
        "customer_id": "cus_42",
        "wallet_id": WalletId(f"wal_{1:026d}"),
        "amount": points(minor),
        "reference": "order-2",
        "reason": "coffee",
        "created_at": NOW,
    }
    return Spend(**(known | more))


def funded(minor: int, tenant_id: TenantId = ACME) -> tuple[Wallet, Reward]:
    """A wallet that a payment has just credited, and the reward as it was before."""
    reward = a_reward(a_paid_payment(tenant_id=tenant_id))
    new = replace(a_wallet(), tenant_id=tenant_id)
    return new.reward(reward, points(minor), NOW), reward

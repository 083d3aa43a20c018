"""Wallets, rewards and spends as rows."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.sql import tables as t
from adapters.sql.rows.values import time, time_or_none, us, us_or_none
from adapters.sql.writes import Row
from domain.currencies import CURRENCIES, UNITS
from domain.ids import TenantId
from domain.money import Money
from domain.tenants.reward_rule import RewardRule
from domain.wallets.reward import Reward
from domain.wallets.spend import Spend
from domain.wallets.wallet import Wallet

WALLET_COLUMNS: Final = (
    t.wallets.c.id,
    t.wallets.c.customer_id,
    t.wallets.c.unit,
    t.wallets.c.balance_minor,
    t.wallets.c.created_at,
    t.wallets.c.updated_at,
    t.wallets.c.version,
)
REWARD_COLUMNS: Final = (
    t.rewards.c.payment_id,
    t.rewards.c.customer_id,
    t.rewards.c.per_minor,
    t.rewards.c.per_currency,
    t.rewards.c.award_minor,
    t.rewards.c.unit,
    t.rewards.c.granted_minor,
    t.rewards.c.created_at,
    t.rewards.c.version,
)
SPEND_COLUMNS: Final = (
    t.spends.c.id,
    t.spends.c.customer_id,
    t.spends.c.wallet_id,
    t.spends.c.amount_minor,
    t.spends.c.unit,
    t.spends.c.reference,
    t.spends.c.reason,
    t.spends.c.created_at,
    t.spends.c.reversed_minor,
    t.spends.c.reversed_at,
    t.spends.c.version,
)


def wallet_changes(wallet: Wallet) -> Row:
    return {"balance_minor": wallet.balance_minor, "updated_at": us(wallet.updated_at)}


def wallet_row(wallet: Wallet) -> Row:
    return {
        "customer_id": wallet.customer_id,
        "unit": wallet.unit.code,
        "id": wallet.id,
        "created_at": us(wallet.created_at),
        "version": wallet.version,
        **wallet_changes(wallet),
    }


def wallet_of(columns: Sequence[Any], tenant_id: TenantId) -> Wallet:
    """From WALLET_COLUMNS."""
    wallet_id, customer_id, unit, balance_minor, created_at, updated_at, version = columns
    return Wallet(
        id=wallet_id,
        tenant_id=tenant_id,
        customer_id=customer_id,
        unit=UNITS[unit],
        balance_minor=balance_minor,
        created_at=time(created_at),
        updated_at=time(updated_at),
        version=version,
    )


def reward_row(reward: Reward) -> Row:
    per, award = reward.rule.per, reward.rule.award
    return {
        "payment_id": reward.payment_id,
        "customer_id": reward.customer_id,
        "per_minor": per.minor,
        "per_currency": per.currency.code,
        "award_minor": award.minor,
        "unit": award.currency.code,
        "granted_minor": reward.granted_minor,
        "created_at": us(reward.created_at),
        "version": reward.version,
    }


def reward_of(columns: Sequence[Any], tenant_id: TenantId) -> Reward:
    """From REWARD_COLUMNS."""
    payment_id, customer_id, per, paid_in, award, unit, granted, created_at, version = columns
    return Reward(
        payment_id=payment_id,
        tenant_id=tenant_id,
        customer_id=customer_id,
        rule=RewardRule(Money(per, CURRENCIES[paid_in]), Money(award, UNITS[unit])),
        granted_minor=granted,
        created_at=time(created_at),
        version=version,
    )


def spend_changes(spend: Spend) -> Row:
    return {
        "reversed_minor": spend.reversed_minor,
        "reversed_at": us_or_none(spend.reversed_at),
    }


def spend_row(spend: Spend) -> Row:
    return {
        "id": spend.id,
        "customer_id": spend.customer_id,
        "wallet_id": spend.wallet_id,
        "amount_minor": spend.amount.minor,
        "unit": spend.amount.currency.code,
        "reference": spend.reference,
        "reason": spend.reason,
        "created_at": us(spend.created_at),
        "version": spend.version,
        **spend_changes(spend),
    }


def spend_of(columns: Sequence[Any], tenant_id: TenantId) -> Spend:
    """From SPEND_COLUMNS."""
    spend_id, customer_id, wallet_id, minor, unit, reference, reason, created_at, *rest = columns
    reversed_minor, reversed_at, version = rest
    return Spend(
        id=spend_id,
        tenant_id=tenant_id,
        customer_id=customer_id,
        wallet_id=wallet_id,
        amount=Money(minor, UNITS[unit]),
        reference=reference,
        reason=reason,
        created_at=time(created_at),
        reversed_minor=reversed_minor,
        reversed_at=time_or_none(reversed_at),
        version=version,
    )

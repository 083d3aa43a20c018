"""Tenants, their accounts and keys as rows."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.sql import tables as t
from adapters.sql.rows.decision import policy_of, policy_text
from adapters.sql.rows.money import MoneyArray, money, money_array, schedules_of, schedules_text
from adapters.sql.rows.values import json, time, time_or_none, us, us_or_none, words
from adapters.sql.writes import Value
from domain.tenants.api_key import ApiKey, Scope
from domain.tenants.market import Market
from domain.tenants.reward_rule import RewardRule
from domain.tenants.tenant import Limit, ProviderAccount, Tenant

SCOPES: Final = words(Scope)

TENANT_COLUMNS: Final = (
    t.tenants.c.tenant_id,
    t.tenants.c.name,
    t.tenants.c.policy,
    t.tenants.c.limits,
    t.tenants.c.rewards,
    t.tenants.c.created_at,
)
ACCOUNT_COLUMNS: Final = (
    t.provider_accounts.c.id,
    t.provider_accounts.c.tenant_id,
    t.provider_accounts.c.provider,
    t.provider_accounts.c.sealed,
    t.provider_accounts.c.fees,
    t.provider_accounts.c.active,
    t.provider_accounts.c.deadlines,
    t.provider_accounts.c.country,
    t.provider_accounts.c.currency,
    t.provider_accounts.c.created_at,
    t.provider_accounts.c.version,
)
KEY_COLUMNS: Final = (
    t.api_keys.c.id,
    t.api_keys.c.tenant_id,
    t.api_keys.c.name,
    t.api_keys.c.digest,
    t.api_keys.c.scopes,
    t.api_keys.c.rate_per_minute,
    t.api_keys.c.created_at,
    t.api_keys.c.expires_at,
    t.api_keys.c.revoked_at,
)

_deadlines: Final = msgspec.json.Decoder(dict[str, int])
_limits: Final = msgspec.json.Decoder(list[tuple[MoneyArray, str | None]])
_rewards: Final = msgspec.json.Decoder(list[tuple[MoneyArray, MoneyArray]])


def tenant_changes(tenant: Tenant) -> dict[str, Value]:
    """The columns that may change."""
    return {
        "name": tenant.name,
        "policy": policy_text(tenant.policy),
        "limits": json([(money_array(one.maximum), one.method) for one in tenant.limits]),
        "rewards": json([(money_array(one.per), money_array(one.award)) for one in tenant.rewards]),
    }


def tenant_row(tenant: Tenant) -> dict[str, Value]:
    return {**tenant_changes(tenant), "created_at": us(tenant.created_at)}


def tenant_of(columns: Sequence[Any]) -> Tenant:
    """From TENANT_COLUMNS."""
    tenant_id, name, policy, limits, rewards, created_at = columns
    return Tenant(
        id=tenant_id,
        name=name,
        created_at=time(created_at),
        policy=policy_of(policy),
        limits=tuple(Limit(money(most), method) for most, method in _limits.decode(limits)),
        rewards=tuple(RewardRule(money(per), money(won)) for per, won in _rewards.decode(rewards)),
    )


def account_changes(account: ProviderAccount) -> dict[str, Value]:
    """The columns that may change."""
    return {
        "sealed": account.sealed,
        "fees": schedules_text(account.fees),
        "active": account.active,
        "deadlines": json(account.deadlines) if account.deadlines else None,
    }


def account_row(account: ProviderAccount) -> dict[str, Value]:
    return {
        "id": account.id,
        "provider": account.provider,
        "country": account.market.country if account.market else None,
        "currency": account.market.currency if account.market else None,
        "created_at": us(account.created_at),
        "version": account.version,
        **account_changes(account),
    }


def account_of(columns: Sequence[Any]) -> ProviderAccount:
    """From ACCOUNT_COLUMNS."""
    account_id, tenant_id, provider, sealed, fees, active, deadlines = columns[:7]
    country, currency, created_at, version = columns[7:]
    return ProviderAccount(
        id=account_id,
        tenant_id=tenant_id,
        provider=provider,
        sealed=sealed,
        created_at=time(created_at),
        fees=schedules_of(fees),
        active=bool(active),
        deadlines=_deadlines.decode(deadlines) if deadlines is not None else {},
        market=Market(country, currency) if currency is not None else None,
        version=version,
    )


def key_row(key: ApiKey) -> dict[str, Value]:
    return {
        "id": key.id,
        "name": key.name,
        "digest": key.digest,
        "scopes": " ".join(sorted(key.scopes)),
        "rate_per_minute": key.rate_per_minute,
        "created_at": us(key.created_at),
        "expires_at": us_or_none(key.expires_at),
        "revoked_at": us_or_none(key.revoked_at),
    }


def key_of(columns: Sequence[Any]) -> ApiKey:
    """From KEY_COLUMNS. A scope this version does not know opens nothing, so it is left out."""
    key_id, tenant_id, name, digest, scopes, rate, created_at, expires_at, revoked_at = columns
    return ApiKey(
        id=key_id,
        tenant_id=tenant_id,
        name=name,
        digest=digest,
        scopes=frozenset(SCOPES[word] for word in scopes.split() if word in SCOPES),
        created_at=time(created_at),
        rate_per_minute=rate,
        expires_at=time_or_none(expires_at),
        revoked_at=time_or_none(revoked_at),
    )

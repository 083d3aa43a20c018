"""Who uses the platform and what it can talk to, in the API's words."""

from typing import Any

from adapters.cli.words import percentage
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.providers.profile import Profile
from domain.tenants.api_key import ApiKey
from domain.tenants.tenant import ProviderAccount, Tenant


def provider_words(profile: Profile, account: ProviderAccount | None) -> dict[str, Any]:
    return {
        "code": profile.code,
        "name": profile.title,
        "type": profile.kind,
        "countries": sorted(profile.countries),
        "currencies": sorted(profile.currencies),
        "capabilities": {
            "refund": profile.refunds,
            "partialRefund": profile.partial_refunds,
            "cancel": profile.cancels,
            "callbacks": profile.callbacks,
            "offline": profile.offline,
        },
        "isConnected": account is not None,
        "isActive": account is not None and account.active,
    }


def key_words(key: ApiKey) -> dict[str, Any]:
    """Never the secret: that is shown once, by who made it."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "ratePerMinute": key.rate_per_minute,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
    }


def tenant_words(tenant: Tenant) -> dict[str, Any]:
    policy = tenant.policy
    return {
        "id": tenant.id,
        "name": tenant.name,
        "strategy": policy.strategy,
        "order": list(policy.order),
        "split": dict(policy.split),
        "limits": [
            {
                "amount": one.maximum.major,
                "currency": one.maximum.currency.code,
                "method": one.method,
            }
            for one in tenant.limits
        ],
        "rewards": [one.words for one in tenant.rewards],
        "createdAt": tenant.created_at,
    }


def account_words(account: ProviderAccount) -> dict[str, Any]:
    """Never the credentials."""
    return {
        "id": account.id,
        "provider": account.provider,
        "isActive": account.active,
        "country": account.market.country if account.market else None,
        "currency": account.market.currency if account.market else None,
        "fees": [schedule_words(one) for one in account.fees],
        "createdAt": account.created_at,
    }


def schedule_words(one: FeeSchedule) -> dict[str, Any]:
    cap = one.cap_minor
    return {
        "currency": one.currency.code,
        "percentage": percentage(one.rate_bps),
        "fixed": Money(one.fixed_minor, one.currency).major,
        "floor": Money(one.floor_minor, one.currency).major,
        "cap": Money(cap, one.currency).major if cap is not None else None,
    }

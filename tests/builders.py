"""Values for tests: valid by default, each field open to the test that is about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from domain.currencies import currency
from domain.fees.schedule import Bearer, Fee, FeeSchedule
from domain.ids import (
    AccountId,
    AttemptId,
    EndpointId,
    EventId,
    JobId,
    KeyId,
    PaymentId,
    RefundId,
    SpendId,
    TenantId,
    WalletId,
)
from domain.money import Money
from domain.payments.attempt import Attempt
from domain.payments.evidence import Evidence, Rank
from domain.payments.intent import Customer, Intent
from domain.payments.outcome import (
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.routing import Candidate, Decision, Snapshot, route
from domain.ports.clock import Clock
from domain.ports.ids import Ids
from domain.ports.jobs import Job, JobKind
from domain.ports.unit_of_work import KeyRecord, StoredNotice
from domain.tenants.api_key import EVERY_SCOPE, ApiKey
from domain.tenants.tenant import Policy, ProviderAccount, Tenant

NOW: Final = datetime(2026, 2, 7, 9, 58, tzinfo=UTC)
PHP: Final = currency("PHP")
USD: Final = currency("USD")
JPY: Final = currency("JPY")
KWD: Final = currency("KWD")
ACME: Final = TenantId("ten_acme")
OTHER: Final = TenantId("ten_other")

# S1.05: what the Philippine orchestrator charges.
MAYA_FEES: Final = FeeSchedule(currency=PHP, rate_bps=250, fixed_minor=1500)
GCASH_FEES: Final = FeeSchedule(currency=PHP, rate_bps=350, fixed_minor=1000)
CASH_FEES: Final = FeeSchedule(currency=PHP)
FEES: Final[Mapping[str, FeeSchedule]] = {
    "maya": MAYA_FEES,
    "gcash": GCASH_FEES,
    "cash": CASH_FEES,
}


class StillClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self, at: datetime = NOW) -> None:
        self._at, self._elapsed_s = at, 0.0

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)
        self._elapsed_s += seconds


class CountingIds(Ids):
    """1, 2, 3, … whatever is asked for; they look and sort like real ones."""

    def __init__(self, first: int = 1) -> None:
        self._numbers = count(first)

    def payment_id(self) -> PaymentId:
        return PaymentId(f"pay_{next(self._numbers):026d}")

    def refund_id(self) -> RefundId:
        return RefundId(f"rfd_{next(self._numbers):026d}")

    def tenant_id(self) -> TenantId:
        return TenantId(f"ten_{next(self._numbers):026d}")

    def account_id(self) -> AccountId:
        return AccountId(f"acc_{next(self._numbers):026d}")

    def endpoint_id(self) -> EndpointId:
        return EndpointId(f"whk_{next(self._numbers):026d}")

    def key_id(self) -> KeyId:
        return KeyId(f"key_{next(self._numbers):016d}")

    def event_id(self) -> EventId:
        return EventId(f"evt_{next(self._numbers):026d}")

    def wallet_id(self) -> WalletId:
        return WalletId(f"wal_{next(self._numbers):026d}")

    def spend_id(self) -> SpendId:
        return SpendId(f"spd_{next(self._numbers):026d}")

    def secret(self, size: int) -> bytes:
        return next(self._numbers).to_bytes(size, "big")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def php(text: str) -> Money:
    """php("1500.00")"""
    return Money.parse(text, PHP)


def payment_id(number: int = 1) -> PaymentId:
    return PaymentId(f"pay_{number:026d}")


def account_id(provider: str) -> AccountId:
    """Its builder's account at a provider: acc_ and 26 characters."""
    return AccountId(f"acc_{provider.upper().ljust(26, '0')}")


def a_candidate(
    provider: str = "maya",
    amount: Money | None = None,
    *,
    bearer: Bearer = Bearer.MERCHANT,
    **more: Any,
) -> Candidate:
    """An account with the price list of S1.05 (Maya's for a provider not in it)."""
    due = amount if amount is not None else php("1500.00")
    schedule = replace(FEES.get(provider, MAYA_FEES), currency=due.currency)
    known: dict[str, Any] = {
        "provider": provider,
        "account_id": account_id(provider),
        "fee": schedule.quote(due, bearer),
    }
    return Candidate(**(known | more))


def a_decision(
    amount: Money | None = None,
    providers: Sequence[str] = ("maya", "gcash"),
    *,
    bearer: Bearer = Bearer.MERCHANT,
    offline: bool = False,
    policy: Policy | None = None,
    method: str | None = None,
) -> Decision:
    return route(
        Snapshot(
            candidates=tuple(
                a_candidate(one, amount, bearer=bearer, offline=offline) for one in providers
            ),
            policy=policy if policy is not None else Policy(),
            method=method,
            sticky="cus_42",
        )
    )


def an_intent(amount: Money | None = None, **more: Any) -> Intent:
    known: dict[str, Any] = {
        "amount": amount if amount is not None else php("1500.00"),
        "reference": "order-1001",
        "customer": Customer(
            id="cus_42", name="Maria Santos", email="maria@example.com", phone="+639171234567"
        ),
        "method": None,
        "country": "PH",
        "bearer": Bearer.MERCHANT,
        "description": "2 tickets",
        "return_url": "https://shop.example/return",
        "metadata": {"cart": "c-9"},
        "created_at": NOW,
    }
    known |= more
    known.setdefault("expires_at", known["created_at"] + timedelta(seconds=1800))
    return Intent(**known)


def a_payment(
    number: int = 1,
    *,
    tenant_id: TenantId = ACME,
    amount: Money | None = None,
    providers: Sequence[str] = ("maya", "gcash"),
    bearer: Bearer = Bearer.MERCHANT,
    offline: bool = False,
    **intent: Any,
) -> Payment:
    """Just initiated: its first attempt is open at the first of the decision's order.

    With `providers` empty it has failed. More arguments are fields of the intent.
    """
    decision = a_decision(amount, providers, bearer=bearer, offline=offline)
    wanted = an_intent(amount, bearer=bearer, **intent)
    return Payment.initiate(payment_id(number), tenant_id, wanted, decision)


def current(payment: Payment) -> Attempt:
    """The attempt that paid, else the latest; there must be one."""
    attempt = payment.current
    assert attempt is not None
    return attempt


def attempt_id(payment: Payment, number: int = 1) -> AttemptId:
    return payment.attempts[number - 1].id


_said = count(1)


def said(answer: Answer, rank: Rank = Rank.REPLY, **more: Any) -> Evidence:
    """Evidence with an id of its own, heard at NOW."""
    known: dict[str, Any] = {"id": f"said-{next(_said):08d}", "at": NOW, "cause": "test"}
    return Evidence(rank=rank, answer=answer, **(known | more))


def succeeded(amount: Money | None = None, reference: str | None = "ref-1") -> Succeeded:
    return Succeeded(
        amount=amount if amount is not None else php("1500.00"), provider_reference=reference
    )


def pending(reference: str | None = "ref-1") -> Pending:
    return Pending(provider_reference=reference)


def a_failure(
    code: FailureCode = FailureCode.INSUFFICIENT_FUNDS,
    kind: FailureKind = FailureKind.DECLINED,
    provider_code: str | None = "51",
) -> Failure:
    return Failure(code, "Not enough money.", kind, provider_code)


def declined(*, elsewhere: bool = False, failure: Failure | None = None) -> Declined:
    return Declined(failure=failure or a_failure(), elsewhere=elsewhere)


def not_sent() -> NotSent:
    return NotSent("connection refused")


def unknown() -> Unknown:
    return Unknown(reason="read timeout", timed_out=True)


def not_found() -> NotFound:
    return NotFound()


def a_paid_payment(number: int = 1, **more: Any) -> Payment:
    """Paid by its first attempt."""
    payment = a_payment(number, **more)
    first = current(payment)
    return payment.hear(first.id, said(succeeded(first.charged)))


def a_refund(payment: Payment, number: int = 1, amount: Money | None = None, **more: Any) -> Refund:
    """Of the payment's current attempt; of all of it unless told otherwise."""
    attempt = current(payment)
    known: dict[str, Any] = {
        "id": RefundId(f"rfd_{number:026d}"),
        "tenant_id": payment.tenant_id,
        "payment_id": payment.id,
        "attempt_id": attempt.id,
        "account_id": attempt.account_id,
        "provider": attempt.provider,
        "amount": amount if amount is not None else payment.amount,
        "reason": "requested by customer",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Refund(**(known | more))


def a_tenant(tenant_id: TenantId = ACME, **more: Any) -> Tenant:
    known: dict[str, Any] = {"name": "Acme Tickets", "created_at": NOW}
    return Tenant(id=tenant_id, **(known | more))


def an_account(provider: str = "maya", tenant_id: TenantId = ACME, **more: Any) -> ProviderAccount:
    known: dict[str, Any] = {
        "id": account_id(provider),
        "sealed": b"\x01sealed\x00",
        "created_at": NOW,
    }
    return ProviderAccount(provider=provider, tenant_id=tenant_id, **(known | more))


def an_api_key(number: int = 1, tenant_id: TenantId = ACME, **more: Any) -> ApiKey:
    known: dict[str, Any] = {
        "name": "till",
        "digest": bytes([number]) * 32,
        "scopes": EVERY_SCOPE,
        "created_at": NOW,
    }
    return ApiKey(id=KeyId(f"key_{number:016d}"), tenant_id=tenant_id, **(known | more))


def a_job(name: str = "inquire:att_1", tenant_id: TenantId = ACME, **more: Any) -> Job:
    known: dict[str, Any] = {
        "kind": JobKind.INQUIRE,
        "run_at": NOW,
        "about": {"payment": "pay_1", "attempt": "att_1"},
    }
    return Job(id=JobId(name), tenant_id=tenant_id, **(known | more))


def a_key_record(key: str = "k1", **more: Any) -> KeyRecord:
    known: dict[str, Any] = {
        "scope": "initiate",
        "fingerprint": b"\x00\xff" * 16,
        "resource_id": payment_id(),
        "created_at": NOW,
    }
    return KeyRecord(key=key, **(known | more))


def a_notice(notice_id: str = "evt_1", **more: Any) -> StoredNotice:
    known: dict[str, Any] = {
        "account_id": account_id("maya"),
        "provider": "maya",
        "received_at": NOW,
        "body": b'{"id": "evt_1"}\x00\xff',
        "headers": {"x-signature": "abc", "content-type": "application/json"},
        "trusted": True,
    }
    return StoredNotice(id=notice_id, **(known | more))


def a_fee(amount: Money, provider: str = "maya", bearer: Bearer = Bearer.MERCHANT) -> Fee:
    return FEES[provider].quote(amount, bearer)

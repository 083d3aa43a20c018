"""A provider with its own books that answers as it is told: state, no mock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.errors import Forged, Unreadable
from domain.fees.schedule import FeeSchedule
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotFound,
    NotSent,
    Outcome,
    Pending,
    Succeeded,
    Unknown,
)
from domain.ports.providers import (
    Callback,
    Callbacks,
    Cancels,
    Charge,
    Lookup,
    Notice,
    PaymentProvider,
    Prepared,
    Prepares,
    Providers,
    RefundOrder,
    Refunds,
)
from domain.providers.deadlines import Deadlines
from domain.providers.profile import Kind, Profile, Promises
from domain.tenants.tenant import ProviderAccount
from tests.builders import PHP

DOWN = Declined(
    failure=Failure(FailureCode.PROVIDER_UNAVAILABLE, "It is down.", FailureKind.UNAVAILABLE),
    elsewhere=True,
)
REFUSED = Declined(
    failure=Failure(FailureCode.PAYER_REJECTED, "The payer said no.", FailureKind.DECLINED)
)
NOES = {"no": REFUSED, "low": DOWN}
LOST = Unknown(reason="read timeout", timed_out=True)


@dataclass
class Booked:
    amount: Money
    answer: Answer
    refunds: dict[str, Money] = field(default_factory=dict)


Script = Callable[[Charge], Outcome | None]


class Company(PaymentProvider, Refunds, Cancels, Callbacks):
    """`script` decides what a charge answers; None: it is booked and pending. `silent` cuts the
    answer after the books were written."""

    def __init__(self, name: str, signature: str | None = None) -> None:
        self.name = name
        self.signature = signature or name  # the same for all accounts, unless one has its own
        self.books: dict[str, Booked] = {}
        self.script: Script = lambda charge: None
        self.refund_script: Callable[[RefundOrder], Outcome | None] = lambda order: None
        self.silent = False
        self.silent_refunds = False
        self.silent_queries = False
        self.silent_refund_queries = False
        self.bounced = set[str]()  # refunds that came back
        self.calls: list[str] = []
        self.before_answer: Callable[[Charge], Any] | None = None

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        self.calls.append(f"charge {charge.attempt_id}")
        said = self.script(charge)
        if isinstance(said, Declined | NotSent):
            return said
        assert charge.attempt_id not in self.books, "a charge is sent once"
        url = f"https://{self.name}.example/{charge.attempt_id}"
        waits = Pending(
            provider_reference=f"{self.name}-{charge.attempt_id}",
            next_action=NextAction(type=ActionType.REDIRECT, url=url),
        )
        self.books[charge.attempt_id] = Booked(charge.amount, waits)
        if self.before_answer is not None:
            await self.before_answer(charge)
        if said is not None:
            self.books[charge.attempt_id].answer = said
        return LOST if self.silent else (said or waits)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        self.calls.append(f"find {lookup.attempt_id}")
        if self.silent_queries:
            return LOST
        booked = self.books.get(lookup.attempt_id)
        return booked.answer if booked is not None else NotFound()

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        booked = self.books.get(lookup.attempt_id)
        if booked is None or not isinstance(booked.answer, Pending):
            return booked.answer if booked is not None else NotFound()
        booked.answer = Declined(
            failure=Failure(FailureCode.CANCELED, "It was canceled.", FailureKind.CANCELED)
        )
        return booked.answer

    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        self.calls.append(f"refund {order.refund_id}")
        said = self.refund_script(order)
        if isinstance(said, Declined | NotSent):
            return said
        refunds = self.books[order.attempt_id].refunds
        assert order.refund_id not in refunds, "a refund is sent once"
        refunds[order.refund_id] = order.amount
        if self.silent_refunds:
            return LOST
        return said or Succeeded(amount=order.amount)

    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        self.calls.append(f"find_refund {order.refund_id}")
        if self.silent_refund_queries:
            return LOST
        amount = self.books[order.attempt_id].refunds.get(order.refund_id)
        if amount is not None:
            return Succeeded(amount=amount)
        return REFUSED if order.refund_id in self.bounced else NotFound()

    def receive(self, callback: Callback, now: datetime) -> Notice:
        """The body reads `id|attempt or refund|minor, no or low`; the header `signature` says
        whether it is signed."""
        if callback.headers.get("signature") != self.signature:
            raise Forged()
        notice_id, attempt, minor = callback.body.decode().split("|")
        if attempt.startswith("rfd_"):
            return Notice(
                id=notice_id,
                trusted=True,
                refund_id=attempt,
                answer=NOES.get(minor) or Succeeded(amount=Money(int(minor), PHP)),
            )
        return Notice(
            id=notice_id,
            trusted="hint" not in callback.headers,
            attempt_id=attempt,
            answer=Succeeded(amount=Money(int(minor), PHP)) if minor != "no" else REFUSED,
        )

    def pay(self, attempt_id: str, minor: int | None = None) -> None:
        """The payer approves."""
        booked = self.books[attempt_id]
        amount = booked.amount if minor is None else Money(minor, PHP)
        booked.answer = Succeeded(amount=amount)

    def bounce(self, refund_id: str) -> Money | None:
        """The payee's bank sends the money of a refund back. None: there is no such refund."""
        for one in self.books.values():
            if (money := one.refunds.pop(refund_id, None)) is not None:
                self.bounced.add(refund_id)
                return money
        return None

    @property
    def kept_minor(self) -> int:
        """What it holds of the payers' money, net of what it gave back."""
        taken = sum(
            one.answer.amount.minor
            for one in self.books.values()
            if isinstance(one.answer, Succeeded)
        )
        back = sum(money.minor for one in self.books.values() for money in one.refunds.values())
        return taken - back


class TwoStepCompany(Company, Prepares):
    """Its charge has a money-free first step."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.prepare_script: Callable[[Charge], Declined | NotSent | None] = lambda charge: None
        self.prepared: list[str] = []

    async def prepare(self, charge: Charge, *, timeout_s: float) -> Prepared | Declined | NotSent:
        if (said := self.prepare_script(charge)) is not None:
            return said
        self.prepared.append(charge.attempt_id)
        return Prepared(f"pi-{charge.attempt_id}")

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        assert charge.provider_reference == f"pi-{charge.attempt_id}"
        return await super().charge(charge, timeout_s=timeout_s)


class Counter(PaymentProvider, Cancels):
    """Cash: nothing is sent anywhere; a person confirms."""

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        action = NextAction(
            type=ActionType.PAY_OFFLINE, instructions="Pay at the desk.", reference_code="C4SH"
        )
        return Pending(next_action=action)

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        return Pending()

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        return Declined(
            failure=Failure(FailureCode.CANCELED, "It was canceled.", FailureKind.CANCELED)
        )


def profile(code: str, bps: int = 0, fixed: int = 0, **changes: Any) -> Profile:
    """A wallet for PHP in the Philippines."""
    plain = Profile(
        code=code,
        title=code.title(),
        kind=Kind.WALLET,
        currencies=frozenset({"PHP"}),
        countries=frozenset({"PH"}),
        fees=(FeeSchedule(currency=PHP, rate_bps=bps, fixed_minor=fixed),),
        promises=Promises(strongly_consistent=True, visibility_s=120),
        refunds=True,
        partial_refunds=True,
        cancels=True,
        callbacks=True,
    )
    return replace(plain, **changes)


class Companies(Providers):
    """Maya and GCash by the price list of S1.05, and cash."""

    def __init__(self) -> None:
        self.maya, self.gcash, self.cash = Company("maya"), TwoStepCompany("gcash"), Counter()
        self.own: dict[str, PaymentProvider] = {}  # clients of accounts that sign differently
        self.locked: set[str] = set()  # accounts whose credentials no key opens
        self._profiles = {
            "maya": profile("maya", 250, 1500),
            "gcash": profile("gcash", 350, 1000),
            "cash": profile("cash", offline=True, refunds=False, kind=Kind.CASH),
        }

    @property
    def profiles(self) -> Mapping[str, Profile]:
        return self._profiles

    def replace(self, code: str, profile: Profile) -> None:
        """The company takes other payments from now on."""
        self._profiles[code] = profile

    def open(self, account: ProviderAccount) -> PaymentProvider:
        if account.id in self.locked:
            raise Unreadable()
        client: PaymentProvider = getattr(self, account.provider)
        return self.own.get(account.id, client)

    def deadlines(self, account: ProviderAccount) -> Deadlines:
        return self._profiles[account.provider].deadlines.changed(account.deadlines)

    def configure(self, provider: str, config: Mapping[str, Any]) -> PaymentProvider:
        client: PaymentProvider = getattr(self, provider)
        return client

    def seal(self, account_id: str, provider: str, config: Mapping[str, Any]) -> bytes:
        return b"sealed"

    def unseal(self, account: ProviderAccount) -> Mapping[str, Any]:
        return {}

    def sealed_with(self, account: ProviderAccount, more: Mapping[str, Any]) -> bytes:
        return self.seal(account.id, account.provider, more) if more else account.sealed

    def recognise(self, callback: Callback) -> str | None:
        signature = callback.headers.get("signature")
        return signature.partition("/")[0] if signature is not None else None

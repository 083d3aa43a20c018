"""Port: companies that can move money for us, and how their accounts are opened."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol, TypeGuard, TypeVar, runtime_checkable

from domain.ids import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import Answer, Declined, NotSent, Outcome
from domain.payments.proof import Handed
from domain.providers.deadlines import Deadlines
from domain.providers.profile import Profile
from domain.tenants.market import Market
from domain.tenants.tenant import ProviderAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """All a provider needs. `attempt_id` is the reference, and the key where it takes keys."""

    attempt_id: AttemptId
    payment_id: PaymentId
    amount: Money  # what the payer is asked for
    reference: str  # the merchant's own, for the payer's eyes
    description: str
    customer: Customer
    country: str | None
    return_url: str | None
    opened_at: datetime
    expires_at: datetime
    provider_reference: str | None = None  # from prepare(), for two-step providers


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What a query is about."""

    attempt_id: AttemptId
    amount: Money
    provider_reference: str | None
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """Give `amount` of `paid` back. `refund_id` is the key the provider sees."""

    refund_id: RefundId
    attempt_id: AttemptId
    amount: Money
    paid: Money  # what the attempt took
    reason: str
    provider_reference: str | None  # of the attempt
    refund_reference: str | None = None  # the provider's own id of this refund, once known
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The money-free step is done; nothing can be charged until `charge` is called with it."""

    provider_reference: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A request to our callback address, as received. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a callback says. `id` is the same for repeats of the same fact.

    `attempt_id` (our reference) or `provider_reference` says what it is about. `trusted` False:
    it is only a hint that makes us query. `answer` None: nothing of interest to a payment.
    """

    id: str
    trusted: bool
    attempt_id: str | None = None
    refund_id: str | None = None
    provider_reference: str | None = None
    answer: Answer | None = None


class PaymentProvider(Protocol):
    """The least a provider must do: charge, and later say what became of it.

    Calls end within `timeout_s` seconds and never raise for what a provider or the network does:
    a refusal is Declined, nothing sent is NotSent, no usable answer is Unknown. `charge` is
    called at most once per attempt.
    """

    @abstractmethod
    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Ask for the money."""

    @abstractmethod
    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """What became of it. A failed query is Unknown; NotFound only when the provider says so."""


@runtime_checkable
class Prepares(Protocol):
    """A provider whose charge has a money-free first step that gives its reference."""

    @abstractmethod
    async def prepare(self, charge: Charge, *, timeout_s: float) -> Prepared | Declined | NotSent:
        """Never Unknown: a lost answer leaves something that can't be charged."""


@runtime_checkable
class Refunds(Protocol):
    """A provider that can give money back."""

    @abstractmethod
    async def refund(self, order: RefundOrder, *, timeout_s: float) -> Outcome:
        """Ask for it. Declined with `elsewhere` means: not executed, may be sent again later."""

    @abstractmethod
    async def find_refund(self, order: RefundOrder, *, timeout_s: float) -> Answer:
        """What became of it."""


@runtime_checkable
class Cancels(Protocol):
    """A provider that can end a payment nobody has paid yet."""

    @abstractmethod
    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Declined(canceled) when it can never be paid any more; else what it is instead."""


@runtime_checkable
class Callbacks(Protocol):
    """A provider that calls us."""

    @abstractmethod
    def receive(self, callback: Callback, now: datetime) -> Notice:
        """Verify, then read. Raises Forged for a bad signature or age, Invalid for nonsense."""


@runtime_checkable
class Registers(Protocol):
    """A provider whose callbacks are registered through its own API."""

    @abstractmethod
    async def register(self, callback_url: str, *, timeout_s: float) -> Mapping[str, Any]:
        """Register; return what to add to the account's configuration (a signing secret).

        Raises Invalid with the provider's words when it refuses or can't be reached.
        """


@runtime_checkable
class Probes(Protocol):
    """A provider whose credentials can be tried without moving money."""

    @abstractmethod
    async def probe(self, *, timeout_s: float) -> None:
        """Raises Invalid naming the field when the provider does not accept them."""


@runtime_checkable
class Local(Protocol):
    """A provider whose accounts are for one country and currency each."""

    @abstractmethod
    def market(self) -> Market:
        """This account's."""


@runtime_checkable
class TakesProofs(Protocol):
    """A provider whose payers hand in a proof, since nobody can be asked."""

    @abstractmethod
    def read_proof(self, handed: Handed) -> Handed:
        """In one form, its bank named. Raises Invalid naming the field."""


@runtime_checkable
class FourEyes(Protocol):
    """A provider whose account says how many people must confirm an amount."""

    @abstractmethod
    def confirmations(self, amount: Money) -> int:
        """Different people, 1 or 2."""


A = TypeVar("A")


def able(client: object, ability: type[A]) -> TypeGuard[A]:
    """isinstance, which looks for each member of a protocol anew; here a class keeps its answer."""
    kind: Any = type(client)
    wanted: Any = ability
    return _is_able(kind, wanted)


@cache
def _is_able(kind: Any, ability: Any) -> bool:
    return issubclass(kind, ability)


class Providers(Protocol):
    """The providers of this build, and clients for a tenant's accounts at them."""

    @property
    @abstractmethod
    def profiles(self) -> Mapping[str, Profile]:
        """Every provider of the build, by code."""

    @abstractmethod
    def open(self, account: ProviderAccount) -> PaymentProvider:
        """A client with the account's credentials; cheap to call again."""

    @abstractmethod
    def deadlines(self, account: ProviderAccount) -> Deadlines:
        """How long its calls may take: the account's own, then the installation's, then what the
        provider's profile says."""

    @abstractmethod
    def configure(self, provider: str, config: Mapping[str, Any]) -> PaymentProvider:
        """A client for credentials not stored yet. Raises Invalid naming the wrong field."""

    @abstractmethod
    def seal(self, account_id: str, provider: str, config: Mapping[str, Any]) -> bytes:
        """The credentials as they are stored: sealed for this account only."""

    @abstractmethod
    def unseal(self, account: ProviderAccount) -> Mapping[str, Any]:
        """The account's credentials and settings in clear. Raises Unreadable."""

    @abstractmethod
    def sealed_with(self, account: ProviderAccount, more: Mapping[str, Any]) -> bytes:
        """The account's credentials with these in them; as they were when nothing is new. Raises
        Invalid naming the wrong field."""

    @abstractmethod
    def recognise(self, callback: Callback) -> str | None:
        """Which provider sent it, by its headers and body; None when none fits."""

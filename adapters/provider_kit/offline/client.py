"""What the offline family shares: a code for the payer, the end of the time to pay, four eyes."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final

import msgspec

from adapters.provider_kit.offline.code import code_of, grouped
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import (
    ActionType,
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    Outcome,
    Pending,
)
from domain.ports.clock import Clock
from domain.ports.providers import Cancels, Charge, FourEyes, Lookup, PaymentProvider

LONGEST: Final = 200  # characters of what a payer is shown


class OfflineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`four_eyes_above`: amounts beyond which two different people must confirm, by currency, as
    {"SDG": "100000.00"}; "0" is always. Without: one person's word is enough."""

    four_eyes_above: dict[str, str] = {}

    def __post_init__(self) -> None:
        self.thresholds()

    def thresholds(self) -> Mapping[str, int]:
        """In minor units. Raises ValueError."""
        try:
            return {
                code: Money.parse(text, currency(code)).minor
                for code, text in self.four_eyes_above.items()
            }
        except Invalid as error:
            raise ValueError(f"four_eyes_above by currency: {error}") from None


class OfflineClient(PaymentProvider, Cancels, FourEyes):
    """Pending until the payment's time is over; a person may say otherwise at any moment."""

    def __init__(self, config: OfflineConfig, clock: Clock) -> None:
        self._clock = clock
        self._four_eyes_above = config.thresholds()

    @abstractmethod
    def words(self, amount: Money, code: str) -> str:
        """What the payer does, to be shown."""

    def code(self, attempt_id: str) -> str:
        """What the payer gives with the money; always the same for an attempt."""
        return grouped(code_of(attempt_id))

    def action(self, lookup: Lookup, code: str) -> NextAction:
        """What the payer does next."""
        return NextAction(
            type=ActionType.PAY_OFFLINE,
            instructions=self.words(lookup.amount, code),
            reference_code=code,
            expires_at=lookup.expires_at,
        )

    async def charge(self, charge: Charge, *, timeout_s: float) -> Outcome:
        """Nothing is asked of anybody: the payer is told a code."""
        return self._waiting(
            Lookup(
                attempt_id=charge.attempt_id,
                amount=charge.amount,
                provider_reference=None,
                opened_at=charge.opened_at,
                expires_at=charge.expires_at,
            )
        )

    async def find(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """Waiting, or too late."""
        if self._clock.now() < lookup.expires_at:
            return self._waiting(lookup)
        words = "Nobody paid in time."
        return self._ended(FailureCode.EXPIRED, FailureKind.EXPIRED, words, lookup)

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """The code is no longer taken."""
        words = "It was canceled."
        return self._ended(FailureCode.CANCELED, FailureKind.CANCELED, words, lookup)

    def confirmations(self, amount: Money) -> int:
        """Two beyond the account's threshold for that currency."""
        above = self._four_eyes_above.get(amount.currency.code)
        return 1 if above is None or amount.minor <= above else 2

    def _waiting(self, lookup: Lookup) -> Pending:
        code = self.code(lookup.attempt_id)
        return Pending(provider_reference=code, next_action=self.action(lookup, code))

    def _ended(self, code: FailureCode, kind: FailureKind, words: str, lookup: Lookup) -> Declined:
        reference = self.code(lookup.attempt_id)
        return Declined(failure=Failure(code, words, kind), provider_reference=reference)


def told(field: str, text: str, shortest: int = 0) -> str:
    """A configured text that payers are shown. Raises ValueError naming the field."""
    plain = " ".join(text.split())
    if not shortest <= len(plain) <= LONGEST:
        least = f"{shortest} to " if shortest else "at most "
        raise ValueError(f"{field} must be {least}{LONGEST} characters")
    return plain

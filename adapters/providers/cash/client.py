"""Cash: a code to say at the counter, and the end of the time to pay."""

import msgspec

from adapters.providers.cash.code import code_of, grouped
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
from domain.ports.providers import Cancels, Charge, Lookup, PaymentProvider


class CashConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`place` tells the payer where, for example "at the reception, 9 to 17"."""

    place: str = ""

    def __post_init__(self) -> None:
        if len(self.place) > 200:
            raise ValueError("is at most 200 characters")


class CashClient(PaymentProvider, Cancels):
    """Pending until the payment's time is over; a person may say otherwise at any moment."""

    def __init__(self, config: CashConfig, clock: Clock) -> None:
        self._place = config.place
        self._clock = clock

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
        return _ended(FailureCode.EXPIRED, FailureKind.EXPIRED, "Nobody paid in time.", lookup)

    async def cancel(self, lookup: Lookup, *, timeout_s: float) -> Answer:
        """The code is no longer taken."""
        return _ended(FailureCode.CANCELED, FailureKind.CANCELED, "It was canceled.", lookup)

    def _waiting(self, lookup: Lookup) -> Pending:
        code = grouped(code_of(lookup.attempt_id))
        action = NextAction(
            type=ActionType.PAY_OFFLINE,
            instructions=_words(lookup.amount, code, self._place),
            reference_code=code,
            expires_at=lookup.expires_at,
        )
        return Pending(provider_reference=code, next_action=action)


def _words(amount: Money, code: str, place: str) -> str:
    where = f" {place.strip()}" if place.strip() else ""
    return f"Pay {amount.currency.code} {amount.major} in cash{where} and say the code {code}."


def _ended(code: FailureCode, kind: FailureKind, words: str, lookup: Lookup) -> Declined:
    reference = grouped(code_of(lookup.attempt_id))
    return Declined(failure=Failure(code, words, kind), provider_reference=reference)

"""A transaction number is one payment's: nobody pays twice with one transfer."""

from typing import Final

from domain.errors import TransactionUsed
from domain.payments.attempt import AttemptStatus
from domain.payments.proof import Claim
from domain.ports.unit_of_work import UnitOfWork

GIVEN_UP: Final = (AttemptStatus.FAILED, AttemptStatus.CANCELED)
"""Ends after which no person can say any more that offline money came: its number is free again.
Expired is not among them: money that comes late still pays."""


async def claim_number(unit: UnitOfWork, wanted: Claim) -> None:
    """Make the number that payment's, in this unit. Raises TransactionUsed; Conflict at commit
    when another was first."""
    found = await held(unit, wanted)
    if found is None:
        unit.proofs.add_claim(wanted)
    elif found.payment_id != wanted.payment_id:
        unit.proofs.move_claim(found.taken_over(wanted.payment_id, wanted.at))


async def held(unit: UnitOfWork, wanted: Claim) -> Claim | None:
    """Who has the number now, if anybody: that payment, or one that can't be paid any more. Raises
    TransactionUsed for any other."""
    found = await unit.proofs.claim(wanted.bank, wanted.transaction)
    if found is not None and found.payment_id != wanted.payment_id:
        other = await unit.payments.get(found.payment_id)
        if not all(one.status in GIVEN_UP for one in other.attempts if one.offline):
            raise TransactionUsed()
    return found

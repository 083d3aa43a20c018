"""The abilities of providers that nobody calls, passed through: there is nothing to count."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.money import Money
from domain.payments.proof import Handed
from domain.ports.providers import FourEyes, TakesProofs
from domain.ports.statements import StandsOnStatements


class Proving(TakesProofs):
    client: Any

    def read_proof(self, handed: Handed) -> Handed:
        read: Handed = self.client.read_proof(handed)
        return read


class Standing(StandsOnStatements):
    client: Any

    def references_in(self, text: str) -> Sequence[str]:
        found: Sequence[str] = self.client.references_in(text)
        return found

    def statement_bank(self) -> str | None:
        bank: str | None = self.client.statement_bank()
        return bank


class Confirming(FourEyes):
    client: Any

    def confirmations(self, amount: Money) -> int:
        needed: int = self.client.confirmations(amount)
        return needed


BY_HAND: Final[Mapping[type, type[Any]]] = {
    TakesProofs: Proving,
    StandsOnStatements: Standing,
    FourEyes: Confirming,
}

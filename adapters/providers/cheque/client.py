"""Cheques: to whom they are made out, and what is read off one."""

from adapters.provider_kit.offline.client import OfflineClient, OfflineConfig, told
from domain.errors import Invalid
from domain.money import Money
from domain.payments.proof import Handed, bank_of, number_of
from domain.ports.clock import Clock
from domain.ports.providers import TakesProofs


class ChequeConfig(OfflineConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`payee` is to whom a cheque is made out, `place` where it is handed over."""

    payee: str
    place: str = ""

    def __post_init__(self) -> None:
        self.thresholds()
        told("payee", self.payee, 1)
        told("place", self.place)


class ChequeClient(OfflineClient, TakesProofs):
    def __init__(self, config: ChequeConfig, clock: Clock) -> None:
        super().__init__(config, clock)
        self._payee, self._place = told("payee", config.payee), told("place", config.place)

    def words(self, amount: Money, code: str) -> str:
        """To whom, how much, where, and the code for its back."""
        where = f" {self._place}" if self._place else ""
        return (
            f"Make a cheque of {amount.currency.code} {amount.major} out to {self._payee}, write "
            f"{code} on its back, and hand it over{where}."
        )

    def read_proof(self, handed: Handed) -> Handed:
        """Numbers of cheques are unique in one drawer's book, so the bank and the account are
        part of it, and the day on which it clears. Raises Invalid."""
        if handed.bank is None:
            raise Invalid("is needed: the bank it is drawn on", "bank")
        if handed.account is None:
            raise Invalid("is needed: the account it is drawn on", "account")
        if handed.clears_on is None:
            raise Invalid("is needed: the day on which it clears", "clearsOn")
        return Handed(
            transaction=number_of(handed.transaction, "transactionNumber"),
            bank=bank_of(handed.bank),
            account=number_of(handed.account, "account"),
            clears_on=handed.clears_on,
            has_image=handed.has_image,
        )

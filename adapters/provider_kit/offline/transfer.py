"""A transfer to the merchant's account, with a proof: its number, and perhaps a picture.

Of banks and wallets without a public merchant API nothing is invented here: the payer transfers
the exact amount by whatever means the bank gives, and hands in what the bank's receipt says.
"""

from collections.abc import Sequence
from typing import Final

from adapters.provider_kit.manifest import Manifest
from adapters.provider_kit.offline.client import OfflineClient, OfflineConfig, told
from adapters.provider_kit.offline.code import codes_in, grouped
from adapters.provider_kit.offline.folder import offline
from domain.errors import Invalid
from domain.money import Money
from domain.payments.proof import Handed, number_of
from domain.ports.clock import Clock
from domain.ports.providers import TakesProofs
from domain.ports.statements import StandsOnStatements
from domain.providers.profile import Kind

NUMBER: Final = "transactionNumber"
NO_API: Final = (
    "none: no public merchant API of this company was found (2026-11); what merchants do is a "
    "transfer with a receipt, confirmed by a person"
)


class TransferConfig(OfflineConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the payer sends the money: the account's number or phone, and in whose name.
    `note` is shown after it; `image_required`: a proof needs a picture, too."""

    account_number: str
    account_name: str
    note: str = ""
    image_required: bool = False

    def __post_init__(self) -> None:
        self.thresholds()
        told("account_number", self.account_number, 1)
        told("account_name", self.account_name, 1)
        told("note", self.note)


class TransferClient(OfflineClient, TakesProofs, StandsOnStatements):
    """`bank` is where the account is, as payers know it."""

    bank = ""

    def __init__(self, config: TransferConfig, clock: Clock) -> None:
        super().__init__(config, clock)
        self._config = config

    def words(self, amount: Money, code: str) -> str:
        """The account, the exact amount, the code."""
        config = self._config
        note = f" {told('note', config.note)}" if config.note.strip() else ""
        return (
            f"Transfer exactly {amount.currency.code} {amount.major} to account "
            f"{told('account_number', config.account_number)} of "
            f"{told('account_name', config.account_name)}{self._at()}, with {code} as the "
            f"comment. Then hand in the transaction number of the receipt.{note}"
        )

    def read_proof(self, handed: Handed) -> Handed:
        """The number is unique at the bank, so nobody need name it. Raises Invalid."""
        if handed.account is not None:
            raise Invalid("is of cheques only; leave it out", "account")
        if handed.clears_on is not None:
            raise Invalid("is of cheques only; leave it out", "clearsOn")
        self.need_image(handed)
        number = number_of(handed.transaction, NUMBER)
        return Handed(
            transaction=number, bank=self.bank_of(handed.bank), has_image=handed.has_image
        )

    def bank_of(self, named: str | None) -> str | None:
        """Whose number it is; None: this provider's. Raises Invalid."""
        if named is not None:
            raise Invalid(f"is {self.bank} here; leave it out", "bank")
        return None

    def references_in(self, text: str) -> Sequence[str]:
        """Codes as payers are told them."""
        return [grouped(one) for one in codes_in(text)]

    def statement_bank(self) -> str | None:
        """The numbers of receipts and of statements are the same bank's."""
        return None

    def need_image(self, handed: Handed) -> None:
        """Raises Invalid where the account asks for a picture, and there is none."""
        if self._config.image_required and not handed.has_image:
            raise Invalid("is needed: a picture of the receipt", "image")

    def _at(self) -> str:
        return f" at {self.bank}" if self.bank else ""


def manual_transfer(code: str, bank: str, kind: Kind, *, currency: str, country: str) -> Manifest:
    """The manifest of a bank or wallet that is paid by hand."""

    class Client(TransferClient):
        """Transfers within one bank or wallet."""

    Client.bank = bank
    return offline(
        code,
        f"{bank} (manual transfer)",
        kind,
        Client,
        TransferConfig,
        source=NO_API,
        currencies=[currency],
        countries=[country],
    )

"""Transfers from any bank: whose number it is, the payer says."""

from adapters.provider_kit.offline.client import told
from adapters.provider_kit.offline.transfer import TransferClient, TransferConfig
from domain.errors import Invalid
from domain.payments.proof import bank_of
from domain.ports.clock import Clock


class BankConfig(TransferConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`bank_name` is where the merchant's account is."""

    bank_name: str

    def __post_init__(self) -> None:
        super().__post_init__()
        told("bank_name", self.bank_name, 1)


class BankTransferClient(TransferClient):
    def __init__(self, config: BankConfig, clock: Clock) -> None:
        super().__init__(config, clock)
        self.bank = told("bank_name", config.bank_name)

    def bank_of(self, named: str | None) -> str | None:
        """In one form. Raises Invalid."""
        if named is None:
            raise Invalid("is needed: the bank that sent the money", "bank")
        return bank_of(named)

    def statement_bank(self) -> str | None:
        """A statement's numbers are those of the bank that received the money."""
        return bank_of(self.bank)

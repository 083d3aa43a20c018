"""PayNow: the payer scans a code, their bank sends the money, and nobody tells us.

The code carries the amount, which the payer can't change, when it ends, and our reference. Money
that came is seen on the statement of the merchant's bank.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import segno

from adapters.provider_kit.offline.client import OfflineClient, OfflineConfig
from adapters.provider_kit.offline.code import code_of, codes_in
from adapters.providers.paynow_sg.emv import LONGEST_NAME, PayNow, Proxy, encode, until
from domain.errors import Invalid
from domain.money import Money
from domain.payments.outcome import ActionType, NextAction
from domain.payments.proof import Handed, bank_of, number_of
from domain.ports.clock import Clock
from domain.ports.providers import Lookup, TakesProofs
from domain.ports.statements import StandsOnStatements

REFERENCE: Final = 15  # characters before the check: MT940 has 16 for a reference, PayNow 25
UEN: Final = re.compile(r"[0-9A-Z]{9,10}(?:[0-9A-Z]{3})?")
MOBILE: Final = re.compile(r"\+65[89]\d{7}", re.ASCII)
PIXELS: Final = 6  # of a module: some 300 in all, which a phone's camera reads off a screen


class PayNowConfig(OfflineConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the money goes: the `uen` (with its suffix, if there is one) or the `mobile` number
    that is registered with PayNow, and the name that payers see."""

    merchant_name: str
    uen: str = ""
    mobile: str = ""

    def __post_init__(self) -> None:
        self.thresholds()
        name = self.merchant_name
        if not 1 <= len(name.strip()) <= len(name) <= LONGEST_NAME:
            raise ValueError(f"merchant_name must be 1 to {LONGEST_NAME} characters")
        if not name.isascii() or not name.isprintable():
            raise ValueError("merchant_name must be of ASCII characters")
        if self.uen and not UEN.fullmatch(self.uen):
            raise ValueError("uen must be 9 or 10 capitals and digits, and 3 more of a suffix")
        if self.mobile and not MOBILE.fullmatch(self.mobile):
            raise ValueError("mobile must be like +6591234567")
        if bool(self.uen) == bool(self.mobile):
            raise ValueError("uen or mobile must be given, and not both")

    def demand(self, amount: Money, expiry: str, reference: str) -> PayNow:
        return PayNow(
            proxy=Proxy.UEN if self.uen else Proxy.MOBILE,
            account=self.uen or self.mobile,
            amount=amount,
            expiry=expiry,
            name=self.merchant_name,
            reference=reference,
        )


class PayNowClient(OfflineClient, TakesProofs, StandsOnStatements):
    def __init__(self, config: PayNowConfig, clock: Clock) -> None:
        super().__init__(config, clock)
        self._config = config

    def code(self, attempt_id: str) -> str:
        """The bill reference: 75 bits of a digest and a check character."""
        return code_of(attempt_id, REFERENCE)

    def action(self, lookup: Lookup, code: str) -> NextAction:
        """The code to scan, and for who can't, the words."""
        demand = self._config.demand(lookup.amount, until(lookup.expires_at), code)
        payload = encode(demand)
        return NextAction(
            type=ActionType.SHOW_QR,
            payload=payload,
            image_url=picture(payload),
            instructions=self.words(lookup.amount, code),
            reference_code=code,
            expires_at=lookup.expires_at,
        )

    def words(self, amount: Money, code: str) -> str:
        """What the payer types where no camera is."""
        to = f"UEN {self._config.uen}" if self._config.uen else self._config.mobile
        return (
            f"Scan the code with your bank's app, or pay exactly {amount.currency.code} "
            f"{amount.major} by PayNow to {to} with {code} as the reference."
        )

    def read_proof(self, handed: Handed) -> Handed:
        """Numbers are unique at the bank that sent the money, which the payer names. Raises
        Invalid."""
        if handed.account is not None:
            raise Invalid("is of cheques only; leave it out", "account")
        if handed.clears_on is not None:
            raise Invalid("is of cheques only; leave it out", "clearsOn")
        if handed.bank is None:
            raise Invalid("is needed: the bank that sent the money", "bank")
        return Handed(
            transaction=number_of(handed.transaction, "transactionNumber"),
            bank=bank_of(handed.bank),
            has_image=handed.has_image,
        )

    def references_in(self, text: str) -> Sequence[str]:
        """Bill references, as the code carries them."""
        return codes_in(text, REFERENCE)

    def statement_bank(self) -> str | None:
        """The merchant's bank: whoever pays, its statement has the numbers."""
        return None


@lru_cache(256)  # it is asked for again with each look at the clock, and takes milliseconds
def picture(payload: str) -> str:
    """A PNG as a data address."""
    code = segno.make(payload, error="m", micro=False)
    return code.png_data_uri(scale=PIXELS)

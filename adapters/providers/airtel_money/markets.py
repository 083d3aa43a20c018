"""Where Airtel Money is: each account is one country's, with one currency.

Numbers are told by country alone where they can be carried from network to network, or their
prefixes are not known here; Airtel then says by itself whose number it does not have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.providers.network import Network

SHARED: Final = "airtel.africa"


@dataclass(frozen=True, slots=True)
class Market:
    """`host` ends the addresses; `signs` is whether messages must be signed there (version 2)."""

    currency: str
    network: Network
    host: str = SHARED
    signs: bool = False

    def has(self, phone: str | None) -> bool:
        """Whether that number can be asked."""
        return phone is not None and self.network.has(phone)


def _market(country: str, currency: str, code: str, length: int) -> Market:
    return Market(currency, Network(country, code, ("",), length))


ZAMBIA: Final = Network("ZM", "260", ("97", "77", "57"), 9)
MARKETS: Final[Mapping[str, Market]] = {
    "ZM": Market("ZMW", ZAMBIA, "airtel.co.zm", signs=True),
    "UG": _market("UG", "UGX", "256", 9),
    "KE": _market("KE", "KES", "254", 9),
    "TZ": _market("TZ", "TZS", "255", 9),
    "RW": _market("RW", "RWF", "250", 9),
    "MW": _market("MW", "MWK", "265", 9),
    "NG": _market("NG", "NGN", "234", 10),
    "CD": _market("CD", "CDF", "243", 9),
    "CG": _market("CG", "XAF", "242", 9),
    "GA": _market("GA", "XAF", "241", 8),
    "TD": _market("TD", "XAF", "235", 8),
    "NE": _market("NE", "XOF", "227", 8),
    "MG": _market("MG", "MGA", "261", 9),
    "SC": _market("SC", "SCR", "248", 7),
}

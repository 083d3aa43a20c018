"""Where MTN MoMo is: each target environment is one country with one currency.

Numbers are told by country alone where they can be carried from network to network, or their
prefixes are not known here; MTN then says by itself whose number is no wallet of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.providers.network import Network


@dataclass(frozen=True, slots=True)
class Market:
    """`country` None: the sandbox, which has its own payers and takes euros only."""

    country: str | None
    currency: str
    network: Network

    def has(self, phone: str | None) -> bool:
        """Whether that number can be asked; the sandbox takes any."""
        return phone is not None and (self.country is None or self.network.has(phone))


def _market(
    country: str, currency: str, code: str, length: int, prefixes: tuple[str, ...] = ("",)
) -> Market:
    return Market(country, currency, Network(country, code, prefixes, length))


SANDBOX: Final = "sandbox"
MARKETS: Final[Mapping[str, Market]] = {
    SANDBOX: Market(None, "EUR", Network("SE", "46", ("733123",), 9)),  # the documented payers
    "mtnzambia": _market("ZM", "ZMW", "260", 9, ("96", "76", "56")),
    "mtnuganda": _market("UG", "UGX", "256", 9),
    "mtnghana": _market("GH", "GHS", "233", 9),
    "mtnivorycoast": _market("CI", "XOF", "225", 10),
    "mtncameroon": _market("CM", "XAF", "237", 9),
    "mtnbenin": _market("BJ", "XOF", "229", 10),
    "mtncongo": _market("CG", "XAF", "242", 9),
    "mtnswaziland": _market("SZ", "SZL", "268", 8),
    "mtnguineaconakry": _market("GN", "GNF", "224", 9),
    "mtnsouthafrica": _market("ZA", "ZAR", "27", 9),
    "mtnliberia": _market("LR", "LRD", "231", 9),
    "mtnsouthsudan": _market("SS", "SSP", "211", 9),
    "mtnnigeria": _market("NG", "NGN", "234", 10),
    "mtnrwanda": _market("RW", "RWF", "250", 9),
}

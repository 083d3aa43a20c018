"""Cash: a code to say at the counter."""

from adapters.provider_kit.offline.client import OfflineClient, OfflineConfig, told
from domain.money import Money
from domain.ports.clock import Clock


class CashConfig(OfflineConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`place` tells the payer where, for example "at the reception, 9 to 17"."""

    place: str = ""

    def __post_init__(self) -> None:
        self.thresholds()
        told("place", self.place)


class CashClient(OfflineClient):
    def __init__(self, config: CashConfig, clock: Clock) -> None:
        super().__init__(config, clock)
        self._place = told("place", config.place)

    def words(self, amount: Money, code: str) -> str:
        """What to pay, where, and the code to say."""
        where = f" {self._place}" if self._place else ""
        return f"Pay {amount.currency.code} {amount.major} in cash{where} and say the code {code}."

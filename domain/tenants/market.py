"""What one account at a provider serves, where that is less than the provider does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """One country with one currency. `country` None: a sandbox that is nowhere."""

    country: str | None  # ISO 3166: "ZM"
    currency: str  # ISO 4217: "ZMW"

    @property
    def described(self) -> str:
        """ZMW in ZM"""
        return f"{self.currency} in {self.country}" if self.country else self.currency

"""Whose phones a provider can ask: a mobile network's numbers in one country."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """`prefixes` begin the national number, without a trunk zero; `length` is its digits."""

    country: str  # ISO 3166: "ZM"
    code: str  # of the country, digits only: "260"
    prefixes: tuple[str, ...]
    length: int

    def has(self, phone: str) -> bool:
        """Whether an E.164 number ("+260966123456") is one of its own."""
        national = phone.removeprefix(f"+{self.code}")
        right = national != phone and len(national) == self.length
        return right and national.startswith(self.prefixes)

    @property
    def described(self) -> str:
        """+260 96…, +260 76…"""
        return ", ".join(f"+{self.code} {prefix}…" for prefix in self.prefixes)

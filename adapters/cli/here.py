"""What the command line knows of where it runs; entrypoints fill it in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Here:
    public_url: str  # where payers and providers reach this installation
    operator: str  # the name of the user at this machine

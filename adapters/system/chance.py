"""Chance: for spreading work out, never for secrets."""

import random

from domain.ports.chance import Chance


class SystemChance(Chance):
    def __call__(self) -> float:
        return random.random()  # noqa: S311 - nobody gains by guessing when a job runs again

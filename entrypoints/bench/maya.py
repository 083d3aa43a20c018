"""Maya, answering at once: what its create-checkout endpoint says, and nothing kept.

Not the simulator of adapters/providers/maya: that one keeps books, which grow with each payment
and would be paid for by the process whose speed is measured. The bytes are the same kind.
"""

import random
from collections.abc import Iterator
from typing import Final

from adapters.provider_kit.transport import Request, Response

MERCHANT: Final = {"publicKey": "pk-bench", "secretKey": "sk-bench"}
JSON: Final = {"content-type": "application/json"}


def answers(seed: int) -> Iterator[bytes]:
    """Bodies with checkout ids as random as Maya's: the database indexes them."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        digits = f"{chance.getrandbits(128):032x}"
        name = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        page = f"https://payments.maya.ph/v2/checkout?id={name}"
        yield f'{{"checkoutId":"{name}","redirectUrl":"{page}"}}'.encode()


class InstantMaya:
    """A Transport that answers in process."""

    def __init__(self, seed: int = 1) -> None:
        self._answers = answers(seed)

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        return Response(200, JSON, next(self._answers))

"""Opening an account: does OCTO know the shop and its secret."""

from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.octo.errors import REFUSED, TOO_OFTEN
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

NOBODY: Final = "cauri-probe"  # asked about, and never created


class Verdict(msgspec.Struct, frozen=True):
    error: int
    words: str | None = msgspec.field(default=None, name="errMessage")


def accepted(answer: Response | NotSent | Unknown) -> None:
    """Any answer but a refusal of the shop will do: the payment that is asked about does not
    exist. Raises Invalid naming the field."""
    if not isinstance(answer, Response):
        raise Invalid(f"OCTO could not be reached: {answer.reason}", "baseUrl")
    try:
        verdict = decode(answer.body, Verdict)
    except Undecodable:
        words = "OCTO's answer can't be understood; is the address right?"
        raise Invalid(words, "baseUrl") from None
    if answer.status != 200:
        raise Invalid(f"OCTO is not available (HTTP {answer.status})", "baseUrl")
    if verdict.error == TOO_OFTEN:
        raise Invalid("OCTO asks us to slow down; try again in a second", "baseUrl")
    if verdict.error == REFUSED:
        of_shop = "shop" in (verdict.words or "").lower()
        field = "shopId" if of_shop else "secret"
        raise Invalid("OCTO does not accept it (error 2)", field)

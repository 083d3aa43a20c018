"""Opening an account: does YallaPay take the token."""

from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.yallapay.errors import KEYS
from adapters.providers.yallapay.wire import Standing, Verdict
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

NOBODY: Final = "cauri-probe"  # asked about, and never created


def accepted(answer: Response | NotSent | Unknown) -> None:
    """Any answer of YallaPay's own but a refusal of the token will do: the payment that is asked
    about does not exist. Raises Invalid naming the field."""
    if not isinstance(answer, Response):
        raise Invalid(f"YallaPay could not be reached: {answer.reason}", "baseUrl")
    if answer.status in KEYS:
        raise Invalid("YallaPay does not accept the token, or not here", "apiKey")
    if answer.status >= 500:
        raise Invalid(f"YallaPay is not available (HTTP {answer.status})", "baseUrl")
    moved = 300 <= answer.status < 400
    if moved or not any(_is(shape, answer.body) for shape in (Verdict, Standing)):
        raise Invalid("YallaPay's answer can't be understood; is the address right?", "baseUrl")


def _is(shape: type[msgspec.Struct], body: bytes) -> bool:
    try:
        decode(body, shape)
    except Undecodable:
        return False
    return True

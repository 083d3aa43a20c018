"""Opening an account: does CashiPay take the key."""

from typing import Final

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.cashipay.errors import KEYS
from adapters.providers.cashipay.wire import Problem
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

NOBODY: Final = "cauri-probe"  # asked about, and never created


def accepted(answer: Response | NotSent | Unknown) -> None:
    """A refusal of the question, not of the key, will do: there is no such payment request.
    Raises Invalid naming the field."""
    if not isinstance(answer, Response):
        raise Invalid(f"CashiPay could not be reached: {answer.reason}", "baseUrl")
    if answer.status in KEYS:
        raise Invalid("CashiPay does not accept the key, or not here", "apiKey")
    if answer.status >= 500:
        raise Invalid(f"CashiPay is not available (HTTP {answer.status})", "baseUrl")
    try:
        if answer.status < 400:  # it can't know that payment request
            raise Undecodable
        decode(answer.body, Problem)
    except Undecodable:
        words = "CashiPay's answer can't be understood; is the address right?"
        raise Invalid(words, "baseUrl") from None

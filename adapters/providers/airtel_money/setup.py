"""Opening an account: are the keys right, and for that country."""

from typing import Final

from adapters.provider_kit.tokens import Grant
from adapters.provider_kit.transport import Response
from adapters.providers.airtel_money.errors import at_the_door, verdict
from adapters.providers.airtel_money.session import NoToken, granted
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

NOTHING: Final = "att_NOTHING"  # an id that no payment has
OF_COUNTRY: Final = frozenset({"ROUTER005", "ROUTER006", "ROUTER007", "ESB000034", "ESB000039"})


def taken(answer: Response | NotSent | Unknown) -> None:
    """Whether a token was given. Raises Invalid; Airtel does not say which of the two is wrong."""
    if not isinstance(answer, Response):
        raise Invalid(f"Airtel could not be reached: {answer.reason}", "baseUrl")
    if isinstance(granted(answer), Grant):
        return
    if not at_the_door(answer):
        raise Invalid(f"Airtel answered HTTP {answer.status} and gave no token", "baseUrl")
    if answer.status == 429:
        raise Invalid("Airtel asks us to slow down; try again in a minute", "baseUrl")
    raise Invalid("Airtel does not accept the client id with this secret", "clientSecret")


def served(answer: Response | NotSent | Unknown | NoToken) -> None:
    """An enquiry about nothing, for the country alone. Raises Invalid."""
    found = verdict(answer) if isinstance(answer, Response) else None
    if found is not None and OF_COUNTRY & set(found.codes):
        raise Invalid("this application is not for that country", "country")

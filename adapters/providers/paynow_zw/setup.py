"""Opening an account: does Paynow take the number and the key."""

from typing import Final

from adapters.provider_kit.transport import Response
from adapters.providers.paynow_zw.config import PaynowConfig
from adapters.providers.paynow_zw.wire import heard
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

NOBODY: Final = "cauri-probe"  # asked about, and never created
STRANGE: Final = "Paynow's answer can't be understood; is the address right?"


def accepted(answer: Response | NotSent | Unknown, config: PaynowConfig) -> None:
    """That it does not know the transaction will do, when the hash of that answer is by the key.
    Raises Invalid naming the field. An error is words alone: "hash" and "id" are read in them."""
    if not isinstance(answer, Response):
        raise Invalid(f"Paynow could not be reached: {answer.reason}", "baseUrl")
    message = heard(answer)
    if isinstance(message, Unknown):
        raise Invalid(STRANGE, "baseUrl")
    if message.status != "error":
        if not message.proven(config.integration_key):
            raise Invalid("Paynow answers with the hash of another key", "integrationKey")
        return
    words = message.get("error").lower()
    if "hash" in words:
        raise Invalid("Paynow does not accept the key of this integration", "integrationKey")
    if "id" in words.replace(".", " ").split():
        raise Invalid("Paynow does not know this integration", "integrationId")
    raise Invalid("Paynow could not look; try again in a minute", "baseUrl")

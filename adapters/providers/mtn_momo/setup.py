"""Opening an account: are the keys right, and may MTN call us where we are."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.tokens import Grant
from adapters.provider_kit.transport import Response
from adapters.providers.mtn_momo.errors import GATEWAY, Problem, problem
from adapters.providers.mtn_momo.product import NoToken, granted
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

BALANCE: Final = "/v1_0/account/balance"
FORBIDDEN: Final = "MTN does not take calls from this server: have its address allowed at MTN"


class ApiUser(msgspec.Struct, frozen=True, rename="camel"):
    """As the sandbox tells about its own."""

    provider_callback_host: str = ""


def taken(answer: Response | NotSent | Unknown, prefix: str) -> None:
    """Whether a token was given. Raises Invalid naming the key that MTN does not take; `prefix`
    is how a field of this product begins."""
    if not isinstance(answer, Response):
        raise Invalid(f"MTN could not be reached: {answer.reason}", "baseUrl")
    if isinstance(granted(answer), Grant):
        return
    found = problem(answer)
    if found is not None and answer.status == 400 and "X-Target-Environment" in found.error:
        raise Invalid("these keys are not for that environment", "targetEnvironment")
    if found is None or answer.status not in GATEWAY:
        raise Invalid(f"MTN answered HTTP {answer.status} and gave no token", "baseUrl")
    if answer.status == 429:
        raise Invalid("MTN asks us to slow down; try again in a minute", "baseUrl")
    if answer.status == 403:
        raise Invalid(FORBIDDEN, "baseUrl")
    name = "subscriptionKey" if _of_subscription(found) else "apiKey"
    field = f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name
    raise Invalid("MTN does not accept it for this product and environment", field)


def served(answer: Response | NotSent | Unknown | NoToken) -> None:
    """A look at the balance, for the environment alone: what else it says is no concern of
    payments. Raises Invalid."""
    if not isinstance(answer, Response):
        return
    found = problem(answer)
    if found is not None and found.code == "NOT_ALLOWED_TARGET_ENVIRONMENT":
        raise Invalid("these keys are not for that environment", "targetEnvironment")
    if found is not None and answer.status == 403:
        raise Invalid(FORBIDDEN, "baseUrl")


def called_back(answer: Response | NotSent | Unknown, url: str) -> None:
    """The sandbox calls one host only, and refuses every payment that names another. Raises
    Invalid."""
    if not isinstance(answer, Response) or answer.status != 200:
        told = f"HTTP {answer.status}" if isinstance(answer, Response) else answer.reason
        raise Invalid(f"MTN's sandbox could not be asked about the API user: {told}", "apiUser")
    try:
        user = decode(answer.body, ApiUser)
    except Undecodable:
        raise Invalid("MTN's answer about the API user can't be read", "apiUser") from None
    host = urlsplit(url).hostname
    if user.provider_callback_host not in (host, urlsplit(url).netloc):
        told = f"the API user was made for callbacks to another host than {host}"
        raise Invalid(f"{told}: make one for it, or set callbacks to false", "callbackUrl")


def _of_subscription(found: Problem) -> bool:
    return "subscription" in found.message.lower()

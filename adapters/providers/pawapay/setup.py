"""Opening an account: is the token right, is Zambia switched on, and who signs callbacks."""

from typing import Final, TypeVar

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.pawapay.config import PublishedKey
from adapters.providers.pawapay.errors import DOORS
from adapters.providers.pawapay.signatures import usable
from adapters.providers.pawapay.wire import NETWORKS, Taken
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

T = TypeVar("T")
ACTIVE: Final = "/v2/active-conf?country=ZMB&operationType=DEPOSIT"
KEYS: Final = "/v2/public-key/http"


class _Provider(msgspec.Struct, frozen=True):
    provider: str


class _Country(msgspec.Struct, frozen=True):
    providers: list[_Provider]


class _Active(msgspec.Struct, frozen=True):
    countries: list[_Country]


def open_(answer: Response | NotSent | Unknown) -> None:
    """Whether the account takes deposits in Zambia. Raises Invalid naming the field."""
    read = _body(answer, _Active)
    known = {one.provider for country in read.countries for one in country.providers}
    if not known & NETWORKS.keys():
        raise Invalid("no mobile network of Zambia is switched on for this account", "apiToken")


def keys(answer: Response | NotSent | Unknown) -> list[PublishedKey]:
    """The keys that callbacks are signed with. Raises Invalid."""
    found = [one for one in _body(answer, list[PublishedKey]) if usable(one.key)]
    if not found:
        raise Invalid("pawaPay published no key that callbacks can be verified with", "baseUrl")
    return found


def _body(answer: Response | NotSent | Unknown, type_: type[T]) -> T:
    if not isinstance(answer, Response):
        raise Invalid(f"pawaPay could not be reached: {answer.reason}", "baseUrl")
    if _refused(answer):
        raise Invalid("pawaPay does not accept it in this environment", "apiToken")
    try:
        if answer.status == 200:
            return decode(answer.body, type_)
    except Undecodable:
        pass
    raise Invalid(f"pawaPay answered HTTP {answer.status} with nothing to read", "baseUrl")


def _refused(answer: Response) -> bool:
    try:
        read = decode(answer.body, Taken)
    except Undecodable:
        return False
    code = read.failure_reason.failure_code if read.failure_reason is not None else ""
    return answer.status in (401, 403) and code in DOORS

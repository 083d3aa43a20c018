"""Opening an account: does their side know the client id and our key, do we know theirs."""

from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode
from adapters.provider_kit.transport import Response
from adapters.providers.gcash_alipayplus.wire import Result
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

NOBODYS: Final = "cauri-probe"  # a payment that never was
OUR_KEY: Final = frozenset({"INVALID_SIGNATURE", "KEY_NOT_FOUND"})


class Said(msgspec.Struct, frozen=True):
    result: Result


def accepted(answer: Response | NotSent | Unknown, *, verified: bool) -> None:
    """Any answer with their signature will do, also that there is no such payment. A refusal at the
    gate may come without one: it is good for words. Raises Invalid naming the field."""
    if not isinstance(answer, Response):
        raise Invalid(f"Alipay+ could not be reached: {answer.reason}", "baseUrl")
    try:
        result = decode(answer.body, Said).result
    except Undecodable:
        words = f"Alipay+ answered HTTP {answer.status} without a result; is the address right?"
        raise Invalid(words, "baseUrl") from None
    code = result.result_code[:60]
    if code in OUR_KEY:
        raise Invalid(f"Alipay+ holds another key of this client id ({code})", "privateKey")
    if "CLIENT" in code or code in ("ACCESS_DENIED", "OAUTH_FAILED", "NO_INTERFACE_DEF"):
        raise Invalid(f"Alipay+ does not let this client id in ({code})", "clientId")
    if not verified:
        words = "Alipay+ answered, and this key does not verify its signature"
        raise Invalid(words, "alipayPublicKey")
    if answer.status != 200 or result.result_status == "U":
        raise Invalid(f"Alipay+ is not available ({code})", "baseUrl")

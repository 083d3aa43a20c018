"""Opening an account: signing in, and whether EBS understands what noebs sends on."""

from typing import Final

import msgspec

from adapters.provider_kit.http import Undecodable, decode, unusable
from adapters.provider_kit.tokens import Grant
from adapters.provider_kit.transport import Response
from adapters.providers.ebs.errors import APPLICATION, FIELDS
from adapters.providers.ebs.wire import Failed, Problem, Told
from domain.errors import Invalid
from domain.payments.outcome import NotSent, Unknown

SESSION_S: Final = 3_600.0  # no answer tells; five hours in noebs's code, at the time of writing
FIELD: Final = {
    "wrong_password": "password",
    "not_found": "mobile",
    "missing_tenant_id": "tenantId",
}


class Session(msgspec.Struct, frozen=True):
    authorization: str


def granted(answer: Response | NotSent | Unknown) -> Grant | NotSent | Unknown:
    """A session, or why there is none: nothing was asked for yet."""
    if not isinstance(answer, Response):
        return answer
    if answer.status != 200:
        return unusable(answer, "no session")
    try:
        session = decode(answer.body, Session).authorization
    except Undecodable as error:
        return unusable(answer, str(error))
    fits = session.isascii() and session.isprintable() and session.strip() == session != ""
    return Grant(session, SESSION_S) if fits else unusable(answer, "no session")


def signed_in(answer: Response | NotSent | Unknown) -> str:
    """The session. Raises Invalid naming what noebs does not take."""
    grant = granted(answer)
    if isinstance(grant, Grant):
        return grant.token
    code = ""
    if isinstance(answer, Response):
        try:
            code = decode(answer.body, Problem).code
        except Undecodable:
            code = ""
    words = "noebs does not accept it" if code in FIELD else f"no session: {grant.reason}"
    raise Invalid(words, FIELD.get(code, "baseUrl"))


def alive(answer: Response | NotSent | Unknown) -> None:
    """EBS must answer, through noebs. Raises Invalid naming the setting."""
    if not isinstance(answer, Response):
        raise Invalid(f"noebs could not be reached: {answer.reason}", "baseUrl")
    try:
        if answer.status == 200 and decode(answer.body, Told).ebs_response.response_code == 0:
            return
        code = decode(answer.body, Failed).details.response_code
    except Undecodable:
        raise Invalid(f"EBS can't be reached (HTTP {answer.status})", "baseUrl") from None
    if code == APPLICATION:
        raise Invalid("EBS does not know the application (601)", "applicationId")
    if code in FIELDS:
        raise Invalid(f"EBS does not understand it, so maybe the date ({code})", "dateFormat")
    raise Invalid(f"EBS does not answer as it should ({code})", "baseUrl")

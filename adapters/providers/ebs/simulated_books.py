"""What the simulated noebs knows of a payment token, and how it and EBS write their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.provider_kit.transport import Response

WORDS: Final = {0: "Approval", 251: "INSUFFICIENT_FUNDS", 600: "INVALID_TRAN_DATE_TIME"}


class Refusal(Exception):
    """noebs's own error, or EBS's in its wrapping."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


@dataclass(slots=True, kw_only=True)
class Order:
    """A payment token. `tries` are what noebs stored, `truth` is what EBS knows by UUID."""

    uuid: str
    cart: str
    pounds: int
    note: str
    at: datetime
    is_paid: bool = False
    tries: list[dict[str, Any]] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)

    @property
    def moved(self) -> bool:
        return 0 in self.truth.values()

    def told(self) -> dict[str, Any]:
        told = {"uuid": self.uuid, "cart_id": self.cart, "amount": self.pounds, "note": self.note}
        return {**told, "toCard": "922208*****0000", "transaction": self.tries} | {
            "is_paid": self.is_paid
        }


def ebs_said(code: int, uuid: str) -> dict[str, Any]:
    status = "Failed" if code else "Successful"
    words = {"responseMessage": WORDS.get(code, "FAILED"), "responseStatus": status}
    return {"responseCode": code, **words, "UUID": uuid}


def refused(code: int, body: Mapping[str, Any]) -> Refusal:
    details = ebs_said(code, str(body.get("UUID")))
    wrapped = {"message": "EBSError", "code": code, "status": "EBSError", "details": details}
    return Refusal(502, wrapped)


def body_of(raw: bytes) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refusal(400, {"code": "binding_error", "message": "not JSON"}) from None
    if not isinstance(read, dict):
        raise Refusal(400, {"code": "binding_error", "message": "not an object"})
    return read


def reply(status: int, body: object) -> Response:
    return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

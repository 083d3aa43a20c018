"""What we were told, as rows. `answer` is JSON with the kind of answer in it."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.sql import tables as t
from adapters.sql.rows.money import MoneyArray, money, money_array
from adapters.sql.rows.values import json, time, time_or_none, us, us_or_none, words
from adapters.sql.writes import Row
from domain.payments.evidence import Evidence, Rank
from domain.payments.outcome import (
    ActionType,
    Answer,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NextAction,
    NotFound,
    NotSent,
    Pending,
    Succeeded,
    Unknown,
)

RANKS: Final = words(Rank)
ACTIONS: Final = words(ActionType)
CODES: Final = words(FailureCode)
KINDS: Final = words(FailureKind)


class FailureRow(msgspec.Struct, omit_defaults=True):
    code: str
    message: str
    kind: str
    provider_code: str | None = None


class ActionRow(msgspec.Struct, omit_defaults=True):
    type: str
    url: str | None = None
    message: str | None = None
    payload: str | None = None
    image_url: str | None = None
    instructions: str | None = None
    reference_code: str | None = None
    expires_at: int | None = None
    client_secret: str | None = None
    publishable_key: str | None = None


class AnswerRow(msgspec.Struct, omit_defaults=True):
    """One shape for all kinds: each uses the fields its class has."""

    kind: str
    amount: MoneyArray | None = None
    provider_reference: str | None = None
    action: ActionRow | None = None
    failure: FailureRow | None = None
    elsewhere: bool = False
    reason: str = ""
    timed_out: bool = False


_failure: Final = msgspec.json.Decoder(FailureRow)
_action: Final = msgspec.json.Decoder(ActionRow)
_answer: Final = msgspec.json.Decoder(AnswerRow)

EVIDENCE_COLUMNS: Final = (
    t.evidence.c.id,
    t.evidence.c.rank,
    t.evidence.c.answer,
    t.evidence.c.at,
    t.evidence.c.cause,
    t.evidence.c.conclusive,
    t.evidence.c.send,
)


def evidence_row(one: Evidence, payment_id: str, about: str, number: int) -> Row:
    return {
        "payment_id": payment_id,
        "about": about,
        "id": one.id,
        "number": number,
        "rank": int(one.rank),
        "answer": json(answer_row(one.answer)),
        "at": us(one.at),
        "cause": one.cause,
        "conclusive": one.conclusive,
        "send": one.send,
    }


def evidence_of(columns: Sequence[Any]) -> Evidence:
    """From EVIDENCE_COLUMNS."""
    known_as, rank, answer, at, cause, conclusive, send = columns
    return Evidence(
        id=known_as,
        rank=RANKS[rank],
        answer=answer_of(_answer.decode(answer)),
        at=time(at),
        cause=cause,
        conclusive=bool(conclusive),
        send=send,
    )


def answer_row(answer: Answer) -> AnswerRow:
    match answer:
        case Succeeded():
            return AnswerRow("succeeded", money_array(answer.amount), answer.provider_reference)
        case Pending():
            action = action_row(answer.next_action) if answer.next_action is not None else None
            return AnswerRow("pending", None, answer.provider_reference, action)
        case Declined():
            return AnswerRow(
                "declined",
                provider_reference=answer.provider_reference,
                failure=failure_row(answer.failure),
                elsewhere=answer.elsewhere,
            )
        case NotSent():
            return AnswerRow("not_sent", reason=answer.reason)
        case Unknown():
            return AnswerRow(
                "unknown",
                provider_reference=answer.provider_reference,
                reason=answer.reason,
                timed_out=answer.timed_out,
            )
        case NotFound():
            return AnswerRow("not_found", reason=answer.reason)


def answer_of(row: AnswerRow) -> Answer:
    """Raises ValueError for a kind of answer that this version does not know."""
    reference = row.provider_reference
    match row:
        case AnswerRow(kind="succeeded", amount=amount) if amount is not None:
            return Succeeded(amount=money(amount), provider_reference=reference)
        case AnswerRow(kind="pending", action=action):
            shown = action_from(action) if action is not None else None
            return Pending(provider_reference=reference, next_action=shown)
        case AnswerRow(kind="declined", failure=failure) if failure is not None:
            return Declined(
                failure=failure_from(failure),
                elsewhere=row.elsewhere,
                provider_reference=reference,
            )
        case AnswerRow(kind="not_sent"):
            return NotSent(row.reason)
        case AnswerRow(kind="unknown"):
            return Unknown(reason=row.reason, timed_out=row.timed_out, provider_reference=reference)
        case AnswerRow(kind="not_found"):
            return NotFound(row.reason)
    raise ValueError(f"an answer of kind {row.kind!r}")


def failure_row(failure: Failure) -> FailureRow:
    return FailureRow(failure.code, failure.message, failure.kind, failure.provider_code)


def failure_from(row: FailureRow) -> Failure:
    return Failure(CODES[row.code], row.message, KINDS[row.kind], row.provider_code)


def failure_text(failure: Failure | None) -> str | None:
    return json(failure_row(failure)) if failure is not None else None


def failure_of(text: str | None) -> Failure | None:
    return failure_from(_failure.decode(text)) if text is not None else None


def action_row(action: NextAction) -> ActionRow:
    return ActionRow(
        action.type,
        action.url,
        action.message,
        action.payload,
        action.image_url,
        action.instructions,
        action.reference_code,
        us_or_none(action.expires_at),
        action.client_secret,
        action.publishable_key,
    )


def action_from(row: ActionRow) -> NextAction:
    return NextAction(
        type=ACTIONS[row.type],
        url=row.url,
        message=row.message,
        payload=row.payload,
        image_url=row.image_url,
        instructions=row.instructions,
        reference_code=row.reference_code,
        expires_at=time_or_none(row.expires_at),
        client_secret=row.client_secret,
        publishable_key=row.publishable_key,
    )


def action_text(action: NextAction | None) -> str | None:
    return json(action_row(action)) if action is not None else None


def action_of(text: str | None) -> NextAction | None:
    return action_from(_action.decode(text)) if text is not None else None

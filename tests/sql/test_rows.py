"""What is stored is frozen: a row of today reads the same tomorrow, whatever the domain renames."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.sql.rows import attempt, decision, evidence, money, payment, tenant
from adapters.sql.rows.values import time, us
from domain.currencies import currency
from domain.fees.schedule import Bearer, FeeSchedule
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
from domain.payments.routing import Candidate, Decision, Health, Obstacle, Snapshot
from domain.tenants.tenant import Limit, Policy, Strategy
from tests.builders import NOW, a_fee, a_payment, a_tenant, account_id, current, php

FAILURE = Failure(FailureCode.LIMIT_EXCEEDED, "Too much.", FailureKind.DECLINED, "51")
ACTION = NextAction(
    type=ActionType.SHOW_QR, payload="000201", image_url="https://x", expires_at=NOW
)

ANSWERS: list[tuple[Answer, str]] = [
    (
        Succeeded(amount=php("1.00"), provider_reference="r"),
        '{"kind":"succeeded","amount":[100,"PHP"],"provider_reference":"r"}',
    ),
    (
        Pending(provider_reference="r", next_action=ACTION),
        '{"kind":"pending","provider_reference":"r","action":{"type":"show_qr","payload":"000201",'
        '"image_url":"https://x","expires_at":1770458280000000}}',
    ),
    (Pending(), '{"kind":"pending"}'),
    (
        Declined(failure=FAILURE, elsewhere=True, provider_reference="r"),
        '{"kind":"declined","provider_reference":"r","failure":{"code":"limit_exceeded",'
        '"message":"Too much.","kind":"declined","provider_code":"51"},"elsewhere":true}',
    ),
    (NotSent("refused"), '{"kind":"not_sent","reason":"refused"}'),
    (
        Unknown(reason="late", timed_out=True, provider_reference="r"),
        '{"kind":"unknown","provider_reference":"r","reason":"late","timed_out":true}',
    ),
    (NotFound(), '{"kind":"not_found","reason":"not found"}'),
]

DECISION = Decision(
    Snapshot(
        candidates=(
            Candidate(
                provider="maya",
                account_id=account_id("maya"),
                fee=a_fee(php("10.00")),
                obstacle=Obstacle.CIRCUIT_OPEN,
                detail="since noon",
                offline=False,
                health=Health("open", 3, 9),
            ),
            Candidate(
                provider="cash",
                account_id=account_id("cash"),
                fee=None,
                priced=False,
                offline=True,
            ),
        ),
        policy=Policy(Strategy.SPLIT, ("maya",), {"maya": 60, "cash": 40}, 7),
        method="maya",
        default_method="cash",
        sticky="cus_1",
    ),
    "preferred",
    ("cash", "maya"),
    "named",
)
DECISION_TEXT = (
    '["preferred","named",["cash","maya"],"maya","cash","cus_1",["split",["maya"],'
    '{"maya":60,"cash":40},7],[["maya","acc_MAYA0000000000000000000000",'
    '["PHP","merchant",250,25,1500,1525],"circuit_open","since noon",false,"open",3,9],'
    '["cash","acc_CASH0000000000000000000000",null,null,"",true,"closed",0,0,false,true]]]'
)


@pytest.mark.parametrize(("answer", "stored"), ANSWERS)
def test_answers_are_stored_so(answer: Answer, stored: str) -> None:
    said = Evidence(id="e", rank=Rank.QUERY, answer=answer, at=NOW, cause="c", conclusive=True)
    row = evidence.evidence_row(said, "pay_1", "att_1", 1)
    assert row["answer"] == stored
    assert evidence.evidence_of(columns(row, evidence.EVIDENCE_COLUMNS)) == said


def test_decisions_are_stored_so() -> None:
    assert decision.decision_text(DECISION) == DECISION_TEXT
    assert decision.decision_of(DECISION_TEXT) == DECISION


def test_payments_are_stored_so() -> None:
    row = payment.payment_row(a_payment())
    assert {**row, "decision": "…"} == {
        "id": "pay_00000000000000000000000001",
        "amount_minor": 150_000,
        "currency": "PHP",
        "reference": "order-1001",
        "customer_id": "cus_42",
        "customer": '["Maria Santos","maria@example.com","+639171234567"]',
        "method": None,
        "country": "PH",
        "bearer": "merchant",
        "description": "2 tickets",
        "return_url": "https://shop.example/return",
        "metadata": '{"cart":"c-9"}',
        "decision": "…",
        "created_at": 1_770_458_280_000_000,
        "expires_at": 1_770_460_080_000_000,
        "search": "pay_00000000000000000000000001\norder-1001\nmaria santos\n"
        "maria@example.com\n+639171234567",
        "version": 0,
        "status": "pending",
        "provider": "maya",
        "paid_by": None,
        "refunded_minor": 0,
        "reserved_minor": 0,
        "updated_at": 1_770_458_280_000_000,
    }


def test_payments_and_attempts_come_back() -> None:
    made = a_payment()
    first = replace(
        current(made), next_action=ACTION, failure=FAILURE, finished_at=NOW, surplus=True, version=1
    )
    stored = attempt.attempt_row(first, made.id)
    again = attempt.attempt_of(columns(stored, attempt.ATTEMPT_COLUMNS))
    assert again == first
    row = {**payment.payment_row(made), "tenant_id": made.tenant_id}
    found = payment.payment_of(columns(row, payment.PAYMENT_COLUMNS), (again,))
    assert found == replace(made, attempts=(first,), events=(), opened=None)


def test_tenants_are_stored_so() -> None:
    made = a_tenant(
        policy=Policy(Strategy.PRIORITY, ("gcash",)), limits=(Limit(php("1.00"), "maya"),)
    )
    row = {**tenant.tenant_row(made), "tenant_id": made.id}
    assert row["policy"] == '["priority",["gcash"],{},50]'
    assert row["limits"] == '[[[100,"PHP"],"maya"]]'
    assert tenant.tenant_of(columns(row, tenant.TENANT_COLUMNS)) == made


def test_price_lists_are_stored_so() -> None:
    until = NOW + timedelta(days=1)
    made = (
        FeeSchedule(currency=currency("JPY"), rate_bps=1, cap_minor=0, valid_until=until),
        FeeSchedule(currency=currency("KWD"), fixed_minor=2, floor_minor=3, valid_from=NOW),
    )
    stored = money.schedules_text(made)
    assert stored == (
        '[{"currency":"JPY","rate_bps":1,"cap_minor":0,"valid_until":1770544680000000},'
        '{"currency":"KWD","fixed_minor":2,"floor_minor":3,"valid_from":1770458280000000}]'
    )
    assert money.schedules_of(stored) == made


@given(some.datetimes(timezones=some.just(timezone(timedelta(hours=8)))))
def test_times_are_exact(moment: datetime) -> None:
    assert time(us(moment)) == moment


@given(
    some.sampled_from(["PHP", "JPY", "KWD"]), some.integers(0, 10**15), some.sampled_from(Bearer)
)
def test_fees_are_exact(code: str, minor: int, bearer: Bearer) -> None:
    made = replace(a_fee(php("1.00")), currency=currency(code), minor=minor, bearer=bearer)
    assert money.fee_of(money.fee_text(made)) == made


def columns(row: Any, wanted: Any) -> list[Any]:
    return [row[column.name] for column in wanted]

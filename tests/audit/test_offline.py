"""What people do with offline money, in whatever order, breaks no law."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.audit import MemoryAudit
from application.audit.doctor import Doctor
from application.payments.submit_proof import NewProof
from application.payments.verify_payment import Verification
from domain.errors import Refused
from tests.builders import ACME
from tests.offline import Counter, a_counter

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Deed:
    """`received` None hands a proof in. Seconds pass before it."""

    after_s: int
    operator: str
    received: bool | None
    give_back: bool = False
    bounced: bool = False


deeds = st.builds(
    Deed,
    after_s=st.sampled_from([0, 60, 1800, 86_400]),
    operator=st.sampled_from(["ada", "grace"]),
    received=st.sampled_from([None, True, True, False]),
    give_back=st.booleans(),
    bounced=st.sampled_from([False, False, True]),
)


async def done(counter: Counter, payment_id: str, deed: Deed) -> None:
    world = counter.world
    payment = await world.payment(payment_id)
    await world.work(deed.after_s)
    try:
        if deed.received is None:
            proof = NewProof(
                transaction="000117", by=deed.operator, **PROOFS[payment.decision.chosen or ""]
            )
            await counter.submit(ACME, payment.id, proof)
            return
        seen = Verification(
            received=deed.received and not deed.bounced,
            reason="seen",
            operator=deed.operator,
            amount=Counter.money("7000.00") if deed.give_back and deed.received else None,
            give_back=deed.give_back and deed.received,
            bounced=deed.bounced,
        )
        await world.verify(ACME, payment.id, seen)
    except Refused:
        return


PROOFS: dict[str, dict[str, Any]] = {
    "bankak": {},
    "cash": {},
    "cheque": {"bank": "First", "account": "123", "clears_on": "2026-02-08"},
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(deeds, max_size=7), method=st.sampled_from(sorted(PROOFS)))
async def test_the_doctor_finds_nothing(story: list[Deed], method: str) -> None:
    counter = await a_counter()
    world = counter.world
    payment = await counter.pay(method, "9000.00")
    for deed in story:
        await done(counter, payment.id, deed)
    audit = MemoryAudit(world.database)
    doctor = Doctor(audit, world.tenants, counter.submit.providers, world.clock)
    report = await doctor("https://pay.example")
    assert report.is_clean, [one for one in report.findings if one.breaches]
    assert world.troubles == []

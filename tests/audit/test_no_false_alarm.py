"""Whatever providers say, in whatever order: what the domain makes of it breaks no law."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from application.payments.amend import surplus_refund
from domain.audit.dossier import Check, Dossier
from domain.audit.laws import breaches
from domain.payments.events import EventType
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from tests.builders import NOW, a_payment
from tests.ledger import posted
from tests.properties.test_payment_laws import PROVIDERS, Told, stories


@given(story=stories, offline=st.booleans(), handed_over=st.integers(0, 14))
def test_no_story_raises_a_false_alarm(story: list[Told], offline: bool, handed_over: int) -> None:
    payment = a_payment(providers=PROVIDERS, offline=offline)
    for place, told in enumerate(story):
        which = payment.attempts[told.attempt % len(payment.attempts)].id
        if place == handed_over:
            payment = payment.hand_over(which, NOW)
        payment = payment.hear(which, told.said)
    assert alarms(payment) == []


def alarms(payment: Payment) -> Sequence[str]:
    """All but missing jobs: no worker is here."""
    refunds: list[Refund] = [
        surplus_refund(payment, payment.attempt(event.attempt_id))
        for event in payment.events
        if event.type is EventType.SURPLUS and event.attempt_id is not None
    ]
    journals = [posted(f"jrn_{number}", one) for number, one in enumerate(payment.journals)]
    found = breaches(
        Dossier(payment=payment, refunds=refunds, events=payment.events, journals=journals)
    )
    return [f"{one.row} {one.told}" for one in found if one.check is not Check.WORK]

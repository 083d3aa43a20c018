"""What a person reads about a payment's next step."""

import pytest

from adapters.cli.receipt import next_step
from domain.payments.outcome import ActionType, NextAction, Pending
from tests.builders import a_payment, said

FORM = NextAction(type=ActionType.SHOW_FORM, client_secret="pi_1_secret_2", publishable_key="pk_1")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (NextAction(type=ActionType.REDIRECT, url="https://x"), "opens https://x"),
        (NextAction(type=ActionType.APPROVE_ON_PHONE, message="Enter the PIN"), "Enter the PIN"),
        (NextAction(type=ActionType.SHOW_QR, payload="0002"), "scans this code: 0002"),
        (FORM, "card form of your own page"),
        (NextAction(type=ActionType.PAY_OFFLINE, reference_code="C1"), "Reference: C1"),
    ],
)
def test_the_next_step_is_a_sentence_without_a_secret(action: NextAction, words: str) -> None:
    payment = a_payment()
    payment = payment.hear(payment.attempts[0].id, said(Pending(next_action=action)))
    assert words in next_step(payment)
    assert "secret" not in next_step(payment)

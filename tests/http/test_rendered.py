"""Replies that are rendered once."""

from dataclasses import replace

from adapters.http.answers import encoded
from adapters.http.rendered import MOST, Rendered
from adapters.http.wire.payments import PaymentReply
from tests.builders import a_payment


def test_the_very_same_payment_has_the_very_same_reply() -> None:
    rendered, payment = Rendered(), a_payment()
    reply = rendered.of(payment)
    assert rendered.of(payment) is reply
    assert reply.body == encoded(PaymentReply.of(payment)).body


def test_another_value_of_it_is_rendered_anew() -> None:
    rendered, payment = Rendered(), a_payment()
    first = rendered.of(payment)
    moved = replace(payment, version=payment.version + 1, refunded_minor=1)
    assert rendered.of(moved).body != first.body


def test_only_the_latest_are_kept() -> None:
    rendered = Rendered()
    payments = [a_payment(number) for number in range(MOST + 1)]
    replies = [rendered.of(payment) for payment in payments]
    assert rendered.of(payments[-1]) is replies[-1]
    assert rendered.of(payments[0]) is not replies[0]

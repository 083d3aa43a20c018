"""The command line and HTTP say the same, byte by byte: an idempotency key serves both."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from adapters.cli.jobs import job_words
from adapters.cli.requests import PaymentRequest, refund_bytes, request_key
from adapters.cli.setup_words import provider_words
from adapters.cli.webhook_words import (
    delivery_words,
    endpoint_words,
    event_json,
    log_words,
    made_words,
    replay_words,
)
from adapters.cli.words import entry_words, explanation_words, payment_words, refund_words
from adapters.http.problems import Faulty
from adapters.http.wire.deliveries import DeliveryLog, DeliveryReply, ReplayReply
from adapters.http.wire.events import body_of
from adapters.http.wire.history import Explanation, Timeline
from adapters.http.wire.jobs import JobReply
from adapters.http.wire.methods import ProviderReply
from adapters.http.wire.new_payment import InitiateBody
from adapters.http.wire.payments import PaymentReply
from adapters.http.wire.reading import Body
from adapters.http.wire.refunds import RefundReply
from adapters.http.wire.requests import RefundBody
from adapters.http.wire.webhooks import EndpointReply, EndpointWithSecret
from application.webhooks.endpoints import MadeEndpoint
from application.webhooks.replay import Replayed, Which
from domain.currencies import currency
from domain.errors import Invalid
from domain.fees.schedule import Bearer
from domain.ids import EndpointId, EventId
from domain.money import Money
from domain.payments.outcome import ActionType, NextAction, Pending
from domain.payments.payment import Payment
from domain.ports.job_book import KeptJob
from domain.ports.jobs import JobState
from domain.ports.views import TimelineEntry
from domain.webhooks.delivery import Delivery, Try
from domain.webhooks.endpoint import WebhookEndpoint
from domain.webhooks.told import NumberedEvent, Topic
from tests.application.company import profile
from tests.builders import (
    ACME,
    NOW,
    CountingIds,
    a_failure,
    a_job,
    a_paid_payment,
    a_payment,
    a_refund,
    an_account,
    declined,
    said,
)

encode = msgspec.json.encode


def with_action(action: NextAction) -> Payment:
    payment = a_payment()
    return payment.hear(payment.attempts[0].id, said(Pending(next_action=action)))


PAYMENTS = {
    "new": a_payment(),
    "nobody could": a_payment(providers=()),
    "payer bears": a_payment(bearer=Bearer.PAYER),
    "paid": a_paid_payment(),
    "partly returned": replace(a_paid_payment(), refunded_minor=100, reserved_minor=5),
    "without decimals": a_payment(amount=Money(500, currency("JPY"))),
    "three decimals": a_payment(amount=Money(1500, currency("KWD"))),
    "redirect": with_action(NextAction(type=ActionType.REDIRECT, url="https://x", expires_at=NOW)),
    "phone": with_action(NextAction(type=ActionType.APPROVE_ON_PHONE, message="Enter the PIN")),
    "qr": with_action(NextAction(type=ActionType.SHOW_QR, payload="00", image_url="https://i")),
    "form": with_action(
        NextAction(type=ActionType.SHOW_FORM, client_secret="pi_1_secret_2", publishable_key="pk_1")
    ),
    "offline": with_action(
        NextAction(type=ActionType.PAY_OFFLINE, instructions="Pay", reference_code="C1")
    ),
}
PAYMENTS["second try"] = PAYMENTS["new"].hear(
    PAYMENTS["new"].attempts[0].id, said(declined(elsewhere=True))
)


@pytest.mark.parametrize("payment", PAYMENTS.values(), ids=PAYMENTS.keys())
def test_a_payment_reads_the_same(payment: Payment) -> None:
    assert encode(payment_words(payment)) == encode(PaymentReply.of(payment))
    assert encode(explanation_words(payment)) == encode(Explanation.of(payment))


@pytest.mark.parametrize("changes", [{}, {"failure": a_failure(), "provider_reference": "r"}])
def test_a_refund_reads_the_same(changes: dict[str, Any]) -> None:
    refund = a_refund(a_paid_payment(), **changes)
    assert encode(refund_words(refund)) == encode(RefundReply.of(refund))


def test_a_timeline_reads_the_same() -> None:
    entry = TimelineEntry(
        1, "payment.pending", NOW, "api", "att_1", None, {"provider": "maya"}, "c-1"
    )
    told = {"data": [entry_words(entry)], "nextCursor": None}
    assert encode(told) == encode(Timeline.of([entry]))


@pytest.mark.parametrize("account", [None, an_account(), an_account(active=False)])
def test_a_provider_reads_the_same(account: Any) -> None:
    one = profile("maya", 250)
    reply = ProviderReply.of(
        one, connected=account is not None, active=account is not None and account.active
    )
    assert encode(provider_words(one, account)) == encode(reply)


ENDPOINT = WebhookEndpoint(
    id=EndpointId("whk_1"),
    tenant_id=ACME,
    url="https://shop.example/",
    sealed=b"s",
    created_at=NOW,
    topics=frozenset({Topic.PAYMENT_SUCCEEDED, Topic.PAYMENT_FAILED}),
)
DELIVERY = Delivery(
    endpoint_id=ENDPOINT.id,
    event_id=EventId("evt_1"),
    number=7,
    payment_id=None,
    next_at=NOW,
)


@pytest.mark.parametrize(
    "endpoint", [ENDPOINT, ENDPOINT.rotate(b"t", NOW), ENDPOINT.missed(NOW, gone=True)]
)
def test_an_endpoint_reads_the_same(endpoint: WebhookEndpoint) -> None:
    assert encode(endpoint_words(endpoint)) == encode(EndpointReply.of(endpoint))
    made = MadeEndpoint(endpoint, "whsec_x")
    assert encode(made_words(made)) == encode(EndpointWithSecret.made(made))


@pytest.mark.parametrize(
    "delivery", [DELIVERY, DELIVERY.taken(200, NOW), DELIVERY.missed(500, "it answered 500", NOW)]
)
def test_a_delivery_and_its_log_read_the_same(delivery: Delivery) -> None:
    one = Try(
        endpoint_id=ENDPOINT.id,
        event_id=delivery.event_id,
        number=1,
        at=NOW,
        status=None,
        error="no answer in time",
        ms=15_000,
        answer="",
    )
    assert encode(delivery_words(delivery)) == encode(DeliveryReply.of(delivery))
    assert encode(log_words(delivery, [one])) == encode(DeliveryLog.of(delivery, [one]))


@pytest.mark.parametrize(
    "rest", [None, Which(failed=True), Which(first=3, last=9), Which(since=NOW, until=NOW)]
)
def test_what_a_replay_left_over_reads_the_same(rest: Which | None) -> None:
    done = Replayed(1000, rest)
    assert encode(replay_words(done)) == encode(ReplayReply.of(done))


@pytest.mark.parametrize("body", [b'{"id":"evt_1"}', None])
def test_an_event_reads_the_same(body: bytes | None) -> None:
    event = NumberedEvent(
        id=EventId("evt_1"),
        number=7,
        topic=Topic.TEST,
        at=NOW,
        subject="whk_1",
        payment_id=None,
        body=body,
    )
    assert event_json(event) == body_of(event)


@pytest.mark.parametrize("state", JobState)
def test_a_job_reads_the_same(state: JobState) -> None:
    kept = KeptJob(a_job("notice:acc_1:evt_1", failures=3, crashes=1, last_error="x"), state)
    assert encode(job_words(kept)) == encode(JobReply.of(kept))


REQUESTS: list[dict[str, Any]] = [
    {"amount": "1500", "currency": "PHP"},
    {"amount": "1500", "currency": "PHP", "reference": "order-1"},
    {
        "amount": "1500",
        "currency": "PHP",
        "reference": "order-1",
        "customer": None,
        "feeBearer": "merchant",
        "description": "",
        "expiresIn": int("1800"),
        "metadata": {},
    },
    {
        "amount": "1500.0",
        "currency": "PHP",
        "reference": "order-1",
        "customer": {"id": "cus_1", "name": "Maria", "email": None, "phone": "+639171234567"},
        "method": "maya",
        "country": "PH",
        "feeBearer": "payer",
        "description": "2 tickets",
        "returnUrl": "https://shop.example/return",
        "expiresIn": 600,
        "metadata": {"b": "2", "a": "1"},
    },
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_has_the_same_fingerprint_and_meaning(request_: dict[str, Any]) -> None:
    body = msgspec.json.decode(encode(request_), type=InitiateBody)
    new = body.checked(ACME)
    read = PaymentRequest.read(request_)
    assert read.canonical() == body.canonical(new.amount)
    assert read.payment(ACME) == new


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("amount", {"amount": "0"}),
    ("amount", {"amount": "-1"}),
    ("amount", {"amount": "1e3"}),
    ("amount", {"amount": "1" * 33}),
    ("amount", {"amount": "1.001"}),
    ("amount", {"amount": " 1 "}),
    ("currency", {"currency": "php"}),
    ("currency", {"currency": "XYZ"}),
    ("reference", {"reference": ""}),
    ("reference", {"reference": "r" * 65}),
    ("reference", {"reference": "a\x00b"}),
    ("reference", {"reference": "4242424242424242"}),
    ("customer.id", {"customer": {"id": ""}}),
    ("customer.id", {"customer": {"id": "c" * 129}}),
    ("customer.id", {"customer": {"id": "4111 1111 1111 1111"}}),
    ("customer.name", {"customer": {"name": "n" * 201}}),
    ("customer.name", {"customer": {"name": "378282246310005"}}),
    ("customer.email", {"customer": {"email": ""}}),
    ("customer.email", {"customer": {"email": "maria"}}),
    ("customer.email", {"customer": {"email": "maria@example.com\n"}}),
    ("customer.email", {"customer": {"email": "m@" + "e" * 249 + ".com"}}),
    ("customer.email", {"customer": {"email": "4111111111111111@x.org"}}),
    ("customer.phone", {"customer": {"phone": "09171234567"}}),
    ("customer.phone", {"customer": {"phone": "+639171234567\n"}}),
    ("customer.phone", {"customer": {"phone": "+6٣917123456"}}),
    ("method", {"method": ""}),
    ("method", {"method": "Maya!"}),
    ("method", {"method": "maya\n"}),
    ("country", {"country": "ph"}),
    ("country", {"country": "XX"}),
    ("country", {"country": "PH\n"}),
    ("description", {"description": "d" * 501}),
    ("description", {"description": "card 4111-1111-1111-1111"}),
    ("returnUrl", {"returnUrl": ""}),
    ("returnUrl", {"returnUrl": "javascript:alert(1)"}),
    ("returnUrl", {"returnUrl": "https:///x"}),
    ("returnUrl", {"returnUrl": "https://shop.example@evil.example/"}),
    ("returnUrl", {"returnUrl": "https://shop.example:99999/"}),
    ("returnUrl", {"returnUrl": "https://shop.example/" + "x" * 2048}),
    ("expiresIn", {"expiresIn": 59}),
    ("expiresIn", {"expiresIn": 604_801}),
    ("metadata", {"metadata": {"": "v"}}),
    ("metadata", {"metadata": {"k" * 41: "v"}}),
    ("metadata", {"metadata": {"k": "v" * 501}}),
    ("metadata", {"metadata": {str(number): "v" for number in range(51)}}),
    ("metadata.k", {"metadata": {"k": "\x1b[2J"}}),
    ("metadata.pan", {"metadata": {"pan": "5555555555554444"}}),
    ("metadata.5555555555554444", {"metadata": {"5555555555554444": "pan"}}),
]
RIGHT: list[dict[str, Any]] = [
    {"reference": "1707300000123"},
    {"reference": "r" * 64, "description": "d" * 500},
    {"customer": {"id": "c" * 128, "name": "", "email": "m@e.co", "phone": "+6391712"}},
    {"method": "m" * 40, "country": "UG", "expiresIn": 60},
    {"metadata": {"k" * 40: "v" * 500, "line": "one\ntwo"}},
    {"returnUrl": "http://127.0.0.1:8080/r?a=b#c", "expiresIn": 604_800},
    {"amount": "000000000001500.00"},
]


@pytest.mark.parametrize(("field", "changes"), WRONG)
def test_the_same_is_refused_under_the_same_name(field: str, changes: dict[str, Any]) -> None:
    asked = REQUESTS[0] | changes
    with pytest.raises(Faulty) as told:
        Body(InitiateBody).decode(encode(asked)).checked(ACME)
    assert [one.field for one in told.value.faults] == [field]
    with pytest.raises(Invalid) as refused:
        PaymentRequest.read(asked)
    assert refused.value.field == field
    assert str(refused.value)


@pytest.mark.parametrize("changes", RIGHT)
def test_the_same_is_taken(changes: dict[str, Any]) -> None:
    asked = REQUESTS[0] | changes
    new = Body(InitiateBody).decode(encode(asked)).checked(ACME)
    assert PaymentRequest.read(asked).payment(ACME) == new


@pytest.mark.parametrize("amount", [None, "5"])
def test_a_refunds_request_has_the_same_fingerprint(amount: str | None) -> None:
    payment = a_paid_payment()
    asked = {"paymentId": payment.id, "amount": amount, "reason": "returned"}
    body = msgspec.json.decode(encode(asked), type=RefundBody)
    money = body.money(payment.amount.currency)
    assert refund_bytes(payment.id, money, "returned") == body.canonical(money)


def test_a_key_is_made_when_none_is_given() -> None:
    key = request_key("initiate", None, b"request", CountingIds())
    assert key.key.startswith("cli_")
    assert key.fingerprint == sha256(b"initiate\nrequest").digest()

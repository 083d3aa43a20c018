"""Our signatures against the specification's own library and vector."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.webhooks.signing import StandardSigner
from application.webhooks.secrets import secret_text

BODY = b'{"id":"evt_1","type":"payment.succeeded"}'
SECRET = bytes(range(32))
signed = StandardSigner()


def now() -> datetime:
    """The library compares with the real time."""
    return datetime.now(UTC)


def test_the_published_vector_is_reproduced() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    assert signed("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [secret]) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(secret=st.binary(min_size=24, max_size=64), text=st.text(max_size=200))
def test_a_receiver_with_the_secret_verifies(secret: bytes, text: str) -> None:
    body = text.encode(errors="ignore")
    headers = dict(signed("evt_1", now(), body, [secret]))
    Webhook(secret_text(secret)).verify(body, headers, json_parse=False)


def test_during_a_rotation_either_secret_verifies() -> None:
    old, new = SECRET, bytes(reversed(SECRET))
    headers = dict(signed("evt_1", now(), BODY, [new, old]))
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        Webhook(secret_text(secret)).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["webhook-id", "body", "secret", "late"])
def test_a_receiver_refuses_what_was_changed(changed: str) -> None:
    at = now() - timedelta(minutes=6) if changed == "late" else now()
    headers, body, secret = dict(signed("evt_1", at, BODY, [SECRET])), BODY, SECRET
    if changed == "webhook-id":
        headers["webhook-id"] = "evt_2"
    if changed == "body":
        body = BODY.replace(b"succeeded", b"failed")
    if changed == "secret":
        secret = bytes(32)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_text(secret)).verify(body, headers)

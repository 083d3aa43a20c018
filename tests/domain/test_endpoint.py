"""What an endpoint hears, signs with, and how long it is borne."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.webhooks.endpoint import (
    GONE,
    OVERLAP,
    PATIENCE,
    SILENT,
    EndpointState,
)
from domain.webhooks.told import PUBLIC, Topic
from tests.builders import NOW, later
from tests.webhooks.builders import an_endpoint


def test_without_topics_it_hears_all_but_tests_of_others() -> None:
    one = an_endpoint()
    assert all(one.hears(topic, "pay_1") for topic in Topic if topic is not Topic.TEST)
    assert one.hears(Topic.TEST, one.id)
    assert not one.hears(Topic.TEST, "whk_other")


def test_with_topics_it_hears_those_and_its_own_tests() -> None:
    one = an_endpoint(topics=frozenset({Topic.REFUND_FAILED}))
    assert one.hears(Topic.REFUND_FAILED, "rfd_1")
    assert not one.hears(Topic.REFUND_SUCCEEDED, "rfd_1")
    assert one.hears(Topic.TEST, one.id)


def test_every_word_of_a_payments_story_that_is_public_is_a_topic() -> None:
    assert {kind.value for kind in PUBLIC} == {topic.value for topic in PUBLIC.values()}
    internal = {"payment.initiated", "payment.surplus", "attempt.closed", "refund.created"}
    assert internal.isdisjoint({kind.value for kind in PUBLIC})


def test_two_secrets_sign_while_they_overlap() -> None:
    one = an_endpoint(sealed=b"first")
    two = one.rotate(b"second", NOW)
    assert one.secrets(NOW) == (b"first",)
    assert two.secrets(NOW) == (b"second", b"first")
    assert two.secrets(NOW + OVERLAP) == (b"second",)
    assert two.rotate(b"third", later(1)).secrets(later(2)) == (b"third", b"second")


def test_five_days_of_failures_disable_it_and_tell() -> None:
    one = an_endpoint().missed(NOW)
    assert (one.is_active, one.failing_since) == (True, NOW)
    assert one.missed(later(60)) is one
    assert one.missed(NOW + PATIENCE - timedelta(microseconds=1)) is one
    given_up = one.missed(NOW + PATIENCE)
    assert (given_up.state, given_up.reason) == (EndpointState.DISABLED, SILENT)
    assert [fact.topic for fact in given_up.told] == [Topic.ENDPOINT_DISABLED]
    assert given_up.missed(NOW + 2 * PATIENCE) is given_up


def test_a_success_between_them_begins_anew() -> None:
    one = an_endpoint().missed(NOW).succeeded()
    assert one.failing_since is None
    assert one.succeeded() is one
    assert one.missed(NOW + PATIENCE).is_active


def test_gone_disables_at_once() -> None:
    one = an_endpoint().missed(NOW, gone=True)
    assert (one.state, one.reason, one.disabled_at) == (EndpointState.DISABLED, GONE, NOW)


def test_enabled_again_it_is_borne_anew() -> None:
    one = an_endpoint().missed(NOW).missed(NOW + PATIENCE).enable(41)
    assert (one.is_active, one.reason, one.disabled_at) == (True, None, None)
    assert (one.failing_since, one.since_number) == (None, 41)
    assert one.enable(99) is one


def test_deleted_is_for_good() -> None:
    one = an_endpoint().rotate(b"second", NOW).delete(NOW)
    assert (one.sealed, one.previous) == (b"", None)
    assert one.delete(later(1)) is one
    assert one.disable("x", NOW) is one
    with pytest.raises(Refused):
        one.enable(1)


def test_the_same_move_tells_the_same_fact() -> None:
    one = an_endpoint(version=3)
    first, again = one.disable("x", NOW), one.disable("x", later(1))
    assert first.told[0].id == again.told[0].id
    assert one.enable(1).disable("x", NOW).told[0].id == first.told[0].id

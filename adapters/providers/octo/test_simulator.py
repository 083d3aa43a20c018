"""What is peculiar to OCTO as a counterpart: holds, codes, minutes, refunds that take time."""

import pytest

from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import NoAnswer, Request, Response, Transport
from adapters.providers.octo.client import OctoProvider
from adapters.providers.octo.scene import (
    ATTEMPT,
    REFUND,
    Scene,
    a_charge,
    a_lookup,
    an_order,
    som,
)
from domain.ids import RefundId
from domain.payments.outcome import Declined, NotFound, NotSent, Pending, Succeeded, Unknown

pytestmark = pytest.mark.anyio
T = 5.0


class Lossy(Transport):
    """Every answer to a capture is lost."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def send(self, request: Request, *, timeout_s: float) -> Response:
        answer = await self._inner.send(request, timeout_s=timeout_s)
        if request.url.endswith("/set_accept"):
            raise NoAnswer("no answer in time", timed_out=True)
        return answer


async def paid(**config: object) -> Scene:
    scene = Scene(**config)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.octo.act(ATTEMPT, Action.APPROVE)
    return scene


async def test_a_hold_is_captured_when_we_see_it_and_only_once() -> None:
    scene = await paid(autoCapture=False)
    assert scene.octo.books()[0].status == "pending"
    (hint,) = scene.callbacks()
    assert scene.client.receive(hint, scene.clock.now()).attempt_id == ATTEMPT
    first = await scene.client.find(a_lookup(), timeout_s=T)
    assert first == Succeeded(
        amount=som("150000.33"), provider_reference=scene.octo.books()[0].provider_reference
    )
    scene.clock.pass_(seconds=2)
    assert await scene.client.find(a_lookup(), timeout_s=T) == first
    (line,) = scene.octo.books()
    assert (line.status, line.amount_minor) == ("succeeded", 15_000_033)


async def test_a_capture_whose_answer_was_lost_is_found_by_asking() -> None:
    scene = await paid(autoCapture=False)
    lossy = OctoProvider(scene.config, Lossy(scene.line), scene.clock)
    assert isinstance(await lossy.find(a_lookup(), timeout_s=T), Pending)
    assert scene.octo.books()[0].status == "succeeded"
    scene.clock.pass_(seconds=2)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)


async def test_a_known_id_is_answered_with_its_payment_and_another_sum_is_seen() -> None:
    scene = Scene()
    first = await scene.client.charge(a_charge(), timeout_s=T)
    assert await scene.client.charge(a_charge(), timeout_s=T) == first
    other = await scene.client.charge(a_charge(som("1.00")), timeout_s=T)
    assert isinstance(other, Unknown)
    assert len(scene.octo.books()) == 1


async def test_three_wrong_codes_end_it() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(phone="+998901004444"), timeout_s=T)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    for _ in range(2):
        scene.octo.mistype(ATTEMPT)
    scene.clock.pass_(seconds=2)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Declined)
    scene.octo.act(ATTEMPT, Action.APPROVE)
    assert scene.octo.books()[0].status == "canceled"


async def test_a_page_ends_with_its_minutes_and_says_so() -> None:
    scene = Scene(ttlMinutes=5)
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(minutes=5)
    assert len(scene.callbacks()) == 1
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Declined)
    assert scene.octo.books()[0].status == "expired"


async def test_asked_twice_in_a_second_says_nothing() -> None:
    scene = await paid()
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Unknown)
    late = await scene.client.refund(an_order(), timeout_s=T)
    assert isinstance(late, NotSent)  # it could not look up what to give back
    scene.clock.pass_(seconds=1)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)


async def test_the_older_envelope_works_as_well() -> None:
    scene = Scene()
    scene.octo.envelope = "legacy"
    assert isinstance(await scene.client.charge(a_charge(), timeout_s=T), Pending)
    scene.octo.act(ATTEMPT, Action.APPROVE)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Succeeded)
    scene.clock.pass_(seconds=2)
    assert isinstance(await scene.client.refund(an_order(), timeout_s=T), Succeeded)


async def test_a_refund_sent_again_is_filtered_and_another_is_not() -> None:
    scene = await paid()
    reference = scene.octo.books()[0].provider_reference
    part = an_order("50000.00", provider_reference=reference)
    assert isinstance(await scene.client.refund(part, timeout_s=T), Succeeded)
    assert isinstance(await scene.client.refund(part, timeout_s=T), Succeeded)
    assert scene.octo.books()[0].refunded_minor == 5_000_000
    other = RefundId(f"{REFUND}2")
    again = an_order("50000.00", provider_reference=reference, refund_id=other)
    assert isinstance(await scene.client.refund(again, timeout_s=T), Succeeded)
    assert scene.octo.books()[0].refunded_minor == 10_000_000


@pytest.mark.parametrize("amount", ["12499.99", "150000.34", "140000.00"])
async def test_less_than_a_dollar_more_than_all_or_too_little_left_is_refused(amount: str) -> None:
    scene = await paid()
    said = await scene.client.refund(an_order(amount), timeout_s=T)
    assert isinstance(said, Declined)
    assert (said.failure.provider_code, said.elsewhere) == ("22", False)
    assert scene.octo.books()[0].refunded_minor == 0


async def test_a_refund_can_take_its_time_and_is_seen_in_the_end() -> None:
    scene = Scene()
    await scene.client.charge(a_charge(som("150000.02")), timeout_s=T)
    scene.octo.act(ATTEMPT, Action.APPROVE)
    order = an_order("150000.02", "150000.02")
    assert isinstance(await scene.client.refund(order, timeout_s=T), Pending)
    scene.clock.pass_(seconds=30)
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), NotFound)
    scene.clock.pass_(seconds=30)
    assert isinstance(await scene.client.find_refund(order, timeout_s=T), Succeeded)

"""Transfers that no machine sees: a proof is handed in, a person decides, nobody pays twice."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from application.payments.inquire import lookup_of
from application.payments.submit_proof import NewProof, Submitted
from application.payments.verify_payment import Verification
from domain.errors import (
    Invalid,
    NotFound,
    NotProvable,
    NotVerifiable,
    PaymentNotCancelable,
    TransactionUsed,
)
from domain.ids import PaymentId
from domain.payments.attempt import AttemptStatus
from domain.payments.payment import Payment
from domain.payments.proof import MOST_IMAGE, MOST_PROOFS
from domain.payments.status import PaymentStatus
from tests.builders import ACME, OTHER
from tests.offline import PNG, Counter, a_counter
from tests.storages import Storage

pytestmark = pytest.mark.anyio

HALF_AN_HOUR_S = 1800


@pytest.fixture
async def counter(storage: Storage) -> Counter:
    return await a_counter(storage)


async def hand_in(
    counter: Counter, payment: Payment, number: str = "FT24061", **more: Any
) -> Submitted:
    new = NewProof(transaction=number, by="till", **more)
    return await counter.submit(ACME, payment.id, new)


async def see(
    counter: Counter, payment: Payment, operator: str = "ada", *, received: bool = True, **more: Any
) -> Payment:
    seen = Verification(received=received, reason="the statement", operator=operator, **more)
    return await counter.world.verify(ACME, payment.id, seen)


async def queue(counter: Counter) -> Sequence[str]:
    return [one.id for one in await counter.world.views.awaiting(ACME, 50)]


async def told(counter: Counter, payment: Payment) -> list[str]:
    return [one.type for one in await counter.world.views.timeline(ACME, payment.id)]


async def test_the_payer_is_told_where_how_much_and_under_which_code(counter: Counter) -> None:
    payment = await counter.pay("bankak")
    action = payment.attempts[0].next_action
    assert action is not None
    assert action.instructions == (
        "Transfer exactly SDG 1500.00 to account 1234567 of Nile Care at Bankak, Bank of "
        f"Khartoum, with {action.reference_code} as the comment. Then hand in the transaction "
        "number of the receipt."
    )
    assert payment.status is PaymentStatus.AWAITING_VERIFICATION


async def test_a_proof_moves_no_money_and_a_person_does(counter: Counter) -> None:
    payment = await counter.pay("bankak")
    done = await hand_in(counter, payment, " ft 24061 ", image=PNG)
    assert done.payment.status is PaymentStatus.AWAITING_VERIFICATION
    assert (done.proof.bank, done.proof.transaction) == ("bankak", "FT24061")
    assert "attempt.proof_submitted" in await told(counter, payment)
    assert await counter.sold() == 0
    paid = await see(counter, payment)
    assert paid.status is PaymentStatus.SUCCEEDED
    assert paid.attempts[0].provider_reference == payment.attempts[0].provider_reference


async def test_what_was_proven_does_not_expire_and_stays_in_the_queue(counter: Counter) -> None:
    proven, forgotten = await counter.pay("bankak"), await counter.pay("bankak")
    await hand_in(counter, proven)
    await counter.world.work(HALF_AN_HOUR_S)
    await counter.world.work(8 * 86_400)
    asked = await counter.world.get(ACME, proven.id, refresh=True)
    assert asked.status is PaymentStatus.AWAITING_VERIFICATION
    assert (await counter.world.payment(forgotten.id)).status is PaymentStatus.EXPIRED
    assert await queue(counter) == [proven.id]


async def test_what_was_proven_is_not_canceled(counter: Counter) -> None:
    payment = await counter.pay("bankak")
    await hand_in(counter, payment)
    with pytest.raises(PaymentNotCancelable):
        await counter.world.cancel(ACME, payment.id)


async def test_a_proof_that_comes_while_it_is_canceled_wins(counter: Counter) -> None:
    payment = await counter.pay("bankak")
    before = await counter.world.payment(payment.id)
    await hand_in(counter, payment)
    inquire = counter.world.get.inquire
    attempt = before.attempts[0]
    client: Any = inquire.providers.open(await counter.world.tenants.account(attempt.account_id))
    said = await client.cancel(lookup_of(before, attempt), timeout_s=1)
    heard = await inquire.heard(before, attempt, said)
    assert heard.status is PaymentStatus.AWAITING_VERIFICATION


async def test_a_second_payment_cannot_use_a_number_however_it_is_typed(counter: Counter) -> None:
    first, second = await counter.pay("bankak"), await counter.pay("bankak")
    await hand_in(counter, first, "2006-1873")
    for typed in ("2006-1873", " 2006 1873", "٢٠٠٦-١٨٧٣", "2006\u20101873"):
        with pytest.raises(TransactionUsed):
            await hand_in(counter, second, typed)
    await see(counter, first)
    with pytest.raises(TransactionUsed):
        await hand_in(counter, second, "2006-1873")
    assert (await counter.world.payment(second.id)).attempts[0].with_person is False


async def test_the_same_number_at_another_bank_is_another(counter: Counter) -> None:
    first, second = await counter.pay("bankak"), await counter.pay("faisal_islamic")
    await hand_in(counter, first)
    await hand_in(counter, second, image=PNG)
    one, other = await counter.pay("bank_transfer"), await counter.pay("bank_transfer")
    await hand_in(counter, one, bank="Bank of  Khartoum")
    with pytest.raises(TransactionUsed):
        await hand_in(counter, other, bank="bank of khartoum")
    await hand_in(counter, other, bank="Al Baraka")


async def test_of_many_payments_that_hand_in_one_number_at_once_one_has_it(
    counter: Counter,
) -> None:
    payments = [await counter.pay("bankak") for _ in range(8)]

    async def tried(payment: Payment) -> bool:
        try:
            await hand_in(counter, payment)
        except TransactionUsed:
            return False
        return True

    assert sum(await asyncio.gather(*map(tried, payments))) == 1


async def test_the_same_proof_again_changes_nothing(counter: Counter) -> None:
    payment = await counter.pay("bankak")
    first = await hand_in(counter, payment, image=PNG)
    again = await hand_in(counter, payment, "FT 24061", image=PNG)
    assert again.proof == first.proof
    assert again.payment.version == first.payment.version
    async with counter.world.units(ACME) as unit:
        assert len(await unit.proofs.of(payment.id)) == 1


async def test_a_rejected_payments_number_serves_the_one_whose_it_is(counter: Counter) -> None:
    guessed, mine = await counter.pay("bankak"), await counter.pay("bankak")
    await hand_in(counter, guessed)
    with pytest.raises(TransactionUsed):
        await hand_in(counter, mine)
    await see(counter, guessed, received=False)
    await hand_in(counter, mine)
    third = await counter.pay("bankak")
    with pytest.raises(TransactionUsed):
        await hand_in(counter, third)


async def test_a_number_handed_in_wrongly_is_corrected_a_few_times(counter: Counter) -> None:
    payment = await counter.pay("bankak")
    for number in range(MOST_PROOFS):
        assert (await hand_in(counter, payment, f"FT{number}")).proof.number == number + 1
    with pytest.raises(NotProvable, match="10 proofs"):
        await hand_in(counter, payment, "FT99")


async def test_the_very_same_picture_of_another_payment_is_noticed(counter: Counter) -> None:
    first, second = await counter.pay("bankak"), await counter.pay("bankak")
    assert not (await hand_in(counter, first, "FT1", image=PNG)).proof.image_known
    assert not (await hand_in(counter, first, "FT2", image=PNG)).proof.image_known
    assert (await hand_in(counter, second, "FT3", image=PNG)).proof.image_known


@pytest.mark.parametrize(
    ("method", "more", "field"),
    [
        ("bankak", {"number": "?"}, "transactionNumber"),
        ("bankak", {"number": "only letters"}, "transactionNumber"),
        ("bankak", {"bank": "another"}, "bank"),
        ("bankak", {"account": "1"}, "account"),
        ("bankak", {"clears_on": "2026-03-01"}, "clearsOn"),
        ("bankak", {"image": b"<svg/>"}, "image"),
        ("bankak", {"image": PNG + bytes(MOST_IMAGE)}, "image"),
        ("faisal_islamic", {}, "image"),
        ("bank_transfer", {}, "bank"),
        ("cheque", {"account": "123", "clears_on": "2026-03-01"}, "bank"),
        ("cheque", {"bank": "First", "clears_on": "2026-03-01"}, "account"),
        ("cheque", {"bank": "First", "account": "123"}, "clearsOn"),
        ("cheque", {"bank": "First", "account": "123", "clears_on": "20260301"}, "clearsOn"),
        ("cheque", {"bank": "First", "account": "123", "clears_on": "2026-02-30"}, "clearsOn"),
    ],
)
async def test_a_proof_that_cannot_be_right_names_its_field(
    counter: Counter, method: str, more: dict[str, Any], field: str
) -> None:
    payment = await counter.pay(method)
    with pytest.raises(Invalid) as caught:
        await hand_in(counter, payment, **more)
    assert caught.value.field == field


async def test_a_proof_is_taken_only_where_one_is_waited_for(counter: Counter) -> None:
    cash = await counter.pay("cash")
    with pytest.raises(NotProvable):
        await hand_in(counter, cash)
    paid = await counter.pay("bankak")
    await see(counter, paid)
    with pytest.raises(NotProvable):
        await hand_in(counter, paid)
    late = await counter.pay("bankak")
    await counter.world.work(HALF_AN_HOUR_S)
    with pytest.raises(NotProvable, match="expired"):
        await hand_in(counter, late)
    with pytest.raises(NotFound):
        await counter.submit(OTHER, cash.id, NewProof(transaction="FT1", by="x"))
    with pytest.raises(NotFound):
        await counter.submit(ACME, PaymentId("pay_nobody"), NewProof(transaction="FT1", by="x"))


# Four eyes


@pytest.mark.parametrize("method", ["bankak", "cash"])
async def test_beyond_the_threshold_two_people_must_have_seen_it(
    counter: Counter, method: str
) -> None:
    payment = await counter.pay(method, "5000.01")
    first = await see(counter, payment, "ada")
    assert first.status is PaymentStatus.AWAITING_VERIFICATION
    assert await counter.sold() == 0
    for same in ("ada", " Ada ", "ADA"):
        with pytest.raises(NotVerifiable, match="another person"):
            await see(counter, payment, same)
    await counter.world.work(HALF_AN_HOUR_S)
    assert await queue(counter) == [payment.id]
    second = await see(counter, payment, "grace")
    assert second.status is PaymentStatus.SUCCEEDED
    assert await counter.sold() == 500_001
    assert "attempt.confirmed" in await told(counter, payment)


async def test_at_the_threshold_and_in_other_currencies_one_person_is_enough(
    counter: Counter,
) -> None:
    payment = await counter.pay("bankak", "5000.00")
    assert (await see(counter, payment)).status is PaymentStatus.SUCCEEDED


async def test_one_person_is_enough_to_say_no(counter: Counter) -> None:
    payment = await counter.pay("bankak", "9000.00")
    await see(counter, payment, "ada")
    rejected = await see(counter, payment, "grace", received=False)
    assert rejected.status is PaymentStatus.FAILED


async def test_two_people_who_saw_different_amounts_have_confirmed_neither(
    counter: Counter,
) -> None:
    payment = await counter.pay("bankak", "9000.00")
    other = Counter.money("8000.00")
    await see(counter, payment, "ada")
    seen = await see(counter, payment, "grace", give_back=True, amount=other)
    assert seen.status is PaymentStatus.AWAITING_VERIFICATION
    assert not any(one.surplus for one in seen.attempts)
    back = await see(counter, payment, "joan", give_back=True, amount=other)
    assert back.attempts[0].surplus


async def test_two_people_at_once_are_two(counter: Counter) -> None:
    payment = await counter.pay("bankak", "9000.00")
    await asyncio.gather(see(counter, payment, "ada"), see(counter, payment, "grace"))
    found = await counter.world.payment(payment.id)
    assert found.status is PaymentStatus.SUCCEEDED
    assert await counter.sold() == 900_000


# Cheques

CHEQUE: dict[str, Any] = {"bank": "First", "account": "123", "clears_on": "2026-02-10"}


async def test_a_cheque_is_not_received_before_its_day(counter: Counter) -> None:
    payment = await counter.pay("cheque")
    await hand_in(counter, payment, "000117", **CHEQUE)
    with pytest.raises(NotVerifiable, match="2026-02-10"):
        await see(counter, payment)
    counter.world.clock.advance(3 * 86_400)
    assert (await see(counter, payment)).status is PaymentStatus.SUCCEEDED


async def test_two_drawers_cheques_may_have_one_number(counter: Counter) -> None:
    first, second, third = [await counter.pay("cheque") for _ in range(3)]
    await hand_in(counter, first, "000117", **CHEQUE)
    await hand_in(counter, second, "000117", **CHEQUE | {"account": "124"})
    with pytest.raises(TransactionUsed):
        await hand_in(counter, third, "000117", **CHEQUE)


async def test_a_cheque_that_bounces_after_it_cleared_is_reversed(counter: Counter) -> None:
    payment = await counter.pay("cheque")
    await see(counter, payment)
    assert await counter.sold() == 150_000
    bounced = await see(counter, payment, received=False, bounced=True)
    assert bounced.status is PaymentStatus.FAILED
    assert bounced.failure is not None
    assert bounced.failure.code == "bounced"
    assert bounced.attempts[0].status is AttemptStatus.FAILED
    assert await counter.sold() == 0
    assert (await told(counter, payment))[-1] == "payment.failed"
    with pytest.raises(NotVerifiable):
        await see(counter, payment, received=False, bounced=True)


async def test_only_a_cheque_that_was_received_bounces(counter: Counter) -> None:
    for payment in (await counter.pay("cheque"), await counter.pay("bankak")):
        with pytest.raises(NotVerifiable):
            await see(counter, payment, received=False, bounced=True)
    paid = await see(counter, await counter.pay("bankak"))
    with pytest.raises(NotVerifiable):
        await see(counter, paid, received=False, bounced=True)

"""A verified payment credits its customer's wallet, once, and a refund takes it back."""

import asyncio

import pytest

from application.payments.follow_rewards import reward_job
from domain.currencies import POINTS
from domain.errors import WalletBalanceTooLow
from domain.payments.evidence import Rank
from domain.payments.intent import Customer
from domain.payments.outcome import Answer, Outcome
from domain.payments.payment import Payment
from domain.ports.jobs import JobKind
from domain.ports.providers import RefundOrder
from domain.webhooks.told import Topic
from tests.application.company import REFUSED
from tests.builders import ACME, PHP, declined, php, said, succeeded
from tests.wallets.till import Till, a_till, spend_id

pytestmark = pytest.mark.anyio


@pytest.fixture
async def till() -> Till:
    return await a_till()


async def rewards_enqueued(till: Till) -> int:
    jobs = till.world.database.shelf(ACME).jobs.values()
    return sum(one.kind is JobKind.REWARD for one in jobs)


async def test_a_paid_payment_earns_by_the_rule(till: Till) -> None:
    payment = await till.pay("1509.99")
    assert await till.balance() == 150
    (move,) = await till.moves()
    assert move.payment_id == payment.id
    assert await till.kinds() == ["credited"]


async def test_a_payment_that_was_not_paid_earns_nothing(till: Till) -> None:
    payment = await till.world.pay(customer=Customer(id="cus_42"), method="maya")
    await till.world.work(5)
    assert payment.paid_by is None
    assert await till.balance() == 0
    assert await rewards_enqueued(till) == 0


async def test_a_payment_of_nobody_known_earns_nothing(till: Till) -> None:
    await till.pay(who=Customer(name="Maria"))
    assert await rewards_enqueued(till) == 0


async def test_without_a_rule_nothing_is_earned_and_nothing_enqueued() -> None:
    till = await a_till()
    await till.set_rules()
    await till.pay()
    assert await till.balance() == 0
    assert await rewards_enqueued(till) == 0


async def test_what_earns_less_than_one_award_leaves_no_work(till: Till) -> None:
    await till.pay("9.99")
    assert await rewards_enqueued(till) == 0


async def test_a_reward_may_be_money() -> None:
    till = await a_till(None, "1.50 PHP per 100 PHP")
    await till.pay("250.00")
    assert await till.balance(PHP) == 300
    assert await till.wallet(POINTS) is None


async def test_payments_add_up_in_one_wallet(till: Till) -> None:
    await till.pay("100.00", "k1")
    await till.pay("50.00", "k2")
    assert await till.balance() == 15
    assert await till.kinds() == ["credited", "credited"]


async def test_a_partial_refund_takes_back_what_is_no_longer_earned(till: Till) -> None:
    """Of 99.00 that are left only nine full tens count."""
    payment = await till.pay("150.00")
    await till.world.give_back(payment, "51.00")
    await till.world.work(5)
    assert await till.balance() == 9
    assert await till.kinds() == ["credited", "taken_back"]


async def test_a_refund_of_all_takes_all_back(till: Till) -> None:
    await till.world.give_back(await till.pay())
    await till.world.work(5)
    assert await till.balance() == 0


async def test_a_refund_that_did_not_arrive_gives_back_again(till: Till) -> None:
    """A payout that was told as done, and that the bank returned."""
    refund = await till.world.give_back(await till.pay("150.00"), "51.00")
    await till.world.work(5)
    assert await till.balance() == 9
    bounced = said(declined(), Rank.SETTLEMENT, send=refund.sends)
    amend = till.world.refund.send.amend
    moved = await amend(ACME, refund.id, lambda one: one.hear(bounced))
    await till.world.work(5)
    assert moved.status == "failed"
    assert await till.balance() == 15
    assert await till.kinds() == ["credited", "taken_back", "credited"]


async def test_a_refused_refund_takes_nothing_back(till: Till) -> None:
    def refused(order: RefundOrder) -> Outcome | None:
        return REFUSED

    payment = await till.pay()
    till.world.companies.maya.refund_script = refused
    refund = await till.world.give_back(payment)
    await till.world.work(5)
    assert refund.status == "failed"
    assert await till.balance() == 150
    assert await till.kinds() == ["credited"]


async def test_a_refund_before_the_reward_was_granted_grants_what_is_left(till: Till) -> None:
    payment = await till.world.pay("150.00", customer=Customer(id="cus_42"), method="maya")
    till.world.companies.maya.pay(payment.attempts[-1].id)
    payment = await _paid_but_not_worked_on(till, payment)
    await till.world.give_back(payment, "100.00")
    await till.world.work(5)
    assert await till.balance() == 5
    assert await till.kinds() == ["credited"]


async def _paid_but_not_worked_on(till: Till, payment: Payment) -> Payment:
    return await till.world.get(ACME, payment.id, refresh=True)


async def test_points_that_were_spent_become_a_debt(till: Till) -> None:
    payment = await till.pay("100.00")
    await till.spend(10)
    await till.world.give_back(payment)
    await till.world.work(5)
    assert await till.balance() == -10
    with pytest.raises(WalletBalanceTooLow):
        await till.spend(1, "s2")
    await till.pay("150.00", "k2")
    assert await till.balance() == 5
    await till.spend(5, "s3")
    assert await till.balance() == 0


async def test_a_payment_keeps_the_rule_it_was_paid_under(till: Till) -> None:
    payment = await till.pay("100.00")
    await till.set_rules("5 points per 10 PHP")
    await till.world.give_back(payment, "50.00")
    await till.world.work(5)
    assert await till.balance() == 5
    await till.pay("100.00", "k2")
    assert await till.balance() == 55


async def test_a_rule_that_is_gone_still_takes_back(till: Till) -> None:
    payment = await till.pay("100.00")
    await till.set_rules()
    await till.world.give_back(payment)
    await till.world.work(5)
    assert await till.balance() == 0


async def test_a_payment_that_was_paid_under_no_rule_earns_nothing_by_a_refund(
    till: Till,
) -> None:
    await till.set_rules()
    payment = await till.pay("100.00")
    await till.set_rules("1 point per 10 PHP")
    await till.world.give_back(payment, "50.00")
    await till.world.work(5)
    assert await till.balance() == 0
    assert await rewards_enqueued(till) == 0


async def test_the_rule_is_kept_when_it_is_paid_not_when_the_worker_gets_to_it(till: Till) -> None:
    payment = await till.world.pay("100.00", customer=Customer(id="cus_42"), method="maya")
    till.world.companies.maya.pay(payment.attempts[-1].id)
    await _paid_but_not_worked_on(till, payment)
    await till.set_rules("5 points per 10 PHP")
    await till.world.work(5)
    assert await till.balance() == 10


async def test_a_job_may_run_again_and_again(till: Till) -> None:
    payment = await till.pay()
    before = await till.wallet()
    for _ in range(3):
        await till.reward_payment(reward_job(payment))
    assert await till.wallet() == before


async def test_a_hundred_jobs_at_once_credit_once(till: Till) -> None:
    payment = await till.world.pay(customer=Customer(id="cus_42"), method="maya")
    till.world.companies.maya.pay(payment.attempts[-1].id)
    paid = await _paid_but_not_worked_on(till, payment)
    await asyncio.gather(*(till.reward_payment(reward_job(paid)) for _ in range(100)))
    assert await till.balance() == 150
    assert await till.kinds() == ["credited"]


async def test_a_job_about_nothing_does_nothing(till: Till) -> None:
    await till.set_rules()
    payment = await till.pay()
    await till.reward_payment(reward_job(payment))
    assert await till.wallet() is None


async def test_merchants_hear_of_credits_and_of_nothing_else(till: Till) -> None:
    payment = await till.pay("100.00")
    answer = await till.spend(10)
    await till.reverse(spend_id(answer))
    await till.world.give_back(payment, "50.00")
    await till.world.work(5)
    rows = till.world.database.shelf(ACME).feed.values()
    (told,) = [one.told for one in rows if one.told.topic is Topic.WALLET_CREDITED]
    wallet = await till.wallet()
    assert wallet is not None
    assert told.subject == wallet.id
    assert told.data == {
        "customerId": "cus_42",
        "walletId": wallet.id,
        "unit": "PTS",
        "amount": "10",
        "balance": "10",
        "paymentId": payment.id,
    }


async def test_a_wallet_is_of_one_customer(till: Till) -> None:
    await till.pay("100.00", "k1")
    await till.pay("200.00", "k2", Customer(id="cus_43"))
    assert await till.balance() == 10
    assert await till.balance(who="cus_43") == 20


async def hear(till: Till, payment: Payment, answer: Answer, rank: Rank) -> Payment:
    """Somebody tells us more about what was paid."""
    which, told = payment.attempts[0].id, said(answer, rank)
    amended = await till.world.initiate.amend(ACME, payment.id, lambda one: one.hear(which, told))
    await till.world.work()
    return amended.payment


async def paid_by_callback(till: Till) -> Payment:
    """PHP 100.00; a query outranks what was said."""
    payment = await till.world.pay("100.00", customer=Customer(id="cus_42"), method="maya")
    await till.world.call_back("maya", f"n1|{payment.attempts[0].id}|10000")
    await till.world.work()
    assert await till.balance() == 10
    return payment


async def test_points_stay_while_a_success_is_disputed(till: Till) -> None:
    payment = await hear(till, await paid_by_callback(till), declined(), Rank.QUERY)
    assert payment.paid_by is None
    assert await till.balance() == 10


async def test_points_go_when_a_success_is_denied_for_good_and_come_back_when_it_was_true(
    till: Till,
) -> None:
    payment = await paid_by_callback(till)
    await hear(till, payment, declined(), Rank.QUERY)
    await hear(till, payment, declined(), Rank.PERSON)
    assert await till.balance() == 0
    await hear(till, payment, succeeded(php("100.00")), Rank.SETTLEMENT)
    assert await till.balance() == 10
    assert await till.kinds() == ["credited", "taken_back", "credited"]


async def test_a_payment_denied_and_paid_again_keeps_its_first_rule(till: Till) -> None:
    payment = await till.pay("100.00")
    await hear(till, payment, declined(), Rank.PERSON)
    await till.set_rules("5 points per 10 PHP")
    await hear(till, payment, succeeded(php("100.00")), Rank.SETTLEMENT)
    assert await till.balance() == 10


async def test_a_payment_denied_and_paid_again_after_the_rule_went_keeps_its_own(
    till: Till,
) -> None:
    payment = await till.pay("100.00")
    await hear(till, payment, declined(), Rank.PERSON)
    await till.set_rules()
    await hear(till, payment, succeeded(php("100.00")), Rank.SETTLEMENT)
    assert await till.balance() == 10

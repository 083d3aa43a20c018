"""Payments, refunds, denials, spends and rules in any order: a wallet holds what its payments have
earned by what is left of them, less what was spent. Computed here anew, in plain whole numbers."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.memory.audit import MemoryAudit
from application.payments.follow_rewards import reward_job
from application.wallets.wallet_history import signed
from domain.audit.dossier import Check
from domain.audit.laws import breaches
from domain.errors import RefundExceedsPayment, SpendAlreadyReversed, WalletBalanceTooLow
from domain.payments.evidence import Rank
from domain.payments.outcome import Answer
from tests.builders import ACME, declined, php, said, succeeded
from tests.wallets.till import MARIA, Till, a_till, spend_id

T = TypeVar("T")
RULES = [("1 point per 10 PHP", 1000, 1), ("3 points per 7.77 PHP", 777, 3), (None, 1, 0)]


@dataclass
class Paid:
    """As the model has it: `per` centavos earn `award` points."""

    id: str
    minor: int
    per: int = 1
    award: int = 0
    refunded: int = 0
    denied: bool = False

    @property
    def earned(self) -> int:
        left = 0 if self.denied else self.minor - self.refunded
        return left // self.per * self.award


class WalletMachine(RuleBasedStateMachine):
    """`balance` of spends and reversals only; what is earned is computed each time."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.paid: list[Paid] = []
        self.spends: dict[str, int] = {}
        self.used = 0
        self.keys = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    @initialize()
    def open(self) -> None:
        self.till: Till = self.run(a_till())
        self.rule_now = RULES[0]

    @rule(which=st.sampled_from(RULES))
    def the_rule_changes(self, which: tuple[str | None, int, int]) -> None:
        self.rule_now = which
        self.run(self.till.set_rules(*([which[0]] if which[0] is not None else [])))

    @rule(minor=st.integers(100, 50_000))
    def a_payment_is_paid(self, minor: int) -> None:
        amount = f"{minor // 100}.{minor % 100:02d}"
        payment = self.run(self._paid(amount))
        self.paid.append(new := Paid(payment, minor))
        self._under_the_rule_of_now(new)

    def _under_the_rule_of_now(self, one: Paid) -> None:
        _, per, award = self.rule_now
        if one.minor >= per:
            one.per, one.award = per, award

    async def _paid(self, amount: str) -> str:
        world = self.till.world
        payment = await world.pay(amount, self.key(), customer=MARIA, method="maya")
        body = f"n{self.keys}|{payment.attempts[0].id}|{payment.amount.minor}"
        await world.call_back("maya", body)
        await world.run_jobs(1)  # reads the callback; what follows may wait
        world.companies.maya.pay(payment.attempts[0].id)
        await world.get(ACME, payment.id, refresh=True)
        return payment.id

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), minor=st.integers(1, 30_000))
    def some_goes_back(self, data: st.DataObject, minor: int) -> None:
        one = data.draw(st.sampled_from(self.paid))
        if one.denied:
            return
        amount = f"{minor // 100}.{minor % 100:02d}"
        payment = self.run(self.till.world.payment(one.id))
        try:
            refund = self.run(self.till.world.give_back(payment, amount, self.key()))
        except RefundExceedsPayment:
            assert minor > one.minor - one.refunded
            return
        assert refund.status == "succeeded"
        one.refunded += minor

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def a_person_denies_it_or_a_settlement_proves_it(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.paid))
        if one.denied:
            answer: Answer = succeeded(php(f"{one.minor // 100}.{one.minor % 100:02d}"))
            self.run(self._hear(one, answer, Rank.SETTLEMENT))
            one.denied = False
            if not one.award:  # no rule was there when it was paid before
                self._under_the_rule_of_now(one)
        elif not self.run(self._settled(one)):
            self.run(self._hear(one, declined(), Rank.PERSON))
            one.denied = True

    async def _settled(self, one: Paid) -> bool:
        """Nothing outranks that."""
        payment = await self.till.world.payment(one.id)
        return any(each.rank is Rank.SETTLEMENT for each in payment.attempts[0].evidence)

    async def _hear(self, one: Paid, answer: Answer, rank: Rank) -> None:
        payment = await self.till.world.payment(one.id)
        which, told = payment.attempts[0].id, said(answer, rank)
        amend = self.till.world.initiate.amend
        await amend(ACME, payment.id, lambda found: found.hear(which, told))

    @rule(minor=st.integers(1, 60))
    def some_is_spent(self, minor: int) -> None:
        before = self.run(self.till.balance())
        try:
            answer = self.run(self.till.spend(minor, self.key()))
        except WalletBalanceTooLow:
            assert before < minor
            return
        assert before >= minor
        self.spends[spend_id(answer)] = minor
        self.used += minor

    @precondition(lambda self: self.spends)
    @rule(data=st.data())
    def a_spend_is_reversed(self, data: st.DataObject) -> None:
        which = data.draw(st.sampled_from(sorted(self.spends)))
        back = data.draw(st.integers(1, self.spends[which]))
        self.run(self.till.reverse(which, back, self.key()))
        self.used -= back
        del self.spends[which]
        with pytest.raises(SpendAlreadyReversed):
            self.run(self.till.reverse(which, 1, self.key()))

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), times=st.integers(1, 4))
    def jobs_run_twice_and_beside_each_other(self, data: st.DataObject, times: int) -> None:
        some = data.draw(st.lists(st.sampled_from(self.paid), min_size=1, max_size=3))

        async def beside() -> None:
            payments = [await self.till.world.payment(one.id) for one in some]
            jobs = [reward_job(one) for one in payments for _ in range(times)]
            await asyncio.gather(*(self.till.reward_payment(one) for one in jobs))

        self.run(beside())

    @rule()
    def the_worker_catches_up(self) -> None:
        self.run(self.till.world.work(1))
        earned = sum(one.earned for one in self.paid)
        balance, troubles = self.run(self.till.balance()), self.till.world.troubles
        assert (balance, troubles) == (earned - self.used, [])

    @invariant()
    def a_balance_is_its_entries_and_no_payment_is_credited_twice(self) -> None:
        if not hasattr(self, "till"):
            return
        moves = self.run(self.till.moves())  # balance() has compared their sum
        self.run(self.till.balance())
        for one in self.paid:
            granted = sum(signed(each).minor for each in moves if each.payment_id == one.id)
            assert 0 <= granted <= one.minor // one.per * one.award

    def teardown(self) -> None:
        try:
            if hasattr(self, "till"):
                self._end()
        finally:
            self.runner.close()

    def _end(self) -> None:
        self.the_worker_catches_up()
        audit = MemoryAudit(self.till.world.database)
        strays = self.run(audit.strays(ACME, 10))
        dossiers = self.run(audit.dossiers(ACME, None, 1000))
        found = [one for dossier in dossiers for one in breaches(dossier)]
        assert (strays, [one for one in found if one.check is Check.WALLETS]) == ([], [])


WalletMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestWallets = WalletMachine.TestCase

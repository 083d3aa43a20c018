"""Circuits open for technical faults only, and one call finds out whether they may close."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.breaker import Breaker, Standing, Ticket
from adapters.provider_kit.circuit import FAULTS, LONGEST_PAUSE_S, PAUSE_S, PROBE_S, RECENT_S
from domain.ids import AccountId, TenantId
from tests.contracts.provider_worlds import HandClock

TENANT, ACCOUNT, OTHER = TenantId("ten_1"), AccountId("acc_1"), AccountId("acc_2")


def admitted(breaker: Breaker, account: AccountId = ACCOUNT, operation: str = "charge") -> Ticket:
    ticket = breaker.admit(account, operation)
    assert ticket is not None
    return ticket


def failing(breaker: Breaker, times: int = FAULTS, operation: str = "charge") -> None:
    for _ in range(times):
        breaker.record(admitted(breaker, operation=operation), fault=True)


def circuit(breaker: Breaker) -> str:
    return breaker.of(TENANT, ACCOUNT).circuit


def test_an_account_nobody_called_is_closed_and_has_no_rate() -> None:
    health = Breaker(HandClock()).of(TENANT, ACCOUNT)
    assert (health.circuit, health.successes, health.finished) == ("closed", 0, 0)


def test_faults_open_the_circuit_of_their_account_alone() -> None:
    breaker = Breaker(HandClock())
    failing(breaker, FAULTS - 1)
    assert circuit(breaker) == "closed"
    failing(breaker, 1)
    assert circuit(breaker) == "open"
    assert breaker.admit(ACCOUNT, "charge") is None
    assert breaker.admit(OTHER, "charge") is not None
    assert breaker.admit(ACCOUNT, "refund") is not None


def test_a_few_faults_among_many_answers_do_not_open_it() -> None:
    breaker = Breaker(HandClock())
    for number in range(100):
        breaker.record(admitted(breaker), fault=number % 3 == 0)
    assert circuit(breaker) == "closed"


def test_faults_of_long_ago_do_not_count() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(3 * FAULTS):
        failing(breaker, 1)
        clock.pass_(seconds=RECENT_S)
    assert circuit(breaker) == "closed"


def test_after_a_pause_exactly_one_may_try() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    failing(breaker)
    clock.pass_(seconds=PAUSE_S)
    assert circuit(breaker) == "half_open"
    probe = admitted(breaker)
    assert circuit(breaker) == "open"
    assert breaker.admit(ACCOUNT, "charge") is None
    breaker.record(probe, fault=False)
    assert circuit(breaker) == "closed"


def test_each_failed_try_doubles_the_pause_up_to_a_limit() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    failing(breaker)
    pause = PAUSE_S
    for _ in range(8):
        clock.pass_(seconds=pause - 0.001)
        assert breaker.admit(ACCOUNT, "charge") is None
        clock.pass_(seconds=0.001)
        breaker.record(admitted(breaker), fault=True)
        pause = min(2 * pause, LONGEST_PAUSE_S)
    clock.pass_(seconds=LONGEST_PAUSE_S)
    breaker.record(admitted(breaker), fault=False)
    failing(breaker)
    clock.pass_(seconds=PAUSE_S)
    assert circuit(breaker) == "half_open"


def test_a_probe_that_was_given_up_or_never_came_back_lets_another_try() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    failing(breaker)
    clock.pass_(seconds=PAUSE_S)
    breaker.abandon(admitted(breaker))
    admitted(breaker)
    clock.pass_(seconds=PROBE_S)
    admitted(breaker)


def test_an_answer_from_before_the_circuit_moved_says_nothing() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    slow = admitted(breaker)
    failing(breaker)
    breaker.record(slow, fault=False)
    assert circuit(breaker) == "open"
    clock.pass_(seconds=PAUSE_S)
    breaker.record(admitted(breaker), fault=False)
    for _ in range(FAULTS):
        breaker.record(slow, fault=True)
    assert circuit(breaker) == "closed"


def test_routing_is_told_of_prepare_and_charge_and_not_of_queries() -> None:
    breaker = Breaker(HandClock())
    for _ in range(FAULTS):
        breaker.record(breaker.note(ACCOUNT, "query"), fault=True)
    assert circuit(breaker) == "closed"
    assert breaker.circuits(ACCOUNT) == {"query": "open"}
    failing(breaker, operation="prepare")
    assert circuit(breaker) == "open"


def test_an_attempt_counts_once_and_for_an_hour() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for _ in range(3):
        breaker.finished(ACCOUNT, "att_1", success=True)
    breaker.finished(ACCOUNT, "att_1", success=False)
    breaker.finished(ACCOUNT, "att_2", success=False)
    health = breaker.of(TENANT, ACCOUNT)
    assert (health.successes, health.finished) == (1, 2)
    clock.pass_(minutes=59)
    breaker.finished(ACCOUNT, "att_3", success=True)
    assert breaker.of(TENANT, ACCOUNT).finished == 3
    clock.pass_(minutes=1)
    assert breaker.of(TENANT, ACCOUNT).finished == 1
    clock.pass_(hours=1)
    assert breaker.of(TENANT, ACCOUNT).finished == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["call", "answer", "fault", "abandon", "wait"]), st.integers(0, 30)),
    max_size=80,
)


@given(STEPS)
def test_it_never_locks_for_ever(steps: list[tuple[str, int]]) -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    out: list[Ticket] = []
    for what, number in steps:
        if what == "wait":
            clock.pass_(seconds=number)
        elif what == "call":
            if ticket := breaker.admit(ACCOUNT, "charge"):
                out.append(ticket)
        elif out:
            ticket = out.pop(number % len(out))
            if what == "abandon":
                breaker.abandon(ticket)
            else:
                breaker.record(ticket, fault=what == "fault")
    clock.pass_(seconds=LONGEST_PAUSE_S + PROBE_S)
    breaker.record(admitted(breaker), fault=False)
    assert circuit(breaker) == "closed"


def test_a_provider_stands_as_its_accounts_do() -> None:
    clock = HandClock()
    breaker = Breaker(clock)
    for account in (ACCOUNT, OTHER):
        breaker.belongs(account, "maya", TENANT)
    breaker.belongs(AccountId("acc_3"), "gcash", TENANT)
    admitted(breaker, AccountId("acc_4"))  # nobody said whose it is
    assert breaker.standing() == {"maya": Standing(), "gcash": Standing()}
    failing(breaker)
    assert breaker.standing()["maya"] == Standing("open", available=True), "the other is fine"
    for _ in range(FAULTS):
        breaker.record(admitted(breaker, OTHER), fault=True)
    assert breaker.standing()["maya"] == Standing("open", available=False)
    assert breaker.standing()["gcash"] == Standing()
    clock.pass_(seconds=PAUSE_S)
    assert breaker.standing()["maya"] == Standing("half_open", available=True)


def test_queries_that_fail_are_told_and_hinder_no_payment() -> None:
    breaker = Breaker(HandClock())
    breaker.belongs(ACCOUNT, "maya", TENANT)
    failing(breaker, operation="query")
    assert breaker.standing()["maya"] == Standing("open", available=True)

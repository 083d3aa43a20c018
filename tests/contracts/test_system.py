"""The contract of Ids and Clock."""

import os
import re
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from threading import Thread

import pytest

from adapters.system.clock import SystemClock
from adapters.system.ids import CROCKFORD, RandomIds
from domain.ids import attempt_id, payment_of
from domain.ports.ids import Ids
from tests.builders import CountingIds

LETTERS = f"[{CROCKFORD}]"


@pytest.mark.parametrize("ids", [RandomIds(), CountingIds()], ids=["random", "counting"])
def test_an_id_says_what_it_names_and_has_its_length(ids: Ids) -> None:
    for made, prefix, letters in (
        (ids.payment_id(), "pay", 26),
        (ids.refund_id(), "rfd", 26),
        (ids.tenant_id(), "ten", 26),
        (ids.account_id(), "acc", 26),
        (ids.event_id(), "evt", 26),
        (ids.key_id(), "key", 16),
    ):
        assert re.fullmatch(f"{prefix}_{LETTERS}{{{letters}}}", made)
    assert len(ids.secret(32)) == 32


def test_a_payment_is_found_by_its_attempts_id() -> None:
    payment_id = RandomIds().payment_id()
    assert payment_of(attempt_id(payment_id, 7)) == payment_id


def test_ids_sort_by_birth_and_never_repeat() -> None:
    ids = RandomIds()
    made = [ids.payment_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_sort_by_birth_although_the_clock_is_set_back() -> None:
    moments = iter([1000, 999, 5, 1000, 1001])
    ids = RandomIds(milliseconds=lambda: next(moments))
    made = [ids.payment_id() for _ in range(5)]
    assert made == sorted(made)


def test_ids_of_processes_sort_by_time() -> None:
    early = RandomIds(milliseconds=lambda: 1_700_000_000_000).payment_id()
    late = RandomIds(milliseconds=lambda: 1_700_000_000_001).payment_id()
    assert early < late


def test_the_time_of_birth_can_be_read() -> None:
    before = time.time_ns() // 1_000_000
    letters = RandomIds().payment_id()[4:14]
    born = sum(CROCKFORD.index(letter) * 32**place for place, letter in enumerate(letters[::-1]))
    assert 0 <= born - before <= 2000


def test_a_neighbours_id_does_not_help_to_guess_one() -> None:
    """Within one millisecond too, two ids lie at least some 2^32 apart."""
    ids = RandomIds(milliseconds=lambda: 7)
    made = [ids.payment_id()[4:] for _ in range(1000)]
    values = [int(one.translate(TO_BASE_32), 32) for one in made]
    steps = [later - earlier for earlier, later in pairwise(values)]
    assert min(steps) > 2**32


TO_BASE_32 = str.maketrans(CROCKFORD, "0123456789abcdefghijklmnopqrstuv")


def test_threads_never_get_the_same_id() -> None:
    ids, made = RandomIds(), list[str]()
    threads = [
        Thread(target=lambda: made.extend(ids.payment_id() for _ in range(2000))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # a fork beside threads
def test_a_forked_child_makes_ids_of_its_own() -> None:
    ids = RandomIds(milliseconds=lambda: 7)
    ids.account_id()
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, ids.account_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 64).decode() != ids.account_id()
    os.close(reader)
    os.close(writer)


def test_a_simulation_gets_the_same_ids_from_the_same_seed() -> None:
    def some() -> list[str]:
        ids = RandomIds(milliseconds=lambda: 7, entropy=Random(11).randbytes)
        return [ids.payment_id(), ids.account_id(), ids.key_id(), ids.secret(8).hex()]

    assert some() == some()


def test_the_clock_tells_utc_with_microseconds() -> None:
    before, now = datetime.now(UTC), SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert timedelta(0) <= now - before < timedelta(seconds=5)


def test_durations_never_run_backwards() -> None:
    clock = SystemClock()
    told = [clock.monotonic() for _ in range(100)]
    assert told == sorted(told)

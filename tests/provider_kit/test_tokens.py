"""Access tokens: one fetch for many calls, kept to shortly before the end, nothing raised."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.provider_kit.tokens import MARGIN_S, Grant, Missing, Tokens, unasked, uncharged
from domain.payments.outcome import (
    UNREACHED,
    Declined,
    Failure,
    FailureCode,
    FailureKind,
    NotSent,
    Unknown,
)
from tests.contracts.provider_worlds import HandClock

pytestmark = pytest.mark.anyio

NO = Declined(failure=Failure(FailureCode.PROVIDER_UNAVAILABLE, "No.", FailureKind.UNAVAILABLE))


class Desk:
    """Gives token-1, token-2 … that live an hour, or says what it is told to."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.given = 0
        self.says: Missing | None = None
        self.opens = asyncio.Event()
        self.opens.set()
        self.tokens = Tokens(self.clock, self.fetch)

    async def fetch(self, left: Callable[[], float]) -> Grant | Missing:
        await self.opens.wait()
        if self.says is not None:
            return self.says
        self.given += 1
        return Grant(f"token-{self.given}", 3600)

    async def get(self, within_s: float = 5.0) -> str | Missing:
        return await self.tokens.get(lambda: within_s)


async def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    desk = Desk()
    assert await desk.get() == "token-1"
    desk.clock.pass_(seconds=3600 - MARGIN_S - 1)
    assert await desk.get() == "token-1"
    desk.clock.pass_(seconds=1)
    assert await desk.get() == "token-2"


async def test_many_calls_at_once_fetch_one() -> None:
    desk = Desk()
    desk.opens.clear()
    calls = [asyncio.create_task(desk.get()) for _ in range(50)]
    await asyncio.sleep(0)
    desk.opens.set()
    assert set(await asyncio.gather(*calls)) == {"token-1"}
    assert desk.given == 1


async def test_a_call_waits_for_anothers_fetch_within_its_own_time() -> None:
    desk = Desk()
    desk.opens.clear()
    patient = asyncio.create_task(desk.get())
    await asyncio.sleep(0)
    assert isinstance(await desk.get(within_s=0.01), NotSent)
    desk.opens.set()
    assert await patient == "token-1"


async def test_a_fetch_that_was_given_up_leaves_the_next_a_turn() -> None:
    desk = Desk()
    desk.opens.clear()
    given_up = asyncio.create_task(desk.get())
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    desk.opens.set()
    assert await desk.get() == "token-1"


async def test_what_was_dropped_is_fetched_anew_and_another_token_is_left_alone() -> None:
    desk = Desk()
    await desk.get()
    desk.tokens.drop("token-0")
    assert await desk.get() == "token-1"
    desk.tokens.drop("token-1")
    assert await desk.get() == "token-2"


@pytest.mark.parametrize("missing", [NotSent("refused"), Unknown(reason="cut"), NO])
async def test_without_a_token_no_money_moved_and_nothing_is_known(missing: Missing) -> None:
    desk = Desk()
    desk.says = missing
    assert await desk.get() == missing
    assert isinstance(uncharged(missing), Declined | NotSent)
    assert isinstance(unasked(missing), Unknown)
    desk.says = None
    assert await desk.get() == "token-1"


def test_a_lost_answer_lets_another_provider_try() -> None:
    said = uncharged(Unknown(reason="cut"))
    assert isinstance(said, Declined)
    assert said.elsewhere
    assert said.failure.message == UNREACHED


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(Grant("secret", 60))

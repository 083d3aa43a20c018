"""The machine's resolver, in threads of its own."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.webhooks.lookup import SystemLookup

pytestmark = pytest.mark.anyio


@pytest.fixture
async def lookup() -> AsyncIterator[SystemLookup]:
    made = SystemLookup()
    yield made
    made.close()


async def test_a_name_of_this_machine_is_found(lookup: SystemLookup) -> None:
    assert set(await lookup("localhost", 443)) <= {"127.0.0.1", "::1"}
    assert await lookup("127.0.0.1", 443) == ["127.0.0.1"]


async def test_a_name_that_does_not_exist_is_an_error(lookup: SystemLookup) -> None:
    with pytest.raises(socket.gaierror):
        await lookup("no-such-shop.invalid", 443)


async def test_a_slow_name_holds_one_thread_and_no_other_name(
    lookup: SystemLookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, asked = threading.Event(), list[str]()

    def found(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        if host == "slow.example":
            go.wait(10)
        return [host]

    monkeypatch.setattr("adapters.webhooks.lookup._found", found)
    slow = [asyncio.create_task(lookup("slow.example", 443)) for _ in range(40)]
    await asyncio.sleep(0)  # all of them begin
    assert await lookup("quick.example", 443) == ["quick.example"]
    slow[0].cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await slow[0]
    assert {tuple(await one) for one in slow[1:]} == {("slow.example",)}
    assert asked == ["slow.example", "quick.example"]
    await lookup("slow.example", 443)
    assert asked[2:] == ["slow.example"], "what has ended is looked up anew"

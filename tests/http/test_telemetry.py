"""Log lines and metrics as the outside gets them."""

import asyncio
import logging

import msgspec
import pytest
import structlog

from adapters.telemetry.logs import ErrorLog, configure
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.scrub import scrubbed
from adapters.telemetry.sink import MOST_WAITING, SOON_S, Sink
from application.correlation import CORRELATION
from tests.builders import StillClock
from tests.http.site import Lines, Site

pytestmark = pytest.mark.anyio


@pytest.fixture
def lines() -> Lines:
    return Lines()


async def test_lines_leave_soon_together_and_never_pile_up(lines: Lines) -> None:
    sink = Sink(lines)
    sink.write(b"one")
    sink.write(b"two")
    assert lines.text == b""
    await asyncio.sleep(SOON_S + 0.1)
    assert lines.text == b"one\ntwo\n"
    sink.write(b"x" * (MOST_WAITING + 1))
    assert lines.text.endswith(b"x\n")


def test_outside_a_loop_a_line_leaves_at_once(lines: Lines) -> None:
    Sink(lines).write(b"one")
    assert lines.text == b"one\n"


def test_a_log_line_carries_the_correlation_id_and_is_scrubbed(lines: Lines) -> None:
    log = configure(Sink(lines), StillClock())
    try:
        token = CORRELATION.set("order-7")
        log.info("told", note="card 4111 1111 1111 1111, maria@example.com", amount=1500)
        CORRELATION.reset(token)
        logging.getLogger("somewhere").warning("Bearer %s", "abcdefghijkl")
        logging.getLogger("aiohttp.client").debug("header")
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers = []
    first, second = (msgspec.json.decode(one) for one in lines.text.splitlines())
    assert first["correlationId"] == "order-7"
    assert first["note"] == "card [hidden], [hidden]"
    assert first["amount"] == 1500
    assert second["event"] == "[hidden]"
    assert second["logger"] == "somewhere"


@pytest.mark.parametrize(
    "secret",
    [
        "cauri_live_0123456789ABCDEF_secret",
        "sk_live_0123456789",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH",
        "Basic Y2F1cmk6c2VjcmV0",
        "/pay/abcdefghijklmnop-qrstuvwx",
        "378282246310005",
        "maria@example.com",
    ],
)
def test_what_opens_something_or_names_somebody_is_hidden(secret: str) -> None:
    assert secret not in scrubbed(f"before {secret} after")
    assert scrubbed(f"before {secret} after").endswith(" after")


async def test_an_unforeseen_error_is_logged_by_place_and_not_by_values(
    site: Site, lines: Lines
) -> None:
    log = configure(Sink(lines), StillClock())
    exchange = type(
        "Exchange",
        (),
        {"correlation_id": "order-7", "status": 500, "tenant_id": None, "key_id": None},
    )()
    try:
        raise_deep("4111111111111111")
    except ValueError as error:
        ErrorLog(log)(error, exchange)
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers = []
    await asyncio.sleep(SOON_S + 0.1)
    told = msgspec.json.decode(lines.text)
    assert told["error"] == "ValueError"
    assert "raise_deep" in told["where"][-1]
    assert "4111111111111111" not in lines.text.decode()


def raise_deep(secret: str) -> None:
    raise ValueError(f"bad {secret}")


async def test_figures_of_others_are_read_when_somebody_looks() -> None:
    metrics = Metrics()
    depth = {"waiting": 3.0, "commits_total": 7.0}
    described = {"waiting": "Units that wait.", "commits_total": "Commits.", "absent": "None."}
    metrics.watch("cauri_group", described, lambda: depth)
    metrics.job("inquire", "done")
    depth["waiting"] = 5
    page = (await metrics.page()).decode()
    assert "cauri_group_waiting 5.0" in page
    assert "cauri_group_commits_total 7.0" in page
    assert 'cauri_jobs_total{kind="inquire",result="done"} 1.0' in page
    assert "absent" not in page


async def test_what_has_to_be_asked_for_is_left_out_while_nobody_answers() -> None:
    metrics, answers = Metrics(), [{"due": 4.0}]

    async def read() -> dict[str, float]:
        return answers.pop()

    metrics.look("cauri_queue", {"due": "Jobs that are due."}, read)
    assert "cauri_queue_due 4.0" in (await metrics.page()).decode()
    page = (await metrics.page()).decode()
    assert "cauri_queue_due" not in page
    assert "cauri_requests" in page

"""pay, status, refund, cancel, payments list, timeline, explain, verify."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.payments.outcome import Succeeded
from domain.payments.routing import Health
from tests.application.company import DOWN, LOST, REFUSED
from tests.builders import php
from tests.cli.shell import Shell


def pay(shell: Shell, *words: str, status: int = 0) -> Any:
    return shell.json("pay", "1500.00", "PHP", "--country", "PH", *words, status=status)


def paid(shell: Shell) -> Any:
    shell.world.companies.maya.script = lambda charge: Succeeded(amount=charge.amount)
    return pay(shell)


def test_a_payment_is_taken_in_the_apis_words(shell: Shell) -> None:
    told = pay(
        shell,
        *("--reference", "order-7", "--customer-id", "cus_1", "--name", "Maria", "--payer-fee"),
        *("--phone", "+639171234567", "--email", "maria@example.com", "--metadata", "cart=c=9"),
        *("--description", "tickets", "--return-url", "https://shop.example/r"),
        *("--expires-in", "600", "--method", "gcash"),
    )
    assert told["status"] == "pending"
    assert told["provider"] == "gcash"
    assert told["chargedAmount"] == "1562.50"
    assert told["fee"]["bearer"] == "payer"
    assert told["customer"]["phone"] == "+639171234567"
    assert told["metadata"] == {"cart": "c=9"}
    assert told["expiresAt"] == "2026-02-07T10:08:00Z"
    assert told["nextAction"]["type"] == "redirect"
    assert told["idempotencyKey"].startswith("cli_")
    assert not told["idempotencyReplayed"]


def test_people_are_told_what_the_payer_does_next(shell: Shell) -> None:
    result = shell("pay", "1500.00", "PHP", "--key", "k-1")
    assert result.exit_code == 0
    assert "The payer opens https://maya.example/att_" in result.stdout
    assert "1500.00 PHP" in result.stdout
    assert "52.50 PHP (2.5% + 15.00), borne by the merchant" in result.stdout
    assert "k-1 (a new payment)" in result.stdout


def test_nothing_a_payer_is_called_commands_a_terminal(shell: Shell) -> None:
    status, told = shell.refused("pay", "1500.00", "PHP", "--name", "Mar\x1b[31mia")
    assert status == 2
    assert "control characters" in told
    result = shell("pay", "1500.00", "PHP", "--name", "Mar\x9b31m[red]ia")
    assert "Mar�31m[red]ia" in result.stdout


def test_the_same_key_is_the_same_payment(shell: Shell) -> None:
    first, again = pay(shell, "--key", "k-1"), pay(shell, "--key", "k-1")
    assert again["id"] == first["id"]
    assert again["idempotencyReplayed"]
    assert len(shell.world.companies.maya.books) == 1
    assert (
        "it is the same payment"
        in shell("pay", "1500.00", "PHP", "--country", "PH", "--key", "k-1").stdout
    )


def test_the_same_key_with_another_amount_is_refused(shell: Shell) -> None:
    pay(shell, "--key", "k-1")
    status, told = shell.refused("pay", "1.00", "PHP", "--key", "k-1")
    assert status == 2
    assert "use a new key" in told


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["0", "PHP"], "amount"),
        (["1.005", "PHP"], "amount"),
        (["1e3", "PHP"], "amount"),
        (["10", "PXP"], "currency"),
        (["10", "php"], "currency"),
        (["10", "PHP", "--country", "ph"], "country"),
        (["10", "PHP", "--phone", "0917"], "customer.phone"),
        (["10", "PHP", "--email", "maria"], "customer.email"),
        (["10", "PHP", "--method", "Maya!"], "method"),
        (["10", "PHP", "--method", "acme"], "method"),
        (["10", "PHP", "--expires-in", "5"], "expiresIn"),
        (["10", "PHP", "--return-url", "javascript:alert(1)"], "returnUrl"),
        (["10", "PHP", "--reference", ""], "reference"),
        (["10", "PHP", "--reference", "r" * 65], "reference"),
        (["10", "PHP", "--reference", "4242424242424242"], "reference"),
        (["10", "PHP", "--reference", "a\udcffb"], "reference"),
        (["10", "PHP", "--country", "XX"], "country"),
        (["10", "PHP", "--customer-id", ""], "customer.id"),
        (["10", "PHP", "--customer-id", "4111111111111111"], "customer.id"),
        (["10", "PHP", "--name", "4111 1111 1111 1111"], "customer.name"),
        (["10", "PHP", "--email", "4111111111111111@x.org"], "customer.email"),
        (["10", "PHP", "--description", "pay with 4111-1111-1111-1111"], "description"),
        (["10", "PHP", "--description", "d" * 501], "description"),
        (["10", "PHP", "--return-url", "https://a@b.example/"], "returnUrl"),
        (["10", "PHP", "--metadata", "pan=5555555555554444"], "metadata.pan"),
        (["10", "PHP", "--metadata", f"{'k' * 41}=1"], "metadata"),
        (["1" * 33, "PHP"], "amount"),
        (["10", "PHP", "--metadata", "cart"], "metadata"),
        (["10", "PHP", "--key", "a b"], "key"),
        (["200000", "PHP"], "amount"),
    ],
)
def test_what_cannot_be_paid_names_its_field(shell: Shell, words: list[str], field: str) -> None:
    status, told = shell.refused("pay", *words)
    assert status == 2
    assert told.startswith(f"cauri: {field}: ")
    assert not shell.world.database.owners


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "r" * 501, "\x1b[2J"])
def test_why_money_goes_back_or_came_is_text_as_over_http(shell: Shell, text: str) -> None:
    payment = paid(shell)["id"]
    told = shell.refused("refund", payment, "--reason", text)
    assert told[0] == 2
    assert told[1].startswith("cauri: reason: ")
    waiting = pay(shell, "--method", "cash")["id"]
    for words in (("--reason", text), ("--reason", "seen", "--operator", text)):
        status, line = shell.refused("verify", waiting, "received", *words)
        assert status == 2
        assert line.startswith(f"cauri: {words[-2].removeprefix('--')}: ")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--reference", "r" * 65], "reference"),
        (["--reference", "4242424242424242"], "reference"),
        (["--customer", "4111111111111111"], "customerId"),
        (["--q", "x" * 101], "q"),
        (["--q", "4111111111111111"], "q"),
        (["--provider", "Maya!"], "provider"),
        (["--currency", "php"], "currency"),
        (["--after", "' OR 1=1"], "cursor"),
        (["--from", "yesterday"], "from"),
    ],
)
def test_a_wrong_filter_is_named_as_over_http(shell: Shell, words: list[str], field: str) -> None:
    status, told = shell.refused("payments", "list", *words)
    assert status == 2
    assert told.startswith(f"cauri: {field}: ")


def test_a_negative_amount_is_refused(shell: Shell) -> None:
    assert shell.refused("pay", "--", "-10", "PHP") == (2, "cauri: amount: must be more than zero")


def test_a_payment_the_payer_refuses_exits_with_1(shell: Shell) -> None:
    shell.world.companies.maya.script = lambda charge: REFUSED
    assert pay(shell, status=1)["failure"]["code"] == "payer_rejected"
    told = shell("pay", "1500.00", "PHP")
    assert told.exit_code == 1
    assert "No money was taken." in told.stdout
    assert "The payer said no. (payer_rejected)" in told.stdout


def test_a_payment_nobody_can_take_now_exits_with_4(shell: Shell) -> None:
    shell.world.companies.maya.script = lambda charge: DOWN
    shell.world.companies.gcash.script = lambda charge: DOWN
    told = pay(shell, "--key", "k-1", status=4)
    assert [one["provider"] for one in told["attempts"]] == ["maya", "gcash"]
    assert pay(shell, "--key", "k-1", status=4)["id"] == told["id"]
    for account in ("acc_maya", "acc_gcash"):
        shell.world.health.known[account] = Health("open")
    assert pay(shell, status=4)["attempts"] == []


def test_an_unknown_outcome_exits_with_5(shell: Shell) -> None:
    shell.world.companies.maya.silent = True
    told = pay(shell, status=5)
    assert told["attempts"][0]["status"] == "indeterminate"
    result = shell("pay", "1500.00", "PHP")
    assert result.exit_code == 5
    assert "Don't pay again" in result.stdout


def test_a_payments_status_is_shown_whatever_it_is(shell: Shell) -> None:
    shell.world.companies.maya.silent = True
    payment = pay(shell, status=5)
    assert shell.json("status", payment["id"])["status"] == "pending"
    shell.world.companies.maya.pay(payment["attempts"][0]["id"])
    told = shell("status", payment["id"], "--refresh")
    assert told.exit_code == 0
    assert "succeeded" in told.stdout
    assert "It is paid." in told.stdout


def test_an_unknown_payment_exits_with_3(shell: Shell) -> None:
    for words in (
        ("status", "pay_9"),
        ("timeline", "pay_9"),
        ("explain", "pay_9"),
        ("cancel", "pay_9"),
        ("refund", "pay_9"),
        ("verify", "pay_9", "received", "--reason", "seen"),
    ):
        status, told = shell.refused(*words)
        assert status == 3
        assert "check the id" in told


def test_another_tenants_payment_is_not_found(shell: Shell) -> None:
    payment = pay(shell)
    shell.open_tenant(2, "Beta")
    assert shell.refused("status", payment["id"], "--tenant", "Beta")[0] == 3


def test_a_payment_is_refunded_in_parts(shell: Shell) -> None:
    payment = paid(shell)
    told = shell.json("refund", payment["id"], "--amount", "500.00", "--reason", "one ticket")
    assert told["status"] == "succeeded"
    assert told["amount"] == "500.00"
    assert told["reason"] == "one ticket"
    rest = shell("refund", payment["id"])
    assert rest.exit_code == 0
    assert "1000.00 PHP" in rest.stdout
    assert "on its way to the payer" in rest.stdout
    assert shell.json("status", payment["id"])["refundStatus"] == "full"


def test_a_refund_with_the_same_key_happens_once(shell: Shell) -> None:
    payment = paid(shell)
    words = ("refund", payment["id"], "--amount", "10", "--key", "r-1")
    first, again = shell.json(*words), shell.json(*words)
    assert first["id"] == again["id"]
    assert again["idempotencyReplayed"]


def test_more_than_remains_is_not_refunded(shell: Shell) -> None:
    payment = paid(shell)
    status, told = shell.refused("refund", payment["id"], "--amount", "1500.01")
    assert status == 1
    assert "1500.00 PHP can still be refunded" in told
    assert "ask for less" in told


def test_a_refund_that_was_refused_exits_with_1(shell: Shell) -> None:
    payment = paid(shell)
    shell.world.companies.maya.refund_script = lambda order: REFUSED
    told = shell("refund", payment["id"])
    assert told.exit_code == 1
    assert "Nothing was given back." in told.stdout


def test_a_refund_whose_answer_was_lost_exits_with_5(shell: Shell) -> None:
    payment = paid(shell)
    shell.world.companies.maya.silent_refunds = True
    told = shell("refund", payment["id"])
    assert told.exit_code == 5
    assert "Don't repeat" in told.stdout


def test_a_payment_is_canceled(shell: Shell) -> None:
    payment = pay(shell)
    told = shell("cancel", payment["id"])
    assert told.exit_code == 0
    assert "It can't be paid any more." in told.stdout
    status, line = shell.refused("cancel", payment["id"])
    assert status == 1
    assert "cauri refund" in line


def test_a_payment_that_was_paid_meanwhile_is_not_canceled(shell: Shell) -> None:
    payment = pay(shell)
    shell.world.companies.maya.pay(payment["attempts"][0]["id"])
    assert shell.json("cancel", payment["id"], status=1)["status"] == "succeeded"


def test_a_cancellation_the_provider_does_not_confirm_exits_with_4(shell: Shell) -> None:
    payment = pay(shell)

    async def lost(*_: Any, **__: Any) -> Any:
        return LOST

    shell.world.companies.maya.cancel = lost  # type: ignore[method-assign]
    told = shell("cancel", payment["id"])
    assert told.exit_code == 4
    assert "not confirmed" in told.stdout


def test_payments_are_listed_page_by_page(shell: Shell) -> None:
    ids = []
    for number in range(3):
        ids.append(pay(shell, "--reference", f"order-{number}")["id"])
        shell.world.clock.advance(1)
    page = shell.json("payments", "list", "--limit", "2")
    assert [one["id"] for one in page["data"]] == [ids[2], ids[1]]
    rest = shell.json("payments", "list", "--limit", "2", "--after", page["nextCursor"])
    assert [one["id"] for one in rest["data"]] == [ids[0]]
    assert rest["nextCursor"] is None
    table = shell("payments", "list", "--limit", "2").stdout
    assert f"More: --after {ids[1]}" in table
    assert "1500.00 PHP" in table
    assert "1 s ago" in table


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--status", "pending"], True),
        (["--status", "failed"], False),
        (["--provider", "gcash"], False),
        (["--currency", "USD"], False),
        (["--customer", "cus_1"], True),
        (["--reference", "order-7"], True),
        (["--q", "maria"], True),
        (["--from", "2026-02-07"], True),
        (["--from", "2026-02-07T10:00:00Z"], False),
        (["--to", "2026-02-07"], False),
        (["--to", "2026-02-07T19:00:00+08:00"], True),
    ],
)
def test_payments_are_filtered(shell: Shell, words: list[str], found: bool) -> None:
    pay(shell, "--reference", "order-7", "--customer-id", "cus_1", "--name", "Maria")
    assert bool(shell.json("payments", "list", *words)["data"]) is found


@pytest.mark.parametrize("flag", ["--from", "--to"])
def test_a_time_that_is_none_names_its_field(shell: Shell, flag: str) -> None:
    status, told = shell.refused("payments", "list", flag, "yesterday")
    assert status == 2
    assert told.startswith(f"cauri: {flag[2:]}: must be like")


@pytest.mark.parametrize("words", [["--limit", "0"], ["--status", "paid"], ["--nonsense"]])
def test_wrong_usage_exits_with_2(shell: Shell, words: list[str]) -> None:
    assert shell("payments", "list", *words).exit_code == 2


def test_a_timeline_says_who_told_us(shell: Shell) -> None:
    payment = paid(shell)
    told = shell.json("timeline", payment["id"])
    assert [one["type"] for one in told["data"]] == ["payment.initiated", "payment.succeeded"]
    table = shell("timeline", payment["id"]).stdout
    assert "reply of maya" in table
    assert "2026-02-07 09:58:00" in table


def test_the_routers_reasons_are_explained(shell: Shell) -> None:
    shell.world.health.known["acc_gcash"] = Health("open", 3, 7)
    payment = pay(shell)
    told = shell.json("explain", payment["id"])
    assert told["chosen"] == "maya"
    by_code = {one["provider"]: one for one in told["candidates"]}
    assert by_code["maya"]["taken"]
    assert by_code["gcash"]["obstacle"] == "circuit_open"
    assert by_code["gcash"]["health"]["finished"] == 7
    table = shell("explain", payment["id"]).stdout
    assert "52.50 PHP" in table
    assert "it failed repeatedly" in table
    assert "3 of 7 paid" in table
    places = [line.split()[0] for line in table.split("\n\n")[1].splitlines()[1:]]
    assert places[0] == "1"  # who would be tried stands first, in that order
    assert set(places[places.index("-") :]) == {"-"}


def test_what_waits_for_a_person_is_listed_and_verified(shell: Shell) -> None:
    payment = pay(shell, "--method", "cash")
    assert payment["status"] == "awaiting_verification"
    assert [one["id"] for one in shell.json("verify", "--list")["data"]] == [payment["id"]]
    assert "it is paid offline" in shell("verify").stdout
    words = ("verify", payment["id"], "received", "--reason", "seen at the desk", "--attempt")
    assert shell.refused(*words, f"{payment['attempts'][0]['id'][:-1]}2")[0] == 1
    told = shell(*words, payment["attempts"][0]["id"])
    assert told.exit_code == 0
    assert "It is paid." in told.stdout
    causes = [one["cause"] for one in shell.json("timeline", payment["id"])["data"]]
    assert "ada: seen at the desk" in causes


def test_money_that_never_came_is_rejected(shell: Shell) -> None:
    payment = pay(shell, "--method", "cash")
    told = shell.json(
        *("verify", payment["id"], "rejected", "--reason", "nobody came", "--operator", "bob")
    )
    assert told["status"] == "failed"
    assert shell.json("timeline", payment["id"])["data"][-1]["cause"] == "bob: nobody came"
    status, line = shell.refused("verify", payment["id"], "received", "--reason", "after all")
    assert status == 1
    assert "cauri verify --list" in line


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["received"], "reason"),
        (["received", "--reason", " "], "reason"),
        (["received", "--reason", "seen", "--amount", "1.00"], "receivedAmount"),
        (["received", "--reason", "seen", "--amount", "x"], "receivedAmount"),
        ([], "outcome"),
    ],
)
def test_a_verification_that_says_too_little(shell: Shell, words: list[str], field: str) -> None:
    payment = pay(shell, "--method", "cash")
    status, told = shell.refused("verify", payment["id"], *words)
    assert status == 2
    assert told.startswith(f"cauri: {field}: ")


def test_a_wrong_amount_waits_for_a_person(shell: Shell) -> None:
    payment = pay(shell)
    attempt = payment["attempts"][0]["id"]
    shell.world.companies.maya.pay(attempt, minor=php("1.00").minor)
    shell("status", payment["id"], "--refresh")
    assert "another amount was paid" in shell("verify").stdout


def test_every_wait_has_a_reason(shell: Shell) -> None:
    payment = pay(shell)
    stored = asyncio.run(shell.world.payment(payment["id"]))
    from adapters.cli.verification import why

    attempts = (replace(stored.attempts[0], with_person=True, contradiction=True),)
    told = why(replace(stored, attempts=attempts))
    assert told == "the provider contradicts itself, the provider never said"


def unknown_refund(shell: Shell) -> dict[str, Any]:
    """Of which nobody knows anything, past its provider's horizon."""
    world = shell.world
    payment = pay(shell)
    world.companies.maya.pay(payment["attempts"][0]["id"])
    shell("status", payment["id"], "--refresh")
    world.companies.maya.refund_script = lambda order: LOST
    world.companies.maya.silent_refund_queries = True
    refund = shell.json("refund", payment["id"], "--key", "r1", status=5)

    async def days() -> None:
        for _ in range(4):
            await world.work(86_400)

    asyncio.run(days())
    return dict(refund)


def test_a_refund_nobody_knows_of_is_listed_and_verified(shell: Shell) -> None:
    refund = unknown_refund(shell)
    told = shell.json("verify", "--list")
    assert told["data"] == []
    assert [one["id"] for one in told["refunds"]] == [refund["id"]]
    assert "the provider never said whether it went back" in shell("verify").stdout
    words = ("verify", refund["id"], "returned", "--reason", "seen on the statement")
    ended = shell.json(*words)
    assert (ended["status"], ended["awaitingVerification"]) == ("succeeded", False)
    last = shell.json("timeline", refund["paymentId"])["data"][-1]
    assert (last["type"], last["cause"]) == ("refund.succeeded", "ada: seen on the statement")
    status, line = shell.refused(*words)
    assert status == 1
    assert "cauri verify --list" in line


@pytest.mark.parametrize("outcome", ["received", "rejected", "return"])
def test_a_refunds_words_are_its_own(shell: Shell, outcome: str) -> None:
    refund = unknown_refund(shell)
    status, told = shell.refused("verify", refund["id"], outcome, "--reason", "seen")
    assert (status, told) == (2, "cauri: outcome: say returned or not_returned")


def test_another_amount_is_given_back_when_a_person_says_so(shell: Shell) -> None:
    payment = pay(shell)
    attempt = payment["attempts"][0]["id"]
    shell.world.companies.maya.pay(attempt, minor=php("1.00").minor)
    shell("status", payment["id"], "--refresh")
    told = shell("verify", payment["id"], "return", "--reason", "too little")
    assert told.exit_code == 0
    asyncio.run(shell.world.work())
    assert shell.world.companies.maya.kept_minor == 0
    types = [one["type"] for one in shell.json("timeline", payment["id"])["data"]]
    assert "payment.surplus" in types

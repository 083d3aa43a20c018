"""A bank's statement: what matches exactly is confirmed once, and the rest is a person's."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from adapters.memory.audit import MemoryAudit
from adapters.statements.reader import FileStatements
from application.audit.doctor import Doctor
from application.payments.submit_proof import NewProof
from application.payments.verify_payment import Verification
from application.statements.confirm_credit import ConfirmCredit
from application.statements.import_statement import ImportStatement, NewStatement, Report
from domain.currencies import currency
from domain.errors import Invalid, NotFound, TransactionUsed, Unavailable
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.status import PaymentStatus
from domain.statements.match import FOR_A_PERSON, Fate
from tests.builders import ACME, OTHER
from tests.offline import Counter, a_counter
from tests.statements.files import COLUMNS, Line, a_camt, a_csv, an_mt940
from tests.storages import Storage

pytestmark = pytest.mark.anyio

HALF_AN_HOUR_S = 1800
NEXT_DAY = date(2026, 2, 8)


@dataclass
class Office:
    """Who reads the statements of a counter."""

    counter: Counter
    imports: ImportStatement

    async def pay(self, method: str = "bankak", amount: str = "1500.00") -> Payment:
        return await self.counter.pay(method, amount)

    async def read(
        self, *lines: Line, provider: str = "bankak", by: str = "ada", dry_run: bool = False
    ) -> Report:
        new = NewStatement(
            data=a_csv(*lines),
            columns=COLUMNS,
            provider=provider,
            operator=by,
            dry_run=dry_run,
        )
        return await self.imports(ACME, new)

    async def fates(self, *lines: Line, **more: Any) -> Sequence[Fate]:
        return [one.fate for one in (await self.read(*lines, **more)).findings]

    async def status(self, payment: Payment) -> PaymentStatus:
        return (await self.counter.world.payment(payment.id)).status

    async def say(self, payment: Payment, *, received: bool = True, **more: Any) -> Payment:
        word = Verification(received=received, reason="seen", operator="grace", **more)
        return await self.counter.world.verify(ACME, payment.id, word)

    async def told(self, payment: Payment) -> Sequence[str]:
        return [one.type for one in await self.counter.world.views.timeline(ACME, payment.id)]


def for_(payment: Payment, amount: str = "1500.00", number: str = "FT1", **more: Any) -> Line:
    """A line that names the payment."""
    words = f"Transfer {payment.attempts[0].provider_reference} thank you"
    return Line(words, amount, number, **more)


@pytest.fixture
async def office(storage: Storage) -> Office:
    return an_office(await a_counter(storage))


def an_office(counter: Counter) -> Office:
    world = counter.world
    confirm = ConfirmCredit(world.units, world.verify, world.clock)
    companies = counter.submit.providers
    reader = FileStatements()
    return Office(
        counter,
        ImportStatement(world.units, world.tenants, companies, world.views, reader, confirm),
    )


async def test_a_credit_that_matches_exactly_pays_its_payment(office: Office) -> None:
    payment = await office.pay()
    assert await office.fates(for_(payment)) == [Fate.MATCHED]
    assert await office.status(payment) is PaymentStatus.SUCCEEDED
    assert await office.counter.sold() == 150_000
    assert "attempt.on_statement" in await office.told(payment)
    stored = await office.counter.world.payment(payment.id)
    assert any("line 2: FT1 of 2026-02-07" in one.cause for one in stored.attempts[0].evidence)


async def test_the_same_file_again_changes_nothing(office: Office) -> None:
    payments = [await office.pay() for _ in range(3)]
    lines = [for_(one, number=f"FT{nth}") for nth, one in enumerate(payments)]
    assert await office.fates(*lines) == [Fate.MATCHED] * 3
    before = [await office.counter.world.payment(one.id) for one in payments]
    for by in ("ada", "grace"):
        assert await office.fates(*lines, by=by) == [Fate.ALREADY] * 3
    assert [await office.counter.world.payment(one.id) for one in payments] == before
    assert await office.counter.sold() == 450_000


@pytest.mark.parametrize("number", ["FT1", "B1", "", "4111111111111111"])
async def test_the_same_line_in_a_longer_file_is_known(office: Office, number: str) -> None:
    """With a number, or where the bank gives none that could be one."""
    first, second = await office.pay(), await office.pay()
    line = for_(first, number=number)
    assert await office.fates(line) == [Fate.MATCHED]
    longer = (Line("rent", "-20.00", ""), line, for_(second, number="FT9"))
    assert await office.fates(*longer) == [Fate.ALREADY, Fate.MATCHED]


async def test_what_looks_like_a_cards_number_is_not_kept(office: Office) -> None:
    payment = await office.pay()
    (found,) = (await office.read(for_(payment, number="4111 1111 1111 1111"))).findings
    assert (found.fate, found.number[:4]) == (Fate.MATCHED, "LINE")
    told = await office.counter.world.payment(payment.id)
    assert "4111" not in "".join(one.cause for one in told.attempts[0].evidence)


async def test_the_same_line_in_another_form_is_known_by_its_number(office: Office) -> None:
    payment = await office.pay()
    line = for_(payment, number="FT-24061")
    forms = (an_mt940(line), a_camt(line), an_mt940(line))
    fates = []
    for data in forms:
        new = NewStatement(data=data, provider="bankak", operator="ada")
        fates += [one.fate for one in (await office.imports(ACME, new)).findings]
    assert fates == [Fate.MATCHED, Fate.ALREADY, Fate.ALREADY]


async def test_a_dry_run_tells_what_would_be_and_stores_nothing(office: Office) -> None:
    payments = [await office.pay() for _ in range(4)]
    lines = (
        for_(payments[0]),
        for_(payments[0], number="FT2"),
        for_(payments[1], "1499.99", "FT3"),
        Line("nobody", number="FT4"),
        for_(payments[2], number="FT1"),
        for_(payments[3], number="FT5"),
    )
    before = [await office.counter.world.payment(one.id) for one in payments]
    dry = await office.fates(*lines, dry_run=True)
    assert [await office.counter.world.payment(one.id) for one in payments] == before
    async with office.counter.world.units(ACME) as unit:
        assert await unit.proofs.claim("bankak", "FT1") is None
    assert await office.fates(*lines) == dry
    assert dry == [
        Fate.MATCHED,
        Fate.AGAIN,
        Fate.DIFFERS,
        Fate.UNKNOWN,
        Fate.REPEATED,
        Fate.MATCHED,
    ]


@pytest.mark.parametrize(
    "line", [{"amount": "1499.99"}, {"amount": "1500.01"}, {"currency": "PHP"}]
)
async def test_another_amount_or_currency_is_left_to_a_person(
    office: Office, line: dict[str, str]
) -> None:
    payment = await office.pay()
    (found,) = (await office.read(for_(payment, **line))).findings
    assert (found.fate, found.payment_id) == (Fate.DIFFERS, payment.id)
    assert found.due == Counter.money("1500.00")
    assert await office.status(payment) is PaymentStatus.AWAITING_VERIFICATION
    assert await office.counter.sold() == 0


async def test_what_a_person_gave_back_is_still_another_amount(office: Office) -> None:
    payment = await office.pay()
    line = for_(payment, "1400.00")
    assert await office.fates(line) == [Fate.DIFFERS]
    await office.say(payment, give_back=True, amount=Counter.money("1400.00"))
    assert await office.fates(line) == [Fate.ALREADY]
    assert await office.counter.sold() == 0


async def test_a_payment_that_is_paid_twice_keeps_one_and_shows_the_other(office: Office) -> None:
    payment = await office.pay()
    both = (for_(payment), for_(payment, number="FT2"))
    assert await office.fates(*both) == [Fate.MATCHED, Fate.AGAIN]
    assert await office.fates(*both) == [Fate.ALREADY, Fate.AGAIN]
    assert await office.fates(for_(payment, number="FT3")) == [Fate.AGAIN]
    assert await office.counter.sold() == 150_000


async def test_two_lines_that_say_the_very_same_without_a_number_are_two(office: Office) -> None:
    payment = await office.pay()
    both = (for_(payment, number=""), for_(payment, number=""))
    assert await office.fates(*both) == [Fate.MATCHED, Fate.AGAIN]
    assert await office.fates(*both) == [Fate.ALREADY, Fate.AGAIN]


async def test_what_a_person_confirmed_first_gets_its_line_and_a_second_line_is_seen(
    office: Office,
) -> None:
    payment = await office.pay()
    await office.say(payment)
    assert await office.fates(for_(payment)) == [Fate.ALREADY]
    assert await office.fates(for_(payment, number="FT2")) == [Fate.AGAIN]
    assert await office.counter.sold() == 150_000


async def test_beyond_the_threshold_another_persons_import_is_needed(office: Office) -> None:
    payment = await office.pay(amount="5000.01")
    line = for_(payment, "5000.01")
    assert await office.fates(line) == [Fate.WAITS]
    assert await office.fates(line, by=" ADA ") == [Fate.WAITS]
    assert await office.status(payment) is PaymentStatus.AWAITING_VERIFICATION
    assert await office.counter.sold() == 0
    assert await office.fates(for_(payment, "5000.01", "FT2"), by="grace") == [Fate.AGAIN]
    assert await office.fates(line, by="grace") == [Fate.MATCHED]
    assert await office.counter.sold() == 500_001


async def test_money_that_came_after_the_payment_expired_still_pays_it(office: Office) -> None:
    payment = await office.pay()
    await office.counter.world.work(HALF_AN_HOUR_S)
    assert await office.status(payment) is PaymentStatus.EXPIRED
    assert await office.fates(for_(payment, day=NEXT_DAY)) == [Fate.MATCHED]
    assert await office.status(payment) is PaymentStatus.SUCCEEDED


async def test_what_was_rejected_or_canceled_is_left_to_a_person(office: Office) -> None:
    rejected, canceled = await office.pay(), await office.pay()
    await office.say(rejected, received=False)
    await office.counter.world.cancel(ACME, canceled.id)
    lines = (for_(rejected), for_(canceled, number="FT2"))
    assert await office.fates(*lines) == [Fate.CLOSED, Fate.CLOSED]
    assert await office.counter.sold() == 0


async def test_a_number_that_another_payer_handed_in_is_left_to_a_person(office: Office) -> None:
    mine, claimed = await office.pay(), await office.pay()
    await office.counter.submit(ACME, claimed.id, NewProof(transaction="ft 1", by="till"))
    for dry_run in (True, False):
        assert await office.fates(for_(mine), dry_run=dry_run) == [Fate.NUMBER_USED]
    assert await office.status(mine) is PaymentStatus.AWAITING_VERIFICATION
    await office.say(claimed, received=False)
    assert await office.fates(for_(mine)) == [Fate.MATCHED]


async def test_the_number_of_a_matched_line_serves_no_other_payment(office: Office) -> None:
    payment, other = await office.pay(), await office.pay()
    await office.read(for_(payment, number="FT-1 00"))
    with pytest.raises(TransactionUsed):
        await office.counter.submit(ACME, other.id, NewProof(transaction="ft100", by="till"))


async def test_a_proof_with_the_lines_number_or_another_does_not_hinder_a_match(
    office: Office,
) -> None:
    right, wrong = await office.pay(), await office.pay()
    await office.counter.submit(ACME, right.id, NewProof(transaction="FT1", by="till"))
    await office.counter.submit(ACME, wrong.id, NewProof(transaction="FT99", by="till"))
    lines = (for_(right), for_(wrong, number="FT2"))
    assert await office.fates(*lines) == [Fate.MATCHED, Fate.MATCHED]


async def test_where_a_proof_needs_a_picture_a_statement_does_not(office: Office) -> None:
    payment = await office.pay("faisal_islamic")
    assert await office.fates(for_(payment), provider="faisal_islamic") == [Fate.MATCHED]


async def test_numbers_of_a_bank_transfer_are_those_of_the_receiving_bank(office: Office) -> None:
    payment, other = await office.pay("bank_transfer"), await office.pay("bank_transfer")
    assert await office.fates(for_(payment), provider="bank_transfer") == [Fate.MATCHED]
    handed = NewProof(transaction="FT1", by="till", bank="FIRST")
    with pytest.raises(TransactionUsed):
        await office.counter.submit(ACME, other.id, handed)
    await office.counter.submit(ACME, other.id, replace(handed, bank="Second"))


async def test_a_paynow_code_is_matched_by_its_reference(office: Office) -> None:
    due = {"money": Money(2550, currency("SGD")), "country": "SG"}
    payment = await office.counter.world.pay("25.50", "k1", method="paynow_sg", **due)
    action = payment.attempts[0].next_action
    assert action is not None
    assert action.payload is not None
    reference = payment.attempts[0].provider_reference or ""
    assert reference in action.payload
    line = Line(f"PAYNOW/OTHR/{reference.lower()}", "25.50", "DBS1", currency="SGD")
    assert await office.fates(line, provider="paynow_sg") == [Fate.MATCHED]


async def test_a_line_that_names_two_payments_pays_neither(office: Office) -> None:
    one, two = await office.pay(), await office.pay()
    words = f"{one.attempts[0].provider_reference} and {two.attempts[0].provider_reference}"
    assert await office.fates(Line(words)) == [Fate.SEVERAL]


async def test_two_lines_with_one_number_pay_one_payment(office: Office) -> None:
    one, two = await office.pay(), await office.pay()
    assert await office.fates(for_(one), for_(two)) == [Fate.MATCHED, Fate.REPEATED]
    assert await office.fates(for_(two)) == [Fate.NUMBER_USED]


async def test_money_of_before_the_payment_is_another(office: Office) -> None:
    payment = await office.pay()
    assert await office.fates(for_(payment, day=date(2026, 2, 5))) == [Fate.EARLY]
    assert await office.fates(for_(payment, day=date(2026, 2, 6))) == [Fate.MATCHED]


async def test_what_the_bank_takes_back_is_shown_and_debits_are_passed_over(
    office: Office,
) -> None:
    payment = await office.pay()
    reference = payment.attempts[0].provider_reference
    data = an_mt940(for_(payment), for_(payment, "-1500.00", "FT2"), Line("fee", "-1.00", "FT3"))
    marked = data.replace(b"D1500,00", b"RC1500,00")
    new = NewStatement(data=marked, provider="bankak", operator="ada")
    report = await office.imports(ACME, new)
    assert [one.fate for one in report.findings] == [Fate.MATCHED, Fate.REVERSED]
    assert report.others == 1
    back = an_mt940(Line(f"refund {reference}", number="FT8")).replace(
        b"C1500,00NTRF", b"RD1500,00NTRF"
    )
    report = await office.imports(ACME, replace(new, data=back))
    assert [one.fate for one in report.findings] == [Fate.REVERSED]


async def test_a_line_without_a_reference_shows_who_waits_for_that_amount(office: Office) -> None:
    waiting, other = await office.pay(), await office.pay(amount="20.00")
    nobody, dropped = (await office.read(Line("cash", "7.00"), Line("PAYMENT"))).findings
    assert (nobody.fate, nobody.perhaps) == (Fate.UNKNOWN, ())
    assert (dropped.fate, dropped.perhaps) == (Fate.UNKNOWN, (waiting.id,))
    assert await office.status(other) is PaymentStatus.AWAITING_VERIFICATION


async def test_another_providers_payment_is_not_of_this_statement(office: Office) -> None:
    payment = await office.pay("faisal_islamic")
    assert await office.fates(for_(payment)) == [Fate.UNKNOWN]


async def test_many_who_read_one_file_at_once_pay_once(office: Office) -> None:
    payments = [await office.pay() for _ in range(4)]
    lines = [for_(one, number=f"FT{nth}") for nth, one in enumerate(payments)]
    told = await asyncio.gather(*(office.fates(*lines, by=f"p{nth}") for nth in range(5)))
    assert {fate for one in told for fate in one} <= {Fate.MATCHED, Fate.ALREADY}
    assert await office.counter.sold() == 600_000


async def test_what_was_seen_before_a_crash_is_confirmed_by_the_same_file(office: Office) -> None:
    payment = await office.pay()
    crashing: Any = Crashing()
    confirm = replace(office.imports.confirm, verify=crashing)
    with pytest.raises(Unavailable):
        await Office(office.counter, replace(office.imports, confirm=confirm)).read(for_(payment))
    assert await office.status(payment) is PaymentStatus.AWAITING_VERIFICATION
    await office.counter.world.work(HALF_AN_HOUR_S)
    assert await office.status(payment) is PaymentStatus.AWAITING_VERIFICATION
    assert await office.fates(for_(payment, number="FT2")) == [Fate.AGAIN]
    assert await office.fates(for_(payment)) == [Fate.MATCHED]


class Crashing:
    """A VerifyPayment whose process ends."""

    async def __call__(self, *_: object) -> Payment:
        raise Unavailable


async def test_a_provider_that_no_statement_tells_of_is_refused(office: Office) -> None:
    for provider, wrong in (("cash", Invalid), ("cheque", Invalid), ("nobody", Invalid)):
        with pytest.raises(wrong) as caught:
            await office.read(provider=provider)
        assert caught.value.field == "provider"
    new = NewStatement(data=a_csv(), columns=COLUMNS, provider="bankak", operator="ada")
    with pytest.raises(NotFound):
        await office.imports(OTHER, new)


async def test_a_file_that_ends_wrongly_pays_nothing(office: Office) -> None:
    payment = await office.pay()
    wrong = replace(for_(payment, number="FT2"), amount="much")
    with pytest.raises(Invalid, match="line 3") as caught:
        await office.read(for_(payment), wrong)
    assert caught.value.field == "file"
    assert await office.status(payment) is PaymentStatus.AWAITING_VERIFICATION


async def test_the_doctor_finds_nothing_after_all_of_it() -> None:
    counter = await a_counter()
    office = an_office(counter)
    payments = [await office.pay(amount=one) for one in ("1500.00", "6000.00", "20.00", "7.00")]
    lines = (
        for_(payments[0]),
        for_(payments[0], number="FT2"),
        for_(payments[1], "6000.00", "FT3"),
        for_(payments[2], "21.00", "FT4"),
        for_(payments[3], "7.00", "FT5"),
    )
    await counter.world.work(HALF_AN_HOUR_S)
    for by in ("ada", "grace", "ada"):
        await office.read(*lines, by=by)
    assert await counter.sold() == 150_000 + 600_000 + 700
    audit, world = MemoryAudit(counter.world.database), counter.world
    doctor = Doctor(audit, world.tenants, counter.submit.providers, world.clock)
    report = await doctor("https://pay.example")
    assert report.is_clean, [one for one in report.findings if one.breaches]


def test_only_what_is_certain_needs_no_person() -> None:
    assert set(Fate) - FOR_A_PERSON == {Fate.MATCHED, Fate.ALREADY, Fate.UNKNOWN}

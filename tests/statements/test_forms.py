"""camt.053, MT940 and CSV: the traps that banks lay, each read as it is meant, or refused."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.amounts import exact, signed
from adapters.statements.reader import FileStatements
from domain.currencies import currency
from domain.errors import Invalid
from domain.money import Money
from domain.ports import statements as port
from domain.statements.entry import Entry, Statement
from tests.statements.files import (
    BANK_COLUMNS,
    COLUMNS,
    FIXTURES,
    Line,
    a_camt,
    a_csv,
    an_mt940,
)

EUR, JPY, KWD = currency("EUR"), currency("JPY"), currency("KWD")
CAMT = (FIXTURES / "synthetic_camt053_v08.xml").read_bytes()
MT940 = (FIXTURES / "synthetic_mt940_rc_rd.sta").read_bytes()
TABLE = (FIXTURES / "synthetic_bank.csv").read_bytes()
LINES = (Line("one", "10.00", "N1"), Line("two", "-4.50", "N2"), Line("three", "0.01", "N3"))


def read(data: bytes, columns: Mapping[str, Any] | None = None) -> Statement:
    return FileStatements().read(data, columns)


def refused(data: bytes, columns: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """The field, and the words."""
    with pytest.raises(Invalid) as caught:
        read(data, columns)
    return caught.value.field, str(caught.value)


def short(entries: Sequence[Entry]) -> list[tuple[str, bool, bool, str | None]]:
    return [(one.amount.major, one.credit, one.reversal, one.number) for one in entries]


def test_every_form_reads_the_same_lines_alike() -> None:
    told = [
        [(one.day, one.amount, one.credit, one.number, one.text) for one in read(*data).entries]
        for data in ((a_csv(*LINES), COLUMNS), (an_mt940(*LINES),), (a_camt(*LINES),))
    ]
    assert told[0] == told[1] == told[2]
    assert [one[0] for one in told[0]] == [date(2026, 2, 7)] * 3


# camt.053


def test_camt_splits_a_batch_keeps_a_reversals_direction_and_skips_what_is_not_booked() -> None:
    statement = read(CAMT)
    assert (statement.form, statement.skipped) == ("camt.053", 1)
    assert short(statement.entries) == [
        ("10.00", True, False, "ASR-1#1"),
        ("20.00", True, False, "ASR-1#2"),
        ("5.00", False, True, "ASR-2"),
    ]
    assert [one.line for one in statement.entries] == [13, 14, 16]
    assert [one.text for one in statement.entries] == ["ORD-1", "ORD-2", "ORD-3"]


def test_camt_of_every_version_and_without_a_namespace_is_read() -> None:
    for other in (b"001.02", b"001.14"):
        assert read(CAMT.replace(b"001.08", other)).entries == read(CAMT).entries
    bare = CAMT.replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b"")
    assert read(bare).entries == read(CAMT).entries
    plain = CAMT.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>")
    assert read(plain).entries == read(CAMT).entries


def test_camt_parts_that_do_not_add_up_to_their_batch_stay_one() -> None:
    data = CAMT.replace(b'<Amt Ccy="EUR">10.00</Amt>', b'<Amt Ccy="EUR">9.00</Amt>')
    whole = read(data).entries[0]
    assert (whole.amount.major, whole.number) == ("30.00", "ASR-1")
    assert whole.text == "ORD-1 ; ORD-2"


def test_camt_whose_balances_do_not_add_up_is_refused_with_its_line() -> None:
    data = CAMT.replace(b'<Amt Ccy="EUR">125.00</Amt>', b'<Amt Ccy="EUR">126.00</Amt>')
    field, words = refused(data)
    assert field == "file"
    assert words.startswith("line 5: the balances don't add up: with its lines 100.00 becomes")


def test_camt_words_that_a_bank_breaks_are_kept_with_the_break() -> None:
    data = a_camt(Line("K7QM-3F</Ustrd><Ustrd>XP rent"))
    assert read(data).entries[0].text == "K7QM-3F\nXP rent"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<CdtDbtInd>CRDT", "<CdtDbtInd>BOTH", "line 2: CdtDbtInd must be CRDT or DBIT"),
        ("2026-02-07", "tomorrow", "line 2: BookgDt is no date"),
        ("1500.00", "1.500,00", "line 2: "),
        ("1500.00", "0.00", "line 2: an entry's amount must be more than zero"),
        ('Ccy="SDG"', 'Ccy="XYZ"', "line 2: "),
        ("<BookgDt><Dt>2026-02-07</Dt></BookgDt>", "", "line 2: an entry has no BookgDt"),
        ('<Amt Ccy="SDG">1500.00</Amt>', "", "line 2: Ntry has no Amt"),
        ("</Ntry>", "", "line 2: it is no well-formed XML"),
        ("UTF-8", "ebcdic-us", "line 1: "),
        ("BkToCstmrStmt", "BkToCstmrAcctRpt", "camt.052"),
        ("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "camt.054"),
        ("BkToCstmrStmt", "Invoice", "no camt.053"),
        ("<Id>1</Id>", "<a>" * 50 + "</a>" * 50, "more than 40 elements"),
    ],
)
def test_camt_that_is_malformed_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    field, words = refused(a_camt(Line("x")).replace(old.encode(), new.encode()))
    assert field == "file"
    assert words.startswith("line ")
    assert told in words


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "http://127.0.0.1/">]>',
    ],
)
def test_nothing_expands_and_nothing_is_fetched(doctype: bytes) -> None:
    data = a_camt(Line("&a;")).replace(b"<Document", doctype + b"<Document", 1)
    assert "line 2: a DOCTYPE is not taken" in refused(data)[1]


# MT940


def test_mt940_reads_reversals_with_their_own_direction() -> None:
    statement = read(MT940)
    assert (statement.form, statement.skipped) == ("MT940", 0)
    assert short(statement.entries) == [
        ("10.00", True, False, "B1"),
        ("20.00", False, False, "B2"),
        ("5.00", False, True, "B3"),
        ("7.00", True, True, "B4"),
    ]
    assert statement.entries[0].text == "ORD-1 ; settlement ORD-1"
    assert [one.line for one in statement.entries] == [5, 7, 9, 11]


def test_mt940_checks_the_balances_of_each_message() -> None:
    twice = MT940 + MT940.replace(b"100,00", b"92,00").replace(
        b":62F:C240102EUR92", b":62F:C240102EUR84"
    )
    assert len(read(twice).entries) == 8
    field, words = refused(twice.replace(b"EUR84", b"EUR85"))
    assert (field, words.split(":")[0]) == ("file", "line 15")


def test_mt940_funds_letters_year_ends_and_thirty_days_in_february() -> None:
    lines = (":61:2312310102CR300,NTRFNONREF//A1", ":61:2401011231DR100,NTRFNONREF//A2")
    feb = ":61:240230C1,NMSC//A3"
    data = "\n".join(
        (":20:X", ":60F:C231231EUR0,", *lines, feb, "moved", ":62F:C240101EUR201,", "-")
    )
    entries = read(data.encode()).entries
    assert short(entries) == [
        ("300.00", True, False, "A1"),
        ("100.00", False, False, "A2"),
        ("1.00", True, False, "A3"),
    ]
    assert [one.day for one in entries] == [date(2024, 1, 2), date(2023, 12, 31), date(2024, 2, 29)]
    assert entries[2].text == "moved"


def test_mt940_words_in_subfields_and_over_lines_are_kept_with_their_breaks() -> None:
    words = "166?00CREDIT?20SVWZ+K7QM-3F\r\nXP?21RENT?32ADA"
    data = an_mt940(Line(words)).replace(b"\n", b"\n")
    assert read(data).entries[0].text == "166\nCREDIT\nSVWZ+K7QM-3F\nXP\nRENT\nADA"


def test_mt940_in_an_envelope_or_in_latin_letters_is_read() -> None:
    inside = an_mt940(Line("Jos\u00e9"))
    wrapped = b"{1:F01BANKXX}{2:O940}{4:\r\n" + inside.rstrip(b"-") + b"-}"
    assert read(wrapped).entries[0].text == "José"
    assert read(inside.decode().encode("latin-1")).entries[0].text == "José"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("C1500,00NTRF", "C1500.00NTRF", "line 5: this :61: can't be read"),
        ("2602070207", "2613070207", "line 5: there is no day"),
        ("C1500,00NTRF", "C0,00NTRF", "line 5: an entry's amount must be more than zero"),
        ("C1500,00NTRF", "C1500,005NTRF", "line 5: '1500,005' has more decimals"),
        (":60F:C260207SDG0,00\r\n", "", "line 4: :61: stands before the opening balance"),
        ("C260207SDG0,00", "C260207SDG", "line 4: this balance can't be read"),
        ("C260207SDG0,00", "C260207XYZ0,00", "line 4: "),
        (":62F:", ":64:", "line 1: this message has no closing balance"),
        (":62F:C260207SDG1500", ":62F:C260207SDG1501", "line 1: the balances don't add up"),
        (":20:REF1", ":25:1\r\n:20:REF1", "line 1: a message begins with :20:"),
        (":20:REF1", "Dear customer\r\n:20:REF1", "line 1: MT940 begins with a tag"),
    ],
)
def test_mt940_that_is_malformed_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    field, words = refused(an_mt940(Line("x")).replace(old.encode(), new.encode()))
    assert field == "file"
    assert told in words


# CSV


def test_csv_reads_the_columns_that_somebody_named() -> None:
    statement = read(TABLE, BANK_COLUMNS)
    assert statement.form == "CSV"
    assert short(statement.entries) == [
        ("1234.50", True, False, None),
        ("20.00", False, False, None),
    ]
    assert statement.entries[1].text == "ORD-2 ; REFUND; ORD-2"
    assert statement.entries[0].day == date(2026, 1, 2)


def test_csv_passes_over_a_preamble_empty_rows_balances_and_totals() -> None:
    data = (
        b"\xef\xbb\xbfAccount,123\n\nDate,Amount,Currency,Number,Words\n2026-02-07,1,SDG,N1,a\n\n"
        b"2026-02-07,,SDG,,opening balance\n,1,,,\nTotal,1,,,\nwhatever it says\n"
    )
    statement = read(data, COLUMNS | {"until": "Total"})
    assert (len(statement.entries), statement.skipped) == (1, 2)
    assert "line 8: 'Total' is no date like YYYY-MM-DD" in refused(data, COLUMNS)[1]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("YYYY-MM-DD", "2026-02-07"),
        ("YYYYMMDD", "20260207"),
        ("DD.MM.YYYY", "7.2.2026"),
        ("DD/MM/YYYY", "07/02/2026"),
        ("MM/DD/YYYY", "02/07/2026"),
        ("DD-MM-YYYY", "07-02-2026"),
        ("DD MMM YYYY", "07 Feb 2026"),
    ],
)
def test_csv_dates_are_read_in_the_form_that_was_named(form: str, text: str) -> None:
    data = a_csv(LINES[0]).replace(b"2026-02-07", text.encode())
    assert read(data, COLUMNS | {"dates": form}).entries[0].day == date(2026, 2, 7)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2026-02-07", "2026-02-30", "line 2: '2026-02-30' is no date"),
        ("10.00", "10,00", "line 2: "),
        ("10.00", "1.2.3", "line 2: "),
        ("SDG", "XYZ", "line 2: "),
        (',"one"', "", "line 2: 4 cells are fewer than the header has"),
        ('"one"', '"one', "line 2: it is no well-formed CSV"),
        ("one", "\ufffd", None),
    ],
)
def test_csv_that_is_malformed_is_refused_with_its_line(
    old: str, new: str, told: str | None
) -> None:
    data = a_csv(LINES[0]).replace(old.encode(), new.encode())
    if told is None:
        told, data = "line 2: it is not utf-8", data.replace(new.encode(), b"\xff")
    field, words = refused(data, COLUMNS)
    assert field == "file"
    assert told in words


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": None},
        {"credit": "Amount"},
        {"debit": "Amount"},
        {"money": "SDG"},
        {"currency": None},
        {"text": []},
        {"colour": "blue"},
        {"dates": "YY"},
        {"delimiter": ""},
        {"number": "Reference"},
    ],
)
def test_columns_that_cannot_be_right_are_refused(wrong: dict[str, Any]) -> None:
    assert refused(a_csv(LINES[0]), COLUMNS | wrong)[0] == "columns"


def test_a_field_that_lacks_or_is_too_many_is_told_in_plain_words() -> None:
    words = refused(a_csv(LINES[0]), COLUMNS | {"colour": "blue"})[1]
    assert words == "there is no such field as `colour`"
    without = {name: column for name, column in COLUMNS.items() if name != "date"}
    assert refused(a_csv(LINES[0]), without)[1] == "it lacks `date`"


def test_columns_of_another_file_are_told_what_the_file_has() -> None:
    field, words = refused(TABLE, COLUMNS | {"delimiter": ";"})
    assert field == "columns"
    assert "'Booking Date', 'Value Date'" in words
    twice = a_csv(LINES[0]).replace(b"Number", b"Amount")
    assert "two columns" in refused(twice, COLUMNS | {"number": None})[1]


def test_a_row_has_a_credit_or_a_debit_and_no_negative_credit() -> None:
    both = TABLE.replace(b";20,00;;", b";20,00;1,00;")
    assert "line 3: a row has a credit and a debit" in refused(both, BANK_COLUMNS)[1]
    negative = TABLE.replace(b";;1.234,50;", b";;-1.234,50;")
    assert "line 2: a credit is negative" in refused(negative, BANK_COLUMNS)[1]


# Amounts


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1,234.50", 123_450),
        ("1 234.50", 123_450),
        ("1'234.5", 123_450),
        ("-20", -2000),
        ("20-", -2000),
        ("(20.00)", -2000),
        ("20.00 DR", -2000),
        ("20.00CR", 2000),
        ("+20.00 C", 2000),
        ("20.0000", 2000),
        ("20.", 2000),
    ],
)
def test_an_amount_is_read_however_its_sign_is_written(text: str, minor: int) -> None:
    assert signed(text, EUR) == Money(minor, EUR)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1,50",
        "1.234,50",
        "12,34.50",
        "1,2345",
        "-(20)",
        "(20",
        "20)",
        "-20-",
        "-1 DR",
        "20.001",
        "1e3",
        "٢٠",
        ".5",
        "NaN",
        "1" * 40,
    ],
)
def test_an_amount_that_may_mean_two_things_or_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        signed(text, EUR)


@given(st.integers(0, 10**15), st.sampled_from([EUR, JPY, KWD]), st.sampled_from([".", ","]))
def test_what_is_written_with_thousands_is_read_exactly(minor: int, money: Any, point: Any) -> None:
    whole, _, decimals = Money(minor, money).major.partition(".")
    other = "," if point == "." else "."
    grouped = f"{int(whole):,}".replace(",", other)
    for text in (whole, grouped):
        assert exact(f"{text}{point}{decimals}", money, point) == Money(minor, money)


# Any file


def tried(data: bytes, columns: Mapping[str, Any] | None) -> Sequence[Entry]:
    """What is read of it; nothing, when it is refused as it should be."""
    try:
        return read(data, columns).entries
    except Invalid as error:
        if error.field not in ("file", "columns"):
            raise
        return ()


@given(
    form=st.sampled_from([(CAMT, None), (MT940, None), (TABLE, BANK_COLUMNS)]),
    at=st.integers(0, 1800),
    piece=st.binary(max_size=6),
    drop=st.integers(0, 400),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    form: tuple[bytes, Any], at: int, piece: bytes, drop: int
) -> None:
    data, columns = form
    statement = tried(data[:at] + piece + data[at + drop :], columns)
    assert all(one.amount.minor > 0 for one in statement)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for columns in (None, COLUMNS):
        for start in (b"", b":20:", b"<", b"\xff\xfe"):
            tried(start + data, columns)


def test_a_file_that_is_too_large_or_of_no_known_form_is_refused() -> None:
    assert "at most" in refused(b" " + b"x" * port.MOST_BYTES)[1]
    many = a_csv(*LINES[:1] * (port.MOST_ENTRIES + 1))
    assert f"at most {port.MOST_ENTRIES} lines" in refused(many, COLUMNS)[1]
    assert refused(b" \n")[1] == "the file is empty"
    assert "OFX is not read" in refused(b"OFXHEADER:100\nDATA:OFXSGML\n")[1]
    assert refused(a_csv(*LINES))[0] == "columns"

"""A file by its content: camt.053, MT940, or CSV when somebody names its columns."""

import codecs
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from adapters.statements.camt053 import read_camt053
from adapters.statements.columns import columns_of
from adapters.statements.faults import COLUMNS, FILE
from adapters.statements.mt940 import read_mt940
from adapters.statements.table import read_table
from domain.errors import Invalid
from domain.ports.statements import MOST_BYTES, MOST_ENTRIES, StatementReader
from domain.statements.entry import Entry, Statement

LOOKED_AT: Final = 4096  # bytes, to see what it is


class FileStatements(StatementReader):
    def read(self, data: bytes, columns: Mapping[str, Any] | None) -> Statement:
        if not data.strip():
            raise Invalid("the file is empty", FILE)
        if len(data) > MOST_BYTES:
            raise Invalid(f"must be at most {MOST_BYTES} bytes; ask for a shorter time", FILE)
        form, (entries, skipped) = _read(data, columns)
        if len(entries) > MOST_ENTRIES:
            raise Invalid(f"must have at most {MOST_ENTRIES} lines; ask for a shorter time", FILE)
        digest = sha256(data).hexdigest()
        return Statement(form=form, digest=digest, entries=tuple(entries), skipped=skipped)


def _read(data: bytes, columns: Mapping[str, Any] | None) -> tuple[str, tuple[list[Entry], int]]:
    if columns is not None:
        read = columns_of(columns)
        return "CSV", read_table(_text(data, read.encoding), read)
    start = data[:LOOKED_AT].removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"OFXHEADER") or b"<OFX>" in start:
        raise Invalid("OFX is not read; ask the bank for camt.053, MT940 or CSV", FILE)
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return "camt.053", read_camt053(data)
    if b":20:" in start:
        return "MT940", read_mt940(_either(data))
    raise Invalid("it is neither camt.053 nor MT940; of a CSV, say which column is what", COLUMNS)


def _text(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = f"line {line}: it is not {encoding}; say which encoding it is (cp1252?)"
        raise Invalid(told, FILE) from None
    return text.removeprefix("\ufeff")


def _either(data: bytes) -> str:
    """Banks write MT940 in UTF-8, and more often in Latin-1, in which every byte is a letter."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return data.decode("latin-1")

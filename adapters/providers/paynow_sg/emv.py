"""The EMVCo merchant-presented payload as PayNow fills it: fields of a two-digit id, a two-digit
length in characters, and a value, closed by a checksum.

Pure: no clock, no settings. Values are ASCII, so that characters are bytes for every reader.
"""

from binascii import crc_hqx
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from domain.errors import Invalid
from domain.money import Money

SINGAPORE: Final = timezone(timedelta(hours=8))  # no summer time since 1935, and none to come
SGD: Final = "702"
SCHEME: Final = "SG.PAYNOW"
ACCOUNT, BILL, CHECKSUM = "26", "62", "63"
NESTED: Final = frozenset({*(f"{one}" for one in range(26, 52)), BILL})
LONGEST: Final = 99  # characters of a value: its length has two digits
LONGEST_NAME: Final = 25
LONGEST_REFERENCE: Final = 25
LONGEST_AMOUNT: Final = 13

Fields = Mapping[str, str]


class Proxy(StrEnum):
    """What `26-02` holds."""

    MOBILE = "0"
    UEN = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayNow:
    """A demand for a fixed amount. `expiry` is YYYYMMDD or YYYYMMDDHHMMSS in Singapore, until when
    the payer's app should take it; an app may not care."""

    proxy: Proxy
    account: str  # a UEN, or a mobile number as +65…
    amount: Money
    expiry: str
    name: str
    reference: str
    city: str = "Singapore"


def until(at: datetime) -> str:
    """An expiry, to the second that has begun."""
    return at.astimezone(SINGAPORE).strftime("%Y%m%d%H%M%S")


def encode(demand: PayNow) -> str:
    """Raises Invalid for what no code can hold."""
    account = joined(
        {
            "00": SCHEME,
            "01": demand.proxy.value,
            "02": demand.account,
            "03": "0",  # the payer's app must not change the amount
            "04": demand.expiry,
        }
    )
    open_ended = joined(
        {
            "00": "01",
            "01": "12",  # made for one payment
            ACCOUNT: account,
            "52": "0000",
            "53": SGD,
            "54": _at_most(demand.amount.major, LONGEST_AMOUNT, "amount"),
            "58": "SG",
            "59": _at_most(demand.name, LONGEST_NAME, "name"),
            "60": demand.city,
            BILL: joined({"01": _at_most(demand.reference, LONGEST_REFERENCE, "reference")}),
        }
    )
    return closed(open_ended)


def decode(payload: str) -> Mapping[str, str | Fields]:
    """The fields by their ids, nested ones as fields. Raises Invalid for a wrong checksum, and
    for what is no sequence of fields."""
    if not payload.isascii() or closed(payload[:-8]) != payload:
        raise Invalid("the checksum is wrong", "payload")
    found: dict[str, str | Fields] = {}
    for tag, value in parted(payload).items():
        found[tag] = parted(value) if tag in NESTED else value
    return found


def joined(fields: Fields) -> str:
    """Fields in their order. Raises Invalid for a value that is empty, long, or not ASCII."""
    for tag, value in fields.items():
        if not 1 <= len(value) <= LONGEST or not value.isascii() or not value.isprintable():
            raise Invalid(f"field {tag} must be 1 to {LONGEST} ASCII characters", "payload")
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in fields.items())


def parted(text: str) -> Fields:
    """The opposite of `joined`. Raises Invalid."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, size = text[at : at + 2], text[at + 2 : at + 4]
        if not (len(tag) == len(size) == 2 and tag.isdecimal() and size.isdecimal()):
            raise Invalid(f"no field begins at character {at + 1}", "payload")
        end = at + 4 + int(size)
        if end > len(text) or tag in fields:
            raise Invalid(f"field {tag} is cut short, or there twice", "payload")
        fields[tag] = text[at + 4 : end]
        at = end
    return fields


def closed(open_ended: str) -> str:
    """With the checksum's field, which counts its own id and length in."""
    begun = f"{open_ended}{CHECKSUM}04"
    return f"{begun}{crc_hqx(begun.encode('ascii'), 0xFFFF):04X}"


def _at_most(text: str, most: int, field: str) -> str:
    if len(text) > most:
        raise Invalid(f"must be at most {most} characters", field)
    return text

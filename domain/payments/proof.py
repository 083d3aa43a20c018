"""What a payer hands in to show that a transfer was made: its number, and perhaps a picture.

A proof moves no money's state: a picture is easily made. It takes the payment out of the clock's
hands and puts it before a person.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from domain.errors import Invalid
from domain.ids import AttemptId, PaymentId
from domain.values import replace

MOST_IMAGE: Final = 1_500_000  # bytes: a phone's screenshot, or a page of a banking app
MOST_PROOFS: Final = 10  # of one payment
SHORTEST_NUMBER: Final = 3
LONGEST_NUMBER: Final = 40
LONGEST_BANK: Final = 80
MOST_TYPED: Final = 200  # characters of a number that are looked at


class ImageType(StrEnum):
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    PDF = "application/pdf"


def sniffed(data: bytes) -> ImageType:
    """What the bytes are, whatever they are called. Raises Invalid for all but four kinds."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageType.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return ImageType.JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ImageType.WEBP
    if data.startswith(b"%PDF-"):
        return ImageType.PDF
    raise Invalid("must be a PNG, JPEG or WebP image, or a PDF", "image")


@dataclass(frozen=True, slots=True)
class Image:
    """Bytes under their SHA-256, in hex. `of` raises Invalid for what is too large or no image."""

    digest: str
    type: ImageType
    data: bytes

    @classmethod
    def of(cls, data: bytes) -> Self:
        if len(data) > MOST_IMAGE:
            raise Invalid(f"must be at most {MOST_IMAGE} bytes; take a screenshot", "image")
        return cls(sha256(data).hexdigest(), sniffed(data), data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A proof's words, as they came or, once the provider's client has read them, in one form.

    `bank` is whose number it is, `account` the drawer's of a cheque, `clears_on` when its bank
    pays it.
    """

    transaction: str
    bank: str | None = None
    account: str | None = None
    clears_on: date | None = None
    has_image: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One handed in for an attempt; `number` counts 1, 2, … within the payment."""

    payment_id: PaymentId
    attempt_id: AttemptId
    number: int
    bank: str
    transaction: str
    at: datetime
    by: str  # who handed it in, as the timeline tells it
    account: str | None = None
    clears_on: date | None = None
    image: str | None = None  # its digest
    image_known: bool = False  # another payment had the very same picture

    def same(self, other: "Proof") -> bool:
        """Whether it says the same, whoever handed it in and when."""
        mine = (self.bank, self.transaction, self.account, self.clears_on, self.image)
        return mine == (
            other.bank,
            other.transaction,
            other.account,
            other.clears_on,
            other.image,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A transaction number is one payment's: nobody pays twice with one transfer."""

    bank: str  # with the drawer's account, of a cheque
    transaction: str
    payment_id: PaymentId
    at: datetime
    version: int = 0

    def taken_over(self, payment_id: PaymentId, at: datetime) -> Self:
        """By another payment, since the one that had it can't be paid any more."""
        return replace(self, payment_id=payment_id, at=at)


def number_of(text: str, field: str) -> str:
    """A number of a transaction, account or cheque in one form: capitals and Western digits,
    without what separates them, so that one transfer has one number however it was typed. Raises
    Invalid."""
    signs = unicodedata.normalize("NFKC", text[:MOST_TYPED]).upper()
    number = "".join(_plain(sign) for sign in signs if not _separates(sign))
    plain = number.isascii() and number.isalnum()
    if not plain or not any(sign.isdigit() for sign in number):
        raise Invalid("must be letters and digits as on the receipt, for example FT24061K7", field)
    if not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        raise Invalid(f"must have {SHORTEST_NUMBER} to {LONGEST_NUMBER} characters", field)
    return number


def bank_of(text: str) -> str:
    """A bank's name in one form. Raises Invalid."""
    name = " ".join(unicodedata.normalize("NFKC", text[:MOST_TYPED]).split()).casefold()
    if not 1 <= len(name) <= LONGEST_BANK or not name.isprintable():
        raise Invalid(f"must be a bank's name of 1 to {LONGEST_BANK} characters", "bank")
    return name


def _separates(sign: str) -> bool:
    """Spaces and dashes of any script, and what stands between groups of digits."""
    return sign.isspace() or sign in "/.'" or unicodedata.category(sign) in ("Pd", "Cf")


def _plain(sign: str) -> str:
    """Arabic-Indic and other decimal digits as 0 to 9."""
    digit = unicodedata.decimal(sign, None)
    return sign if digit is None else str(digit)

"""A transfer has one number, however it is typed; a picture is what its bytes are."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.payments.proof import (
    LONGEST_NUMBER,
    MOST_IMAGE,
    SHORTEST_NUMBER,
    Image,
    ImageType,
    bank_of,
    number_of,
    sniffed,
)

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
NUMBERS = st.text("0123456789ABCXYZ", min_size=SHORTEST_NUMBER, max_size=LONGEST_NUMBER).filter(
    lambda text: any(sign.isdigit() for sign in text)
)
SEPARATORS = st.sampled_from(["", " ", "-", "/", ".", "\u00a0", "\u2013", "\u200f", "\t"])


@given(number=NUMBERS, separators=st.lists(SEPARATORS, min_size=1, max_size=3), data=st.data())
def test_however_it_is_typed_it_is_one_number(
    number: str, separators: list[str], data: st.DataObject
) -> None:
    typed = data.draw(st.sampled_from([number, number.lower(), number.translate(ARABIC)]))
    for place, separator in enumerate(separators, 1):
        typed = typed[:place] + separator + typed[place:]
    assert number_of(typed, "x") == number_of(number, "x") == number


@given(text=st.text(max_size=300))
def test_what_is_no_number_is_refused_and_what_is_one_stays_one(text: str) -> None:
    try:
        number = number_of(text, "transactionNumber")
    except Invalid:
        return
    assert number.isascii()
    assert number.isalnum()
    assert SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER
    assert number_of(number, "x") == number


@given(name=st.text("abcdefgh", min_size=1, max_size=20), spaces=st.text(" \t", max_size=3))
def test_a_bank_has_one_name_however_it_is_written(name: str, spaces: str) -> None:
    assert bank_of(f"{spaces}{name.upper()}{spaces}") == bank_of(name) == name


@pytest.mark.parametrize("text", ["", "  ", "x" * 81, "a\x00b"])
def test_what_is_no_banks_name_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        bank_of(text)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nrest", ImageType.PNG),
        (b"\xff\xd8\xff\xe0rest", ImageType.JPEG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", ImageType.WEBP),
        (b"%PDF-1.7", ImageType.PDF),
    ],
)
def test_a_picture_is_known_by_its_bytes(data: bytes, kind: ImageType) -> None:
    image = Image.of(data)
    assert (image.type, image.digest) == (kind, sha256(data).hexdigest())


@given(data=st.binary(max_size=40).filter(lambda data: data[:1] not in b"\x89\xffR%"))
def test_nothing_else_is_a_picture(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        sniffed(data)
    assert caught.value.field == "image"


@pytest.mark.parametrize("data", [b"RIFF\x00\x00\x00\x00WAVE", b"<svg/>", b"\xff\xd8", b"%PD"])
def test_what_only_looks_like_one_is_none(data: bytes) -> None:
    with pytest.raises(Invalid):
        sniffed(data)


def test_a_picture_is_bounded() -> None:
    assert Image.of(b"%PDF-" + bytes(MOST_IMAGE - 5)).type is ImageType.PDF
    with pytest.raises(Invalid):
        Image.of(b"%PDF-" + bytes(MOST_IMAGE - 4))

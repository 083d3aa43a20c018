"""The contract of Vault and Digests: sealed bytes open for us, here, unchanged, or not at all."""

import pytest

from adapters.crypto.digests import PepperedDigests
from adapters.crypto.vault import KEY_SIZE, SealedVault
from domain.errors import Unreadable

OLD, NEW, FOREIGN = (bytes([number]) * KEY_SIZE for number in (1, 2, 3))
VAULT = SealedVault([NEW, OLD])
CONTEXT = "account:acc_1"
SECRET = b'{"secret": "sk_test_\xc3\xa9"}\x00\xff'


@pytest.mark.parametrize("data", [SECRET, b"", b"\x00", bytes(70_000)])
def test_what_is_sealed_is_opened(data: bytes) -> None:
    assert VAULT.open(VAULT.seal(data, CONTEXT), CONTEXT) == data


def test_what_is_sealed_shows_nothing_and_never_looks_the_same() -> None:
    first, second = VAULT.seal(SECRET, CONTEXT), VAULT.seal(SECRET, CONTEXT)
    assert first != second
    assert SECRET not in first
    assert CONTEXT.encode() not in first


def test_sealed_bytes_open_at_no_other_place() -> None:
    sealed = VAULT.seal(SECRET, CONTEXT)
    for context in ("account:acc_2", "", "account:acc_1 ", "ACCOUNT:acc_1"):
        with pytest.raises(Unreadable):
            VAULT.open(sealed, context)


def test_any_changed_bit_is_noticed() -> None:
    sealed = VAULT.seal(SECRET, CONTEXT)
    for place in range(len(sealed)):
        for bit in range(8):
            broken = bytearray(sealed)
            broken[place] ^= 1 << bit
            with pytest.raises(Unreadable):
                VAULT.open(bytes(broken), CONTEXT)


def test_any_missing_or_added_byte_is_noticed() -> None:
    sealed = VAULT.seal(SECRET, CONTEXT)
    for size in range(len(sealed)):
        with pytest.raises(Unreadable):
            VAULT.open(sealed[:size], CONTEXT)
    for longer in (sealed + b"\x00", b"\x01" + sealed):
        with pytest.raises(Unreadable):
            VAULT.open(longer, CONTEXT)


def test_an_old_key_still_opens_and_the_first_one_seals() -> None:
    before, after = SealedVault([OLD]), SealedVault([NEW])
    assert VAULT.open(before.seal(SECRET, CONTEXT), CONTEXT) == SECRET
    assert after.open(VAULT.seal(SECRET, CONTEXT), CONTEXT) == SECRET
    with pytest.raises(Unreadable):
        before.open(VAULT.seal(SECRET, CONTEXT), CONTEXT)


def test_a_key_that_is_gone_opens_nothing() -> None:
    with pytest.raises(Unreadable):
        VAULT.open(SealedVault([FOREIGN]).seal(SECRET, CONTEXT), CONTEXT)


@pytest.mark.parametrize("keys", [[], [b""], [OLD, b"short"], [b"x" * 33]])
def test_a_ring_without_a_proper_key_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SealedVault(keys)


def test_no_repr_shows_a_key() -> None:
    for shown in (repr(VAULT), repr(PepperedDigests(OLD))):
        assert repr(OLD)[2:-1] not in shown


def test_a_digest_is_the_secrets_under_this_pepper_alone() -> None:
    digests, other = PepperedDigests(OLD), PepperedDigests(NEW)
    kept = digests.digest(b"secret")
    assert len(kept) == 32
    assert digests.digest(b"secret") == kept
    assert digests.matches(b"secret", kept)
    assert not digests.matches(b"Secret", kept)
    assert not digests.matches(b"secret", bytes(32))
    assert not digests.matches(b"secret", b"")
    assert not other.matches(b"secret", kept)


def test_a_short_pepper_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PepperedDigests(b"short")

"""New ids, as ULID lays them out: 48 bits of milliseconds, 80 random bits, 26 letters."""

import os
import time
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Final

from domain.ids import (
    AccountId,
    EndpointId,
    EventId,
    KeyId,
    PaymentId,
    RefundId,
    SpendId,
    TenantId,
    WalletId,
)
from domain.ports.ids import Ids

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nobody misreads them aloud
PAIRS: Final = tuple(high + low for high in CROCKFORD for low in CROCKFORD)  # ten bits each
RANDOM_BITS: Final = 80
RANDOM_BYTES: Final = RANDOM_BITS // 8
STEP_BYTES: Final = 8  # so two ids of one millisecond still lie 64 unguessable bits apart
BUFFER: Final = 4096  # bytes asked of the system at once: a call for each id would double its cost

_lock = Lock()  # threads may share the buffer and the last id


class Entropy:
    """Bytes from the operating system, fetched ahead. A forked child forgets its parent's."""

    __slots__ = ("_at", "_bytes")

    def __init__(self) -> None:
        self._bytes, self._at = b"", 0

    def __call__(self, size: int) -> bytes:
        start = self._at
        self._at = end = start + size
        if end > len(self._bytes):
            self._bytes, self._at, start, end = os.urandom(max(BUFFER, size)), size, 0, size
        return self._bytes[start:end]

    def forget(self) -> None:
        self._bytes, self._at = b"", 0


_entropy = Entropy()
os.register_at_fork(after_in_child=_entropy.forget)


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class RandomIds(Ids):
    """Each id sorts after every earlier one of this process, whatever the clock does.

    A simulation hands in its own time and a seeded source of bytes.
    """

    def __init__(
        self,
        milliseconds: Callable[[], int] = _milliseconds,
        entropy: Callable[[int], bytes] = _entropy,
    ) -> None:
        self._milliseconds, self._entropy = milliseconds, entropy
        self._last = 0

    def payment_id(self) -> PaymentId:
        return PaymentId("pay_" + self._rising())

    def refund_id(self) -> RefundId:
        return RefundId("rfd_" + self._rising())

    def tenant_id(self) -> TenantId:
        return TenantId("ten_" + self._rising())

    def account_id(self) -> AccountId:
        """All 80 bits fresh, so that no neighbour's id helps to guess it."""
        with _lock:
            random = int.from_bytes(self._entropy(RANDOM_BYTES), "big")
        return AccountId("acc_" + _time_letters(self._milliseconds()) + _letters(random))

    def key_id(self) -> KeyId:
        """16 letters, all random: it stands inside the API key, where time says nothing."""
        with _lock:
            random = int.from_bytes(self._entropy(RANDOM_BYTES), "big")
        return KeyId("key_" + _letters(random))

    def event_id(self) -> EventId:
        return EventId("evt_" + self._rising())

    def endpoint_id(self) -> EndpointId:
        return EndpointId("whk_" + self._rising())

    def wallet_id(self) -> WalletId:
        return WalletId("wal_" + self._rising())

    def spend_id(self) -> SpendId:
        return SpendId("spd_" + self._rising())

    def secret(self, size: int) -> bytes:
        """Straight from the system: what opens doors is not kept in a buffer."""
        return os.urandom(size) if self._entropy is _entropy else self._entropy(size)

    def _rising(self) -> str:
        with _lock:
            random = int.from_bytes(self._entropy(RANDOM_BYTES), "big")
            value = self._milliseconds() << RANDOM_BITS | random
            if value <= self._last:  # the same millisecond, or a clock that was set back
                value = self._last + 1 + int.from_bytes(self._entropy(STEP_BYTES), "big")
            self._last = value
        return _time_letters(value >> RANDOM_BITS) + _letters(value & (1 << RANDOM_BITS) - 1)


@lru_cache(8)  # many ids are born in one millisecond
def _time_letters(milliseconds: int) -> str:
    """48 bits in 10 letters."""
    return "".join(PAIRS[milliseconds >> shift & 1023] for shift in (40, 30, 20, 10, 0))


def _letters(value: int, pairs: tuple[str, ...] = PAIRS) -> str:
    """80 bits in 16 letters, written out because halves of 40 bits are quick and loops are not."""
    high, low = value >> 40, value & 0xFF_FFFF_FFFF
    return (
        f"{pairs[high >> 30]}{pairs[high >> 20 & 1023]}{pairs[high >> 10 & 1023]}"
        f"{pairs[high & 1023]}{pairs[low >> 30]}{pairs[low >> 20 & 1023]}"
        f"{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
    )

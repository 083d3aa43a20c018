"""The contract of Proofs: what was handed in stays, and a number is one payment's."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.errors import Conflict, DuplicateKey, NotFound, StaleVersion
from domain.ids import AttemptId, PaymentId
from domain.payments.proof import Claim, Image, Proof
from tests.builders import ACME, NOW, OTHER, a_payment, payment_id
from tests.storages import Storage

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n"


def a_proof(payment: int = 1, number: int = 1, **more: Any) -> Proof:
    known: dict[str, Any] = {
        "bank": "bankak",
        "transaction": "FT24061",
        "at": NOW,
        "by": "till (key_1)",
        "attempt_id": AttemptId(f"att_{payment:026d}01"),
    }
    return Proof(payment_id=payment_id(payment), number=number, **(known | more))


def a_claim(payment: int = 1, **more: Any) -> Claim:
    known: dict[str, Any] = {"bank": "bankak", "transaction": "FT24061", "at": NOW}
    return Claim(payment_id=payment_id(payment), **(known | more))


@pytest.fixture(autouse=True)
async def two_payments(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.payments.add(a_payment(1))
        unit.payments.add(a_payment(2))
        await unit.commit()


async def test_what_was_handed_in_is_read_as_it_was_in_order(storage: Storage) -> None:
    first = a_proof(image="ab" * 32, image_known=True)
    cheque = a_proof(
        number=2, bank="faisal", account="00123", clears_on=date(2026, 3, 1), transaction="000117"
    )
    async with storage.units(ACME) as unit:
        unit.proofs.add(cheque)
        unit.proofs.add(first)
        unit.proofs.add(a_proof(2))
        await unit.commit()
    async with storage.units(ACME) as unit:
        assert list(await unit.proofs.of(payment_id(1))) == [first, cheque]
        assert await unit.proofs.of(PaymentId("pay_nobody")) == []


async def test_a_number_is_one_payments_at_each_bank(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.proofs.add_claim(a_claim())
        unit.proofs.add_claim(a_claim(2, bank="faisal_islamic"))
        await unit.commit()
    async with storage.units(ACME) as unit:
        unit.proofs.add_claim(a_claim(2))
        with pytest.raises(DuplicateKey):
            await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.proofs.claim("bankak", "FT24061") == a_claim()
        assert await unit.proofs.claim("bankak", "FT24062") is None


async def test_of_twenty_payments_that_want_a_number_one_has_it(storage: Storage) -> None:
    async def take(number: int) -> bool:
        async with storage.units(ACME) as unit:
            unit.proofs.add_claim(a_claim(1 + number % 2))
            try:
                await unit.commit()
            except Conflict:
                return False
        return True

    assert sum(await asyncio.gather(*(take(one) for one in range(20)))) == 1


async def test_a_number_moves_to_another_payment_once(storage: Storage) -> None:
    async with storage.units(ACME) as unit:
        unit.proofs.add_claim(a_claim())
        await unit.commit()
    moved = a_claim().taken_over(payment_id(2), NOW)
    async with storage.units(ACME) as unit:
        unit.proofs.move_claim(moved)
        await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.proofs.claim("bankak", "FT24061") == replace(moved, version=1)
        unit.proofs.move_claim(moved)
        with pytest.raises(StaleVersion):
            await unit.commit()


async def test_a_picture_is_kept_once_and_comes_back_whole(storage: Storage) -> None:
    image = Image.of(PNG + bytes(range(256)) * 5000)
    for kept in (True, False):
        async with storage.units(ACME) as unit:
            assert await unit.proofs.has_image(image.digest) != kept
            unit.proofs.keep(image)
            if kept:
                await unit.commit()
            else:
                with pytest.raises(DuplicateKey):
                    await unit.commit()
    async with storage.units(ACME) as unit:
        assert await unit.proofs.image(image.digest) == image
        with pytest.raises(NotFound):
            await unit.proofs.image("00" * 32)


async def test_another_tenant_sees_nothing_and_may_have_the_same(storage: Storage) -> None:
    image = Image.of(PNG)
    async with storage.units(ACME) as unit:
        unit.proofs.add(a_proof())
        unit.proofs.add_claim(a_claim())
        unit.proofs.keep(image)
        await unit.commit()
    async with storage.units(OTHER) as unit:
        assert await unit.proofs.of(payment_id(1)) == []
        assert await unit.proofs.claim("bankak", "FT24061") is None
        assert not await unit.proofs.has_image(image.digest)
        unit.payments.add(a_payment(3, tenant_id=OTHER))
        unit.proofs.add_claim(a_claim(3))
        unit.proofs.keep(image)
        await unit.commit()
    async with storage.units(ACME) as unit:
        found = await unit.proofs.claim("bankak", "FT24061")
        assert found is not None
        assert found.payment_id == payment_id(1)

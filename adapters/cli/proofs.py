"""`cauri proofs`: what payers hand in about transfers."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from adapters.cli import show
from adapters.cli.failures import DONE
from adapters.cli.here import Here
from adapters.cli.requests import text_of
from adapters.cli.which_tenant import WhichTenant
from application.payments.submit_proof import NewProof, SubmitProof
from application.payments.well_formed import LONGEST_NAME
from domain.errors import NotFound
from domain.ids import PaymentId
from domain.payments.proof import LONGEST_BANK, LONGEST_NUMBER, MOST_IMAGE, Proof
from domain.ports.clock import Clock
from domain.ports.unit_of_work import Units

LONGEST = 2 * LONGEST_NUMBER  # of a number as it is typed


@dataclass(frozen=True, slots=True)
class HandIn:
    submit: SubmitProof
    which: WhichTenant
    here: Here

    async def __call__(
        self,
        *,
        payment: str,
        number: str,
        bank: str | None,
        account: str | None,
        clears_on: str | None,
        image: BinaryIO | None,
        operator: str | None,
        tenant: str | None,
        json: bool,
    ) -> int:
        new = NewProof(
            transaction=text_of(number, "transactionNumber", LONGEST, 1),
            by=text_of(operator or self.here.operator, "operator", LONGEST_NAME),
            bank=text_of(bank, "bank", LONGEST_BANK, 1) if bank is not None else None,
            account=text_of(account, "account", LONGEST, 1) if account is not None else None,
            clears_on=clears_on,
            image=image.read(MOST_IMAGE + 1) if image is not None else None,
        )
        done = await self.submit(await self.which(tenant), PaymentId(payment), new)
        if json:
            words = {"paymentId": done.payment.id, "status": done.payment.status}
            show.line({**words, "proof": proof_words(done.proof)})
            return DONE
        show.say(f"Proof {done.proof.number} of {done.payment.id}: {done.proof.transaction}")
        show.say(f"It waits for a person: cauri verify {done.payment.id} received --reason …")
        return DONE


@dataclass(frozen=True, slots=True)
class ListProofs:
    units: Units
    which: WhichTenant
    clock: Clock

    async def __call__(self, *, payment: str, tenant: str | None, json: bool) -> int:
        async with self.units(await self.which(tenant)) as unit:
            found = await unit.payments.show(PaymentId(payment))
            proofs = await unit.proofs.of(found.id)
        if json:
            show.line({"data": [proof_words(one) for one in proofs]})
            return DONE
        if not proofs:
            show.say("No proof was handed in.")
            return DONE
        now = self.clock.now()
        show.table(
            ("Proof", "Bank", "Number", "Account", "Clears on", "Picture", "By", "When"),
            [
                (
                    str(one.number),
                    one.bank,
                    one.transaction,
                    one.account or "-",
                    str(one.clears_on or "-"),
                    _picture(one),
                    one.by,
                    show.ago(one.at, now),
                )
                for one in proofs
            ],
        )
        return DONE


@dataclass(frozen=True, slots=True)
class SaveImage:
    units: Units
    which: WhichTenant

    async def __call__(
        self, *, payment: str, file: BinaryIO, number: int, tenant: str | None, json: bool
    ) -> int:
        async with self.units(await self.which(tenant)) as unit:
            proofs = await unit.proofs.of(PaymentId(payment))
            digests = [one.image for one in proofs if one.number == number]
            if not digests or digests[0] is None:
                raise NotFound(f"payment {payment} has no picture of proof {number}")
            image = await unit.proofs.image(digests[0])
        file.write(image.data)
        if json:
            show.line({"image": image.digest, "type": image.type, "bytes": len(image.data)})
            return DONE
        show.say(f"{image.type}, {len(image.data)} bytes")
        return DONE


def proof_words(one: Proof) -> dict[str, Any]:
    """In the API's words."""
    return {
        "number": one.number,
        "bank": one.bank,
        "transactionNumber": one.transaction,
        "account": one.account,
        "clearsOn": one.clears_on,
        "image": one.image,
        "imageKnown": one.image_known,
        "by": one.by,
        "at": one.at,
    }


def _picture(one: Proof) -> str:
    if one.image is None:
        return "-"
    return f"{one.image[:12]}…" + (" (another payment had it, too)" if one.image_known else "")

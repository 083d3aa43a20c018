"""Proofs of transfers that no machine sees: hand one in, list them, look at a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler

from adapters.http import proof_examples as examples
from adapters.http.answers import Ready, encoded
from adapters.http.caller import Desk
from adapters.http.operation import Call, Operation
from adapters.http.wire.proofs import ProofBody, ProofList, SubmittedReply
from adapters.http.wire.reading import Body, Nothing
from application.payments.submit_proof import SubmitProof
from domain.errors import NotFound
from domain.ids import PaymentId
from domain.ports.unit_of_work import Units
from domain.tenants.api_key import Scope

DIGEST: Final = 64  # hexadecimal digits
SUBMIT: Final = Operation(
    method="POST",
    path="/api/payments/{id:str}/proof",
    summary="Hand in a payer's proof of a transfer",
    scope=Scope.PAYMENTS_WRITE,
    reads=Body(ProofBody),
    replies=SubmittedReply,
    errors=("not_found", "proof_not_taken", "transaction_number_used"),
    tag="Proofs",
    example=examples.SUBMITTED,
)
LIST: Final = Operation(
    method="GET",
    path="/api/payments/{id:str}/proofs",
    summary="List the proofs of a payment",
    scope=Scope.PAYMENTS_READ,
    reads=Nothing(),
    replies=ProofList,
    errors=("not_found",),
    tag="Proofs",
    example={"data": [examples.PROOF]},
)
IMAGE: Final = Operation(
    method="GET",
    path="/api/payments/{id:str}/proofs/{digest:str}",
    summary="Look at the picture of a proof",
    scope=Scope.PAYMENTS_VERIFY,
    reads=Nothing(),
    replies=None,
    media="image/*",
    errors=("not_found",),
    tag="Proofs",
    example="the picture's bytes",
)


@dataclass(frozen=True, slots=True)
class ProofController:
    submit_proof: SubmitProof
    units: Units

    def routes(self, desk: Desk) -> Sequence[HTTPRouteHandler]:
        return [
            SUBMIT.served(desk, self.submit),
            LIST.served(desk, self.list),
            IMAGE.served(desk, self.image),
        ]

    async def submit(self, call: Call, body: ProofBody) -> Ready:
        """No money is counted for it: it puts the payment before a person, and from then on it
        does not expire. The same proof again changes nothing; a transaction number serves one
        payment."""
        caller = call.caller
        new = body.checked(f"{caller.key.name} ({caller.key.id})")
        done = await self.submit_proof(caller.tenant_id, PaymentId(call.id("pay_")), new)
        return encoded(SubmittedReply.of(done))

    async def list(self, call: Call, _: None) -> Ready:
        """In the order in which they came; at most ten."""
        payment_id = PaymentId(call.id("pay_"))
        async with self.units(call.caller.tenant_id) as unit:
            await unit.payments.show(payment_id)
            return encoded(ProofList.of(await unit.proofs.of(payment_id)))

    async def image(self, call: Call, _: None) -> Ready:
        """By the SHA-256 that its proof names; to be downloaded, never shown in our own page."""
        payment_id, digest = PaymentId(call.id("pay_")), call.text("digest")
        async with self.units(call.caller.tenant_id) as unit:
            mine = {one.image for one in await unit.proofs.of(payment_id)}
            if len(digest) != DIGEST or digest not in mine:
                raise NotFound()
            image = await unit.proofs.image(digest)
        kind = (b"content-type", image.type.value.encode())
        return Ready(image.data, 200, kind, ((b"content-disposition", b"attachment"),))

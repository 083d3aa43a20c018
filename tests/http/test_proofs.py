"""Proofs over HTTP: handed in, listed, looked at; by whom, how large, and for which payment."""

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.payments.proof import MOST_IMAGE
from domain.tenants.api_key import EVERY_SCOPE, Scope
from tests.builders import OTHER
from tests.http.site import Site, a_site
from tests.offline import PNG, a_counter_world

pytestmark = pytest.mark.anyio

PICTURE = b64encode(PNG).decode()
PROOF = {"transactionNumber": "FT 24061", "image": PICTURE}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site(world=await a_counter_world()) as made:
        yield made


async def waiting(site: Site, key: str = "k1", method: str = "bankak", **more: Any) -> str:
    due = {"currency": "SDG", "country": "SD", "method": method}
    answer = await site.initiate(key, **(due | more))
    assert answer.json()["status"] == "awaiting_verification", answer.text
    return str(answer.json()["id"])


async def test_a_proof_is_kept_and_seen_by_who_verifies(site: Site) -> None:
    payment = await waiting(site)
    answer = await site.post(f"/api/payments/{payment}/proof", PROOF)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["paymentId"], told["status"]) == (payment, "awaiting_verification")
    assert told["proof"]["transactionNumber"] == "FT24061"
    assert told["proof"]["by"].startswith("till 1 (key_")
    assert (await site.get(f"/api/payments/{payment}/proofs")).json() == {"data": [told["proof"]]}
    picture = await site.get(f"/api/payments/{payment}/proofs/{told['proof']['image']}")
    assert picture.content == PNG
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-disposition"] == "attachment"
    assert picture.headers["x-content-type-options"] == "nosniff"
    again = await site.post(f"/api/payments/{payment}/proof", PROOF)
    assert again.json() == told


async def test_a_used_number_and_a_wrong_field_are_told(site: Site) -> None:
    first, second = await waiting(site), await waiting(site, "k2")
    await site.post(f"/api/payments/{first}/proof", PROOF)
    used = await site.post(f"/api/payments/{second}/proof", PROOF)
    assert (used.status_code, used.json()["code"]) == (409, "transaction_number_used")
    wrong = await site.post(f"/api/payments/{second}/proof", {"transactionNumber": "none"})
    assert wrong.status_code == 422
    assert [one["field"] for one in wrong.json()["errors"]] == ["transactionNumber"]
    for body in ({}, {"transactionNumber": "1" * 81}, PROOF | {"image": "*"}, PROOF | {"x": 1}):
        answer = await site.post(f"/api/payments/{second}/proof", body)
        assert answer.status_code == 422, body
    cash = await waiting(site, "k3", "cash")
    refused = await site.post(f"/api/payments/{cash}/proof", PROOF)
    assert (refused.status_code, refused.json()["code"]) == (409, "proof_not_taken")


async def test_the_largest_picture_fits_and_a_larger_one_is_refused_early(site: Site) -> None:
    payment = await waiting(site)
    largest = PNG + bytes(MOST_IMAGE - len(PNG))
    path = f"/api/payments/{payment}/proof"
    taken = await site.post(path, PROOF | {"image": b64encode(largest).decode()})
    assert taken.status_code == 200
    over = await site.post(path, PROOF | {"image": b64encode(largest + b"x").decode()})
    assert (over.status_code, over.json()["errors"][0]["field"]) == (422, "image")
    flood = await site.post(path, b'{"transactionNumber":"' + b"1" * 3_000_000)
    assert (flood.status_code, flood.json()["detail"]) == (413, "Send at most 2064 KB.")
    elsewhere = await site.post("/api/payments/initiate", b"1" * 300_000, "k9")
    assert (elsewhere.status_code, elsewhere.json()["detail"]) == (413, "Send at most 256 KB.")


async def test_a_picture_needs_the_scope_of_who_verifies_and_its_own_payment(site: Site) -> None:
    mine, other = await waiting(site), await waiting(site, "k2")
    told = (await site.post(f"/api/payments/{mine}/proof", PROOF)).json()["proof"]
    clerk = await site.make_key(scopes=EVERY_SCOPE - {Scope.PAYMENTS_VERIFY})
    path = f"/api/payments/{mine}/proofs/{told['image']}"
    assert (await site.get(path, authorization=f"Bearer {clerk}")).status_code == 403
    stranger = await site.make_key(OTHER)
    for gone in (
        await site.get(path, authorization=f"Bearer {stranger}"),
        await site.get(f"/api/payments/{other}/proofs/{told['image']}"),
        await site.get(f"/api/payments/{mine}/proofs/{'0' * 64}"),
        await site.get(f"/api/payments/{mine}/proofs/..%2f..%2fetc"),
    ):
        assert gone.status_code == 404


async def test_two_keys_must_confirm_beyond_the_threshold(site: Site) -> None:
    payment = await waiting(site, amount="9000.00")
    path, seen = f"/api/payments/{payment}/verify", {"outcome": "received", "reason": "seen"}
    first = await site.post(path, seen)
    assert first.json()["status"] == "awaiting_verification"
    same = await site.post(path, seen)
    assert (same.status_code, same.json()["code"]) == (409, "payment_not_verifiable")
    second = await site.make_key()
    done = await site.post(path, seen, authorization=f"Bearer {second}")
    assert done.json()["status"] == "succeeded"


async def test_a_cheque_bounces(site: Site) -> None:
    payment = await waiting(site, method="cheque")
    path = f"/api/payments/{payment}/verify"
    await site.post(path, {"outcome": "received", "reason": "cleared"})
    back = await site.post(path, {"outcome": "bounced", "reason": "no funds"})
    assert (back.json()["status"], back.json()["failure"]["code"]) == ("failed", "bounced")

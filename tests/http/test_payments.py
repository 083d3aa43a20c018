"""Payments through the API: what a client sends, and what it may rely on."""

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from adapters.http import examples
from adapters.http.wire.payments import PaymentReply
from domain.payments.outcome import NotSent
from domain.tenants.api_key import EVERY_SCOPE, Scope
from tests.application.company import DOWN, LOST, REFUSED
from tests.builders import OTHER
from tests.http.site import Site

pytestmark = pytest.mark.anyio
GOLDEN: Final = Path(__file__).with_name("payment.golden.json")


async def test_a_payment_is_answered_as_the_contract_says(site: Site) -> None:
    answer = await site.initiate()
    assert answer.status_code == 201
    assert answer.json() == msgspec.json.decode(GOLDEN.read_bytes())
    assert list(answer.json()) == list(msgspec.json.decode(GOLDEN.read_bytes()))


def test_the_example_of_the_documentation_has_the_golden_fields() -> None:
    golden: dict[str, Any] = msgspec.json.decode(GOLDEN.read_bytes())
    assert list(examples.PAYMENT) == list(golden)
    for name in ("fee", "routing", "customer"):
        assert list(examples.PAYMENT[name]) == list(golden[name])
    assert list(examples.PAYMENT["attempts"][0]) == list(golden["attempts"][0])


def test_every_example_decodes_as_what_it_is_an_example_of() -> None:
    msgspec.convert(examples.PAYMENT, PaymentReply)


@pytest.mark.parametrize("amount", ["1500", "1500.0", "1500.00", 1500, 1500.0, 1500.5])
async def test_an_amount_may_be_a_string_or_a_number(site: Site, amount: Any) -> None:
    answer = await site.initiate(amount=amount)
    assert answer.status_code == 201
    assert answer.json()["amount"] == ("1500.50" if amount == 1500.5 else "1500.00")


async def test_a_number_is_read_digit_by_digit_and_never_through_a_float(site: Site) -> None:
    body = b'{"amount": 99999.99, "currency": "PHP", "reference": "r", "metadata": {}}'
    answer = await site.post("/api/payments/initiate", body, "k1")
    assert answer.json()["amount"] == "99999.99"


async def test_the_payer_bears_the_fee_when_told(site: Site) -> None:
    payment = (await site.initiate(feeBearer="payer")).json()
    assert payment["chargedAmount"] == "1552.50"
    assert payment["netAmount"] == "1500.00"


async def test_status_follows_the_payer_when_told_to_ask(site: Site) -> None:
    payment = (await site.initiate()).json()
    path = f"/api/payments/status/{payment['id']}"
    site.world.companies.maya.pay(payment["attempts"][0]["id"])
    assert (await site.get(path)).json()["status"] == "pending"
    refreshed = (await site.get(f"{path}?refresh=true")).json()
    assert refreshed["status"] == "succeeded"
    assert refreshed["refundableAmount"] == "1500.00"
    assert refreshed["nextAction"] is None
    assert (await site.get(f"/api/payments/{payment['id']}")).json() == refreshed


async def test_a_refusal_by_the_payer_is_a_failed_payment_and_not_an_error(site: Site) -> None:
    site.world.companies.maya.script = lambda charge: REFUSED
    answer = await site.initiate()
    assert answer.status_code == 201
    assert answer.json()["status"] == "failed"
    assert answer.json()["failure"] == {
        "code": "payer_rejected",
        "message": "The payer said no.",
        "kind": "declined",
        "providerCode": None,
    }


async def test_when_nobody_can_take_it_the_answer_is_503_with_the_payments_id(
    site: Site,
) -> None:
    site.world.companies.maya.script = lambda charge: NotSent("connection refused")
    site.world.companies.gcash.script = lambda charge: DOWN
    answer = await site.initiate()
    problem = answer.json()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "no_provider_available"
    payment = (await site.get(f"/api/payments/{problem['paymentId']}")).json()
    assert payment["status"] == "failed"
    assert [one["provider"] for one in payment["attempts"]] == ["maya", "gcash"]
    again = await site.initiate()
    assert (again.status_code, again.content) == (503, answer.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert again.headers["idempotency-replayed"] == "true"


async def test_cash_waits_for_a_person_and_a_person_verifies_it(site: Site) -> None:
    payment = (await site.initiate(method="cash")).json()
    assert payment["status"] == "awaiting_verification"
    assert payment["nextAction"]["type"] == "pay_offline"
    path = f"/api/payments/{payment['id']}/verify"
    wrong = await site.post(
        path, {"outcome": "received", "reason": "counted", "receivedAmount": "1.00"}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "receivedAmount")
    body = {"outcome": "received", "reason": "counted", "receivedAmount": 1500}
    other = await site.post(path, {**body, "attemptId": f"{payment['attempts'][0]['id'][:-1]}2"})
    assert (other.status_code, other.json()["code"]) == (409, "payment_not_verifiable")
    done = await site.post(path, {**body, "attemptId": payment["attempts"][0]["id"]})
    assert done.json()["status"] == "succeeded"
    again = await site.post(path, {"outcome": "received", "reason": "counted"})
    assert (again.status_code, again.json()["code"]) == (409, "payment_not_verifiable")
    events = (await site.get(f"/api/payments/{payment['id']}/timeline")).json()["data"]
    assert events[-1]["cause"].startswith("till 1 (key_")


async def test_a_payment_nobody_has_paid_is_canceled_and_a_paid_one_is_not(site: Site) -> None:
    payment = (await site.initiate()).json()
    canceled = await site.post(f"/api/payments/{payment['id']}/cancel")
    assert canceled.json()["status"] == "canceled"
    paid = await site.paid("k2")
    refused = await site.post(f"/api/payments/{paid['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_not_cancelable")


async def test_the_list_pages_newest_first_and_filters(site: Site) -> None:
    ids = []
    for number in range(5):
        ids.append((await site.initiate(f"k{number}", reference=f"r-{number}")).json()["id"])
        site.world.clock.advance(1)
    first = (await site.get("/api/payments?limit=2")).json()
    assert [one["id"] for one in first["data"]] == ids[:2:-1]
    await site.initiate("later")  # a page stays right while rows are added
    second = (await site.get(f"/api/payments?limit=2&cursor={first['nextCursor']}")).json()
    assert [one["id"] for one in second["data"]] == ids[2:0:-1]
    third = (await site.get(f"/api/payments?limit=2&cursor={second['nextCursor']}")).json()
    assert [one["id"] for one in third["data"]] == ids[:1]
    assert third["nextCursor"] is None
    found = (await site.get("/api/payments?reference=r-3&status=pending&q=")).json()["data"]
    assert [one["id"] for one in found] == [ids[3]]
    dated = await site.get("/api/payments?from=2026-02-07T09:58:04Z&to=2026-02-08")
    assert [one["id"] for one in dated.json()["data"]][-1] == ids[4]


async def test_the_timeline_and_the_explanation_say_why(site: Site) -> None:
    payment = await site.paid()
    events = (await site.get(f"/api/payments/{payment['id']}/timeline")).json()["data"]
    assert events[0]["type"] == "payment.initiated"
    assert [one["number"] for one in events] == list(range(1, len(events) + 1))
    told = (await site.get(f"/api/payments/{payment['id']}/explain")).json()
    assert (told["chosen"], told["order"]) == ("maya", ["maya", "gcash"])
    why = {one["provider"]: (one["taken"], one["reason"]) for one in told["candidates"]}
    assert why["maya"] == (True, None)
    assert why["gcash"] == (False, "maya came before it")
    assert why["cash"] == (False, "only when asked for by name")


async def test_refunds_are_made_read_and_listed(site: Site) -> None:
    payment = await site.paid()
    body = {"paymentId": payment["id"], "amount": "500.00", "reason": "one ticket"}
    made = await site.post("/api/payments/refund", body, "r1")
    assert made.status_code == 201
    assert list(made.json()) == list(examples.REFUND)
    assert (made.json()["status"], made.json()["amount"]) == ("succeeded", "500.00")
    again = await site.post("/api/payments/refund", body | {"amount": 500}, "r1")
    assert (again.content, again.headers["idempotency-replayed"]) == (made.content, "true")
    too_much = await site.post("/api/payments/refund", body | {"amount": "1000.01"}, "r2")
    assert (too_much.status_code, too_much.json()["code"]) == (422, "refund_exceeds_payment")
    rest = await site.post("/api/payments/refund", {"paymentId": payment["id"]}, "r3")
    assert rest.json()["amount"] == "1000.00"
    shown = (await site.get(f"/api/payments/{payment['id']}")).json()
    assert (shown["refundStatus"], shown["refundableAmount"]) == ("full", "0.00")
    listed = (await site.get(f"/api/payments/{payment['id']}/refunds")).json()["data"]
    assert [one["id"] for one in listed] == [made.json()["id"], rest.json()["id"]]
    assert (await site.get(f"/api/refunds/{rest.json()['id']}")).json() == rest.json()


async def test_what_was_not_paid_is_not_refunded_and_cash_goes_back_by_hand(site: Site) -> None:
    payment = (await site.initiate()).json()
    unpaid = await site.post("/api/payments/refund", {"paymentId": payment["id"]}, "r1")
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "payment_not_refundable")
    cash = (await site.initiate("k2", method="cash")).json()
    seen = {"outcome": "received", "reason": "counted"}
    await site.post(f"/api/payments/{cash['id']}/verify", seen)
    by_hand = await site.post("/api/payments/refund", {"paymentId": cash["id"]}, "r2")
    assert (by_hand.status_code, by_hand.json()["code"]) == (422, "refund_unsupported")


async def test_methods_are_quoted_preferred_and_listed(site: Site) -> None:
    put = await site.client.put(
        "/api/payments/methods/default?customerId=cus_42",
        json={"method": "gcash"},
        headers=site.headers(),
    )
    assert put.json() == {"customerId": "cus_42", "method": "gcash"}
    got = await site.get("/api/payments/methods/default?customerId=cus_42")
    assert got.json() == put.json()
    path = "/api/payments/methods/available?amount=1500&currency=PHP&customerId=cus_42"
    quotes = (await site.get(path)).json()["data"]
    assert list(quotes[0]) == list(examples.METHOD)
    assert [(one["code"], one["isDefault"]) for one in quotes][:2] == [
        ("maya", False),
        ("gcash", True),
    ]
    assert quotes[0]["fee"]["amount"] == "52.50"
    assert (await site.initiate()).json()["provider"] == "gcash"
    too_much = await site.get(path.replace("1500", "100000.01"))
    assert not any(one["available"] for one in too_much.json()["data"])
    assert too_much.json()["data"][0]["obstacle"] == "amount_above_limit"
    providers = (await site.get("/api/v1/payment-providers")).json()["data"]
    assert [(one["code"], one["isActive"]) for one in providers] == [
        ("cash", True),
        ("gcash", True),
        ("maya", True),
    ]
    assert list(providers[0]) == list(examples.PROVIDER)


async def test_without_a_reference_of_the_merchant_the_payments_id_is_it(site: Site) -> None:
    payment = (await site.initiate(reference=...)).json()
    assert payment["reference"] == payment["id"]


async def unknown_refund(site: Site) -> dict[str, Any]:
    """A refund of which nobody knows anything, past its provider's horizon."""
    payment = await site.paid()
    site.world.companies.maya.refund_script = lambda order: LOST
    site.world.companies.maya.silent_refund_queries = True
    made = await site.post("/api/payments/refund", {"paymentId": payment["id"]}, "r1")
    for _ in range(4):
        await site.world.work(86_400)
    return dict((await site.get(f"/api/refunds/{made.json()['id']}")).json())


async def test_a_refund_nobody_knows_of_waits_for_a_person_and_ends(site: Site) -> None:
    refund = await unknown_refund(site)
    assert (refund["status"], refund["awaitingVerification"]) == ("pending", True)
    queue = (await site.get("/api/verifications")).json()
    assert (queue["payments"], queue["refunds"]) == ([], [refund])
    path = f"/api/refunds/{refund['id']}/verify"
    done = (await site.post(path, {"outcome": "returned", "reason": "seen"})).json()
    assert (done["status"], done["awaitingVerification"]) == ("succeeded", False)
    assert (await site.get("/api/verifications")).json()["refunds"] == []
    again = await site.post(path, {"outcome": "not_returned", "reason": "seen"})
    assert (again.status_code, again.json()["code"]) == (409, "payment_not_verifiable")
    events = (await site.get(f"/api/payments/{refund['paymentId']}/timeline")).json()["data"]
    assert events[-1]["cause"] == "till 1 (key_" + events[-1]["cause"].partition("(key_")[2]
    assert events[-1]["type"] == "refund.succeeded"


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "received", "reason": "seen"},
        {"outcome": "returned"},
        {"outcome": "returned", "reason": ""},
        {"outcome": "returned", "reason": "seen", "amount": "1.00"},
    ],
)
async def test_a_word_about_a_refund_is_read_strictly(site: Site, body: dict[str, Any]) -> None:
    refund = await unknown_refund(site)
    answer = await site.post(f"/api/refunds/{refund['id']}/verify", body)
    assert answer.status_code == 422
    assert (await site.get("/api/verifications")).json()["refunds"] == [refund]


async def test_a_word_about_a_refund_needs_its_scope_and_its_tenant(site: Site) -> None:
    refund = await unknown_refund(site)
    path, body = f"/api/refunds/{refund['id']}/verify", {"outcome": "returned", "reason": "seen"}
    clerk = await site.make_key(scopes=EVERY_SCOPE - {Scope.PAYMENTS_VERIFY})
    refused = await site.post(path, body, authorization=f"Bearer {clerk}")
    assert refused.status_code == 403
    stranger = await site.make_key(OTHER)
    unseen = await site.post(path, body, authorization=f"Bearer {stranger}")
    assert unseen.status_code == 404
    listed = await site.get("/api/verifications", authorization=f"Bearer {stranger}")
    assert listed.json() == {"payments": [], "refunds": []}


async def test_another_amount_than_was_due_is_given_back_when_a_person_says_so(site: Site) -> None:
    payment = (await site.initiate()).json()
    attempt = payment["attempts"][0]["id"]
    site.world.companies.maya.pay(attempt, minor=100_000)
    await site.get(f"/api/payments/status/{payment['id']}?refresh=true")
    (waiting,) = (await site.get("/api/verifications")).json()["payments"]
    assert waiting["id"] == payment["id"]
    body = {"outcome": "return", "reason": "too little"}
    done = (await site.post(f"/api/payments/{payment['id']}/verify", body)).json()
    assert done["status"] == "failed"
    await site.world.work()
    (refund,) = (await site.get(f"/api/payments/{payment['id']}/refunds")).json()["data"]
    assert (refund["amount"], refund["status"]) == ("1000.00", "succeeded")
    assert site.world.companies.maya.kept_minor == 0

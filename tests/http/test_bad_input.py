"""Whatever a client sends, the answer is a problem that names the field; never a 500."""

from typing import Any, Final

import msgspec
import pytest

from adapters.http.problems import ROWS
from tests.http.site import BODY, Site

pytestmark = pytest.mark.anyio
INITIATE: Final = "/api/payments/initiate"

WRONG: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("zero", {"amount": "0.00"}, "amount"),
    ("zero as a number", {"amount": 0}, "amount"),
    ("negative", {"amount": "-1.00"}, "amount"),
    ("negative number", {"amount": -1}, "amount"),
    ("too many decimals", {"amount": "1.001"}, "amount"),
    ("decimals the currency has not", {"amount": "1.5", "currency": "JPY"}, "amount"),
    ("huge", {"amount": "9" * 30}, "amount"),
    ("beyond BIGINT", {"amount": 10**25}, "amount"),
    ("very long", {"amount": "1" * 5000}, "amount"),
    ("NaN", {"amount": "NaN"}, "amount"),
    ("Infinity", {"amount": "Infinity"}, "amount"),
    ("an exponent", {"amount": "1e3"}, "amount"),
    ("a comma", {"amount": "1,500.00"}, "amount"),
    ("a sign", {"amount": "+1500.00"}, "amount"),
    ("spaces", {"amount": " 1500.00 "}, "amount"),
    ("other digits", {"amount": "١٥٠٠"}, "amount"),
    ("a list", {"amount": [1500]}, "amount"),
    ("an object", {"amount": {"value": 1500}}, "amount"),
    ("true", {"amount": True}, "amount"),
    ("null", {"amount": None}, "amount"),
    ("no amount", {"amount": ...}, "amount"),
    ("no currency", {"currency": ...}, "currency"),
    ("small letters", {"currency": "php"}, "currency"),
    ("no such currency", {"currency": "XYZ"}, "currency"),
    ("a line end", {"currency": "PHP\n"}, "currency"),
    ("a currency nobody takes", {"currency": "USD"}, "currency"),
    ("a country nobody serves", {"country": "UG"}, "country"),
    ("no such country", {"country": "XX"}, "country"),
    ("country in small letters", {"country": "ph"}, "country"),
    ("an empty reference", {"reference": ""}, "reference"),
    ("a long reference", {"reference": "r" * 65}, "reference"),
    ("a number as reference", {"reference": 7}, "reference"),
    ("a null byte", {"reference": "a\x00b"}, "reference"),
    ("an unknown field", {"amonut": 1}, "amonut"),
    ("a field of ours", {"status": "succeeded"}, "status"),
    ("another's tenant", {"tenantId": "ten_other"}, "tenantId"),
    ("an unknown field inside", {"customer": {"nmae": "x"}}, "customer.nmae"),
    ("a wrong type inside", {"customer": {"email": 7}}, "customer.email"),
    ("no e-mail address", {"customer": {"email": "maria"}}, "customer.email"),
    ("no E.164", {"customer": {"phone": "0917 123 4567"}}, "customer.phone"),
    ("a long name", {"customer": {"name": "n" * 201}}, "customer.name"),
    ("no such method", {"method": "paypal"}, "method"),
    ("no method's form", {"method": "Robert'); DROP"}, "method"),
    ("no such bearer", {"feeBearer": "bank"}, "feeBearer"),
    ("a script", {"returnUrl": "javascript:alert(1)"}, "returnUrl"),
    ("no host", {"returnUrl": "https:///x"}, "returnUrl"),
    ("a user in it", {"returnUrl": "https://shop.example@evil.example/"}, "returnUrl"),
    ("a bad port", {"returnUrl": "https://shop.example:99999/"}, "returnUrl"),
    ("a long address", {"returnUrl": "https://shop.example/" + "x" * 2048}, "returnUrl"),
    ("too short a life", {"expiresIn": 59}, "expiresIn"),
    ("too long a life", {"expiresIn": 604_801}, "expiresIn"),
    ("half a second", {"expiresIn": 60.5}, "expiresIn"),
    ("a long description", {"description": "d" * 501}, "description"),
    ("metadata that is a list", {"metadata": ["a"]}, "metadata"),
    ("metadata of numbers", {"metadata": {"a": 1}}, "metadata"),
    ("a long key", {"metadata": {"k" * 41: "x"}}, "metadata"),
    ("an empty key", {"metadata": {"": "x"}}, "metadata"),
    ("other digits in a phone", {"customer": {"phone": "+6٣917123456"}}, "customer.phone"),
    ("a line end after an e-mail", {"customer": {"email": "m@example.com\n"}}, "customer.email"),
    ("metadata too long", {"metadata": {"a": "x" * 501}}, "metadata"),
    ("too much metadata", {"metadata": {str(n): "" for n in range(51)}}, "metadata"),
    ("a card number", {"description": "card 4111 1111 1111 1111"}, "description"),
    ("a card in metadata", {"metadata": {"pan": "5555-5555-5555-4444"}}, "metadata.pan"),
    ("a card as a name", {"customer": {"name": "378282246310005"}}, "customer.name"),
    ("a card as reference", {"reference": "4242424242424242"}, "reference"),
    ("above the limit", {"amount": "100000.01"}, "amount"),
]


@pytest.mark.parametrize(
    ("changes", "field"), [row[1:] for row in WRONG], ids=[w[0] for w in WRONG]
)
async def test_a_wrong_field_is_named(site: Site, changes: dict[str, Any], field: str) -> None:
    answer = await site.initiate(**changes)
    problem = answer.json()
    assert answer.status_code == 422, problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] in ("validation_failed", "amount_above_limit")
    assert [one["field"] for one in problem["errors"]] == [field]
    assert all(one["message"] for one in problem["errors"])
    assert "4111" not in site.logged()
    assert "pay_" not in site.logged(), "nothing was stored"


async def test_all_that_is_wrong_is_told_at_once(site: Site) -> None:
    answer = await site.initiate(amount="0", country="XX", returnUrl="ftp://x", reference="\x07")
    fields = {one["field"] for one in answer.json()["errors"]}
    assert fields == {"amount", "country", "returnUrl", "reference"}


async def test_over_the_limit_has_its_own_code(site: Site) -> None:
    assert (await site.initiate(amount="100000.01")).json()["code"] == "amount_above_limit"
    assert (await site.initiate("k2", amount="100000.00")).status_code == 201


@pytest.mark.parametrize(
    "reference", ["1707300000123", "2026020709580001", "order-12345678901234567890", "9" * 16]
)
async def test_long_numbers_that_are_no_cards_pass(site: Site, reference: str) -> None:
    assert (await site.initiate(reference=reference)).status_code == 201


BROKEN: Final[list[tuple[str, bytes, int, str]]] = [
    ("nothing", b"", 400, "invalid_json"),
    ("half an object", b'{"amount": ', 400, "invalid_json"),
    ("two objects", msgspec.json.encode(BODY) * 2, 400, "invalid_json"),
    ("not UTF-8", b'{"reference": "\xff"}', 400, "invalid_json"),
    ("a lone surrogate", b'{"reference": "\\ud800"}', 400, "invalid_json"),
    ("NaN", b'{"amount": NaN}', 400, "invalid_json"),
    ("a leading zero", b'{"amount": 01}', 400, "invalid_json"),
    ("deep in a known field", b'{"amount": ' + b"[" * 100_000, 400, "invalid_json"),
    (
        "deep and closed",
        b'{"amount":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        400,
        "invalid_json",
    ),
    ("deep objects", b'{"customer":' * 20_000, 422, "validation_failed"),
    ("deep in an unknown field", b'{"x": ' + b"[" * 100_000, 422, "validation_failed"),
    ("a list", b"[]", 422, "validation_failed"),
    ("a string", b'"x"', 422, "validation_failed"),
    ("too large", b'{"reference": "' + b"x" * 262_144 + b'"}', 413, "payload_too_large"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
async def test_a_broken_body_is_refused(site: Site, body: bytes, status: int, code: str) -> None:
    answer = await site.post(INITIATE, body, "k1")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not site.alarms


async def test_a_duplicate_json_key_means_its_last_value_and_nothing_else(site: Site) -> None:
    body = msgspec.json.encode(BODY)[:-1] + b',"amount":"2.00"}'
    answer = await site.post(INITIATE, body, "k1")
    assert answer.json()["amount"] == "2.00"
    again = await site.post(INITIATE, msgspec.json.encode(BODY | {"amount": "2.00"}), "k1")
    assert again.content == answer.content


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
async def test_only_json_is_taken(site: Site, kind: str) -> None:
    answer = await site.post(INITIATE, b"{}", "k1", **{"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    zipped = await site.post(INITIATE, b"{}", "k1", **{"content-encoding": "gzip"})
    assert zipped.status_code == 415


QUERIES: Final = [
    ("/api/payments?limit=0", "limit"),
    ("/api/payments?limit=201", "limit"),
    ("/api/payments?limit=ten", "limit"),
    ("/api/payments?status=paid", "status"),
    ("/api/payments?statsu=pending", "statsu"),
    ("/api/payments?status=pending&status=failed", "status"),
    ("/api/payments?from=yesterday", "from"),
    ("/api/payments?to=0000-00-00", "to"),
    ("/api/payments?cursor=%27%20OR%201=1", "cursor"),
    ("/api/payments?q=%00", "q"),
    ("/api/payments?q=" + "x" * 101, "q"),
    ("/api/payments?q=%ff", "query"),
    ("/api/payments?" + "&".join(f"a{n}=1" for n in range(500)), "query"),
    ("/api/payments?customerId=4111111111111111", "customerId"),
    ("/api/payments/methods/available?currency=PHP", "amount"),
    ("/api/payments/methods/available?amount=&currency=PHP", "amount"),
    ("/api/payments/methods/available?amount=1e9&currency=PHP", "amount"),
    ("/api/payments/methods/available?amount=1&currency=PHX", "currency"),
    ("/api/payments/methods/default", "customerId"),
    ("/api/payments/status/pay_1?refresh=perhaps", "refresh"),
]


@pytest.mark.parametrize(("path", "field"), QUERIES, ids=[q[0][:60] for q in QUERIES])
async def test_a_wrong_parameter_is_named(site: Site, path: str, field: str) -> None:
    answer = await site.get(path)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_a_word_that_is_none_of_them_is_told_all_of_them(site: Site) -> None:
    answer = await site.get("/api/payments?status=paid")
    assert answer.json()["errors"][0]["message"] == (
        "must be one of: pending, awaiting_verification, succeeded, failed, canceled, expired"
    )


@pytest.mark.parametrize(
    "id_", ["x", "pay_", "pay_%00", "pay_'--", "rfd_1", "pay_" + "1" * 99, "pay_é"]
)
@pytest.mark.parametrize("path", ["/api/payments/{}", "/api/payments/{}/timeline"])
async def test_what_can_not_be_an_id_is_not_found(site: Site, path: str, id_: str) -> None:
    answer = await site.get(path.format(id_))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "paymentId"),
        ({"paymentId": "x"}, "paymentId"),
        ({"paymentId": "pay_1", "reason": 1}, "reason"),
    ],
)
async def test_a_wrong_refund_is_named(site: Site, body: dict[str, Any], field: str) -> None:
    answer = await site.post("/api/payments/refund", body, "r1")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "NaN", True, [1]])
async def test_a_wrong_refund_amount_is_named(site: Site, amount: Any) -> None:
    payment = await site.paid()
    body = {"paymentId": payment["id"], "amount": amount}
    answer = await site.post("/api/payments/refund", body, "r1")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "amount")


@pytest.mark.parametrize("code", ROWS)
async def test_every_problem_says_what_it_is(site: Site, code: str) -> None:
    told = (await site.client.get(f"/problems/{code}")).json()
    assert told["code"] == code
    assert told["detail"].endswith(".")


async def test_an_unknown_problem_is_not_found(site: Site) -> None:
    assert (await site.client.get("/problems/none")).status_code == 404

"""What is peculiar to MTN as a counterpart: the sandbox's numbers, its desk, its patience."""

import base64
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pytest

from adapters.provider_kit.simulator import Action
from adapters.provider_kit.transport import Request, Response
from adapters.providers.mtn_momo.scene import (
    ATTEMPT,
    BASE,
    Scene,
    T,
    a_charge,
    a_lookup,
)
from domain.payments.outcome import Declined, Pending, Succeeded, Unknown

pytestmark = pytest.mark.anyio
USER = "8c1f6b1e-52f4-4d5c-9a59-0d6f3b6f7a10"
SOME = "11111111-2222-4333-8444-555555555555"
SUBSCRIBED = {"Ocp-Apim-Subscription-Key": "collection-sim-demo-key"}
BODY: dict[str, Any] = {
    "amount": "5",
    "currency": "EUR",
    "externalId": "order-1",
    "payer": {"partyIdType": "MSISDN", "partyId": "46733123499"},
}


async def said(
    scene: Scene, method: str, path: str, headers: dict[str, str], body: object = None
) -> Response:
    raw = b"" if body is None else msgspec.json.encode(body)
    return await scene.mtn.handle(Request(method, f"{BASE}{path}", headers, raw))


def read(response: Response) -> Any:
    return msgspec.json.decode(response.body)


async def bearer(scene: Scene, user: str, key: str, product: str = "collection") -> dict[str, str]:
    basic = base64.b64encode(f"{user}:{key}".encode()).decode()
    subscribed = {"Ocp-Apim-Subscription-Key": f"{product}-sim-demo-key"}
    headers = {**subscribed, "Authorization": f"Basic {basic}"}
    token = read(await said(scene, "POST", f"/{product}/token/", headers))["access_token"]
    return {
        **subscribed,
        "Authorization": f"Bearer {token}",
        "X-Target-Environment": "sandbox",
        "X-Reference-Id": SOME,
    }


async def provisioned(scene: Scene, host: str = "example.org") -> str:
    """The key of a new API user."""
    headers = {**SUBSCRIBED, "X-Reference-Id": USER}
    made = await said(scene, "POST", "/v1_0/apiuser", headers, {"providerCallbackHost": host})
    assert (made.status, made.body) == (201, b"")
    key = read(await said(scene, "POST", f"/v1_0/apiuser/{USER}/apikey", SUBSCRIBED))["apiKey"]
    return str(key)


async def test_the_sandboxs_desk_makes_users_and_keys() -> None:
    scene = Scene()
    key = await provisioned(scene)
    told = read(await said(scene, "GET", f"/v1_0/apiuser/{USER}", SUBSCRIBED))
    assert told == {"providerCallbackHost": "example.org", "targetEnvironment": "sandbox"}
    headers = {**SUBSCRIBED, "X-Reference-Id": USER}
    again = await said(scene, "POST", "/v1_0/apiuser", headers, {"providerCallbackHost": "a.b"})
    assert again.status == 409
    paying = await bearer(scene, USER, key)
    path = "/collection/v1_0/requesttopay"
    assert (await said(scene, "POST", path, paying, BODY)).status == 202
    assert read(await said(scene, "GET", f"{path}/{SOME}", paying))["status"] == "SUCCESSFUL"


async def test_a_new_key_ends_the_tokens_of_the_old_one() -> None:
    scene = Scene()
    paying = await bearer(scene, USER, await provisioned(scene))
    await said(scene, "POST", f"/v1_0/apiuser/{USER}/apikey", SUBSCRIBED)
    path = f"/collection/v1_0/requesttopay/{SOME}"
    assert (await said(scene, "GET", path, paying)).status == 401


async def test_a_token_of_one_product_opens_no_other() -> None:
    scene = Scene()
    key = "api-key-sim-demo"
    user = str(scene.config["apiUser"])
    paying = await bearer(scene, user, key)
    other = {**paying, "Ocp-Apim-Subscription-Key": "disbursement-sim-demo-key"}
    assert (await said(scene, "POST", "/disbursement/v1_0/refund", other, {})).status == 401
    widget = {**paying, "Ocp-Apim-Subscription-Key": "widget-sim-demo-key"}
    refused = await said(scene, "GET", f"/collection/v1_0/requesttopay/{SOME}", widget)
    assert (refused.status, read(refused)["statusCode"]) == (401, 401)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"X-Reference-Id": "order-1"}, {}, 400),
        ({"X-Reference-Id": str(uuid5(NAMESPACE_URL, "x"))}, {}, 400),  # not version 4
        ({}, {"amount": 5}, 400),  # a number
        ({}, {"amount": "5.001"}, 400),
        ({}, {"payer": {"partyIdType": "MSISDN", "partyId": "+46733123499"}}, 400),
        ({}, {"currency": "ZMW"}, 500),
        ({"X-Target-Environment": "mars"}, {}, 500),
        ({"X-Callback-Url": "https://elsewhere.example/hook"}, {}, 500),
    ],
)
async def test_a_bad_request_is_refused_as_documented(
    headers: dict[str, str], body: dict[str, Any], status: int
) -> None:
    scene = Scene()
    paying = await bearer(scene, USER, await provisioned(scene))
    path = "/collection/v1_0/requesttopay"
    refused = await said(scene, "POST", path, {**paying, **headers}, {**BODY, **body})
    assert refused.status == status
    assert (refused.body == b"") is (status == 400)
    assert scene.mtn.books() == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("46733123450", Declined),
        ("46733123451", Declined),
        ("46733123452", Declined),
        ("46733123453", Pending),
        ("46733123454", Pending),
        ("46733123463", Declined),
        ("46733123499", Succeeded),
    ],
)
async def test_the_documented_numbers_do_what_is_documented(number: str, kind: type) -> None:
    scene = Scene(targetEnvironment="sandbox")
    charge = a_charge(phone=f"+{number}", code="EUR")
    assert isinstance(await scene.client.charge(charge, timeout_s=T), Pending)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), kind)


async def test_the_slow_payer_pays_after_half_a_minute_and_the_patient_one_stays() -> None:
    for number, kind in (("46733123453", Succeeded), ("46733123454", Pending)):
        scene = Scene(targetEnvironment="sandbox")
        await scene.client.charge(a_charge(phone=f"+{number}", code="EUR"), timeout_s=T)
        scene.clock.pass_(seconds=30)
        assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), kind)
        scene.clock.pass_(hours=1)
        assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), kind)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("46733123455", Declined),
        ("46733123456", Declined),
        ("46733123457", Declined),
        ("46733123458", Declined),
        ("46733123459", Declined),
        ("46733123460", Declined),
        ("46733123461", Unknown),
        ("46733123462", Unknown),
    ],
)
async def test_a_5xx_is_a_no_only_when_it_says_which(number: str, kind: type) -> None:
    scene = Scene(targetEnvironment="sandbox")
    outcome = await scene.client.charge(a_charge(phone=f"+{number}", code="EUR"), timeout_s=T)
    assert isinstance(outcome, kind)
    assert scene.mtn.books() == []


@pytest.mark.parametrize("objects", [True, False])
async def test_nobody_waits_longer_than_five_minutes(objects: bool) -> None:
    scene = Scene()
    scene.mtn.reason_objects = objects
    await scene.client.charge(a_charge(), timeout_s=T)
    scene.clock.pass_(minutes=4, seconds=59)
    assert isinstance(await scene.client.find(a_lookup(), timeout_s=T), Pending)
    scene.clock.pass_(seconds=1)
    late = await scene.client.find(a_lookup(), timeout_s=T)
    assert isinstance(late, Declined)
    assert late.failure.provider_code == "COULD_NOT_PERFORM_TRANSACTION"
    scene.mtn.act(ATTEMPT, Action.APPROVE)
    assert scene.mtn.books()[0].status == "expired"


async def test_a_number_of_another_country_has_no_wallet() -> None:
    scene = Scene(targetEnvironment="mtnuganda")
    outcome = await scene.client.charge(a_charge("1500", "+256772000000", "UGX"), timeout_s=T)
    assert isinstance(outcome, Pending)
    paying = await bearer(scene, str(scene.config["apiUser"]), "api-key-sim-demo")
    body = {**BODY, "currency": "UGX"}
    body["payer"] = {"partyIdType": "MSISDN", "partyId": "260966000000"}
    path = "/collection/v1_0/requesttopay"
    headers = {**paying, "X-Target-Environment": "mtnuganda"}
    refused = await said(scene, "POST", path, headers, body)
    assert (refused.status, read(refused)["code"]) == (500, "PAYER_NOT_FOUND")


async def test_the_payers_page_shows_the_amount_until_it_is_decided() -> None:
    scene = Scene()
    await scene.client.charge(a_charge("12.50"), timeout_s=T)
    url = scene.mtn.prompt_url(ATTEMPT)
    assert url is not None
    shown = scene.mtn.prompt("/phone", {"id": url.rpartition("=")[2]})
    assert shown is not None
    assert (shown.amount, shown.currency, shown.open) == ("12.50", "ZMW", True)
    scene.mtn.act(shown.reference, Action.DECLINE)
    after = scene.mtn.prompt("/phone", {"id": url.rpartition("=")[2]})
    assert after is not None
    assert not after.open
    assert scene.mtn.prompt("/phone", {"id": "x"}) is None

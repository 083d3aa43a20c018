"""Health, readiness and documentation."""

from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler

from adapters.http.operation import OPERATION
from adapters.http.problems import ROWS
from adapters.http.wire.service import Health
from tests.http.site import Site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "told", "http"),
    [
        (Health.HEALTHY, "HEALTHY", 200),
        (Health.NOT_CONFIGURED, "HEALTHY", 200),
        (Health.UNHEALTHY, "UNHEALTHY", 503),
        (Health.DEGRADED, "UNHEALTHY", 503),  # the check raises, here
    ],
)
async def test_readiness_and_health_follow_the_database(
    site: Site, status: Health, told: str, http: int
) -> None:
    site.database.status = status
    for path in ("/api/health/ready", "/api/health", "/health", "/api/health/database"):
        answer = await site.client.get(path)
        assert (answer.status_code, answer.json()["status"]) == (http, told), path
        assert "10.0.0.5" not in answer.text
    assert list((await site.client.get("/health")).json()) == [
        "status",
        "checks",
        "responseTimeMs",
        "uptimeSeconds",
        "version",
        "checkedAt",
    ]
    assert (await site.client.get("/api/health/live")).status_code == 200


async def test_a_flood_of_probes_is_not_a_flood_of_queries(site: Site) -> None:
    for _ in range(20):
        await site.client.get("/health")
    assert site.database.asked == 1
    site.world.clock.advance(1.1)
    await site.client.get("/health")
    assert site.database.asked == 2


async def test_what_is_optional_and_not_configured_says_so(site: Site) -> None:
    for name in ("redis", "websockets", "payments"):
        answer = await site.client.get(f"/api/health/{name}")
        assert (answer.status_code, answer.json()["status"]) == (200, "NOT_CONFIGURED")
    assert (await site.client.get("/api/health/secrets")).status_code == 404


def served(site: Site) -> set[tuple[str, str]]:
    """Method and path of every route, but the answers to OPTIONS and files."""
    found: set[tuple[str, str]] = set()
    for route in site.app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and "/static" not in route.path:
                found |= {(method, route.path) for method in handler.http_methods}
    return {(method, path.replace(":str", "")) for method, path in found if method != "OPTIONS"}


async def test_the_documentation_describes_exactly_what_is_served(site: Site) -> None:
    document = (await site.client.get("/schema/openapi.json")).json()
    described = {
        (method.upper(), path) for path, one in document["paths"].items() for method in one
    }
    assert described == served(site)


async def test_every_operation_has_a_summary_an_example_and_its_errors(site: Site) -> None:
    document = (await site.client.get("/schema/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    names = set()
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            names.add(one["operationId"])
            assert one["summary"], path
            assert one["description"] or path.startswith("/schema"), path
            (done,) = (answer for code, answer in one["responses"].items() if code < "300")
            (content,) = done["content"].values()
            assert "example" in content, path
            refusals = {code for code in one["responses"] if code >= "400"}
            assert {"500", "503"} <= refusals
            if one["security"]:
                assert {"401", "403", "429"} <= refusals
            if method == "post" and "initiate" in path:
                codes = [
                    code
                    for answer in one["responses"].values()
                    for content in answer["content"].values()
                    for code in content.get("examples", ())
                ]
                assert set(codes) <= set(ROWS)
                assert {"idempotency_key_missing", "amount_above_limit"} <= set(codes)
    assert len(names) == len(served(site))


async def test_a_body_that_forbids_unknown_fields_says_so(site: Site) -> None:
    schemas = (await site.client.get("/schema/openapi.json")).json()["components"]["schemas"]
    for name in ("InitiateBody", "CustomerBody", "RefundBody", "VerifyBody", "DefaultBody"):
        assert schemas[name]["additionalProperties"] is False
    for name in ("EndpointBody", "EndpointPatch", "ReplayBody"):
        assert schemas[name]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["PaymentReply"]


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set[str]()
        return own.union(*(references(one) for one in value.values()))
    if isinstance(value, list):
        return set[str]().union(*(references(one) for one in value))
    return set()


async def test_the_document_is_whole(site: Site) -> None:
    document = (await site.client.get("/schema/openapi.json")).json()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known


async def test_the_readable_page_brings_everything_with_it(site: Site) -> None:
    page = (await site.client.get("/schema")).text
    assert "http://" not in page.replace("http://site", "")
    assert "https://" not in page
    assert "<script>" not in page
    assert "style=" not in page
    for path in ("/static/vendor/swagger-ui-bundle.js", "/static/vendor/swagger-ui.css"):
        assert path in page
        assert (await site.client.get(path)).status_code == 200
    assert (await site.client.get("/static/schema.js")).status_code == 200
    assert (await site.client.get("/static/../app.py")).status_code == 404
    assert (await site.client.get("/static/%2e%2e/%2e%2e/app.py")).status_code == 404


async def test_every_handler_is_an_operation(site: Site) -> None:
    for route in site.app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and "/static" not in route.path:
                assert OPERATION in handler.opt or handler.http_methods == {"OPTIONS"}

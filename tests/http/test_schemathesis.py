"""Requests made up from the documentation: none is answered with a 5xx or an undocumented reply."""

import asyncio
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.http.site import Site
from tests.http.test_sockets import listening

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CHECKS: Final = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,missing_required_header"
)
MOST_S: Final = 60  # it takes about five


async def test_no_request_surprises_the_api(site: Site, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("st")
    async with listening(site.app) as port:
        run = await asyncio.create_subprocess_exec(
            str(program),
            "run",
            f"http://127.0.0.1:{port}/schema/openapi.json",
            *("-H", f"Authorization: Bearer {site.key}"),
            *("--phases", "examples,coverage,fuzzing", "--exclude-path", "/metrics"),
            *("--checks", CHECKS, "--max-examples", "15", "--seed", "7", "--no-color"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(MOST_S):
            told, _ = await run.communicate()
    assert run.returncode == 0, told.decode()[-5000:]
    assert not site.alarms

"""A wrong setting names its variable, before anything is done."""

import errno
import socket
from pathlib import Path

import pytest

from domain.errors import Invalid
from entrypoints.processes import prepare, taking
from entrypoints.settings import Settings, Wrong, keys, load

KEY = "11" * 32


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"CAURI_PORT": "x"}, "CAURI_PORT"),
        ({"CAURI_PORT": "70000"}, "CAURI_PORT"),
        ({"CAURI_PROT": "80"}, "CAURI_PROT: there is no such setting"),
        ({"CAURI_DATABASE_URL": "mysql://x"}, "CAURI_DATABASE_URL: must begin with"),
        ({"CAURI_LOG_LEVEL": "loud"}, "CAURI_LOG_LEVEL: must be one of: debug, info"),
        ({"CAURI_PUBLIC_URL": "ftp://pay.example"}, "CAURI_PUBLIC_URL: must be like https://"),
        ({"CAURI_PUBLIC_URL": "pay.example"}, "CAURI_PUBLIC_URL"),
        ({"CAURI_PUBLIC_URL": "https://"}, "CAURI_PUBLIC_URL"),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(Wrong, match=named):
        load(given)


def test_what_is_right_is_taken() -> None:
    given = {"CAURI_LOG_LEVEL": "warning", "CAURI_PUBLIC_URL": "https://pay.example/cauri"}
    assert load(given).log_level == "warning"
    assert load({}) == Settings()


@pytest.mark.parametrize(
    ("alone", "missing"), [("CAURI_MASTER_KEY", "CAURI_PEPPER"), ("CAURI_PEPPER", "CAURI_MASTER")]
)
def test_one_key_without_the_other_is_not_passed_over(alone: str, missing: str) -> None:
    with pytest.raises(Wrong, match=missing):
        load({alone: KEY})


def test_a_key_that_is_none_is_wrong_input_and_not_a_fault() -> None:
    settings = load({"CAURI_MASTER_KEY": "zz", "CAURI_PEPPER": KEY})
    with pytest.raises(Invalid, match="CAURI_MASTER_KEY: must be 64 hex digits"):
        keys(settings)


@pytest.mark.anyio
@pytest.mark.parametrize(("below", "why"), [("", "it is not a folder"), ("x", "not a directory")])
async def test_a_folder_that_cant_be_made_is_told(tmp_path: Path, below: str, why: str) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"")
    with pytest.raises(Wrong, match=f"CAURI_DATA_DIR: can't keep data in .*taken.*{why}"):
        await prepare(Settings(data_dir=str(taken / below)))


@pytest.mark.parametrize(
    ("number", "field"), [(errno.EADDRINUSE, "port"), (socket.EAI_NONAME, "host")]
)
def test_an_address_that_cant_be_taken_is_told_in_words(number: int, field: str) -> None:
    with pytest.raises(Invalid, match="choose another with --") as refused, taking("here", 80):
        raise OSError(number, "no")
    assert refused.value.field == field


def test_what_else_goes_wrong_with_a_socket_is_not_hidden() -> None:
    with pytest.raises(OSError, match="broken"), taking("here", 80):
        raise OSError(errno.EIO, "broken")

"""proofs add, list, image; and what verify says of them."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.cli.proofs import proof_words
from adapters.http.wire.proofs import ProofReply
from domain.ports.providers import Providers
from tests.cli.shell import Shell, Wiring
from tests.contracts.test_proofs import a_proof
from tests.offline import PNG, a_counter_world


@pytest.fixture
def shell() -> Shell:
    world = asyncio.run(a_counter_world())
    wiring = Wiring(world)
    wiring.known[Providers] = world.companies
    return Shell(world, wiring)


def pay(shell: Shell, method: str = "bankak", amount: str = "1500.00") -> Any:
    return shell.json("pay", amount, "SDG", "--country", "SD", "--method", method)["id"]


def test_a_proof_is_handed_in_listed_and_its_picture_saved(shell: Shell, tmp_path: Path) -> None:
    payment, receipt, copy = pay(shell), tmp_path / "receipt.png", tmp_path / "copy.png"
    receipt.write_bytes(PNG)
    told = shell.json("proofs", "add", payment, "FT 24061", "--image", str(receipt))
    assert (told["paymentId"], told["status"]) == (payment, "awaiting_verification")
    assert told["proof"]["transactionNumber"] == "FT24061"
    assert shell.json("proofs", "list", payment)["data"] == [told["proof"]]
    assert "FT24061" in shell("proofs", "list", payment).stdout
    assert "the payer says it was sent" in " ".join(shell("verify").stdout.split())
    saved = shell.json("proofs", "image", payment, str(copy))
    assert (saved["type"], saved["bytes"]) == ("image/png", len(PNG))
    assert copy.read_bytes() == PNG


def test_people_are_told_what_comes_next(shell: Shell) -> None:
    payment = pay(shell)
    assert "No proof" in shell("proofs", "list", payment).stdout
    assert f"cauri verify {payment} received" in shell("proofs", "add", payment, "FT1").stdout
    status, told = shell.refused("proofs", "image", payment, "never.png")
    assert status == 3
    assert not Path("never.png").exists()
    assert payment in told


def test_a_cheque_is_handed_in_whole(shell: Shell) -> None:
    payment = pay(shell, "cheque")
    status, told = shell.refused("proofs", "add", payment, "000117")
    assert (status, told) == (2, "cauri: bank: is needed: the bank it is drawn on")
    more = ("--bank", "First", "--account", "123", "--clears-on", "2026-02-01")
    shell.json("proofs", "add", payment, "000117", *more)
    shell.json("verify", payment, "received", "--reason", "cleared")
    back = shell.json("verify", payment, "bounced", "--reason", "no funds")
    assert back["failure"]["code"] == "bounced"


def test_a_number_of_another_payment_is_refused(shell: Shell) -> None:
    first, second = pay(shell), pay(shell)
    shell("proofs", "add", first, "FT24061")
    status, told = shell.refused("proofs", "add", second, "ft24061")
    assert status == 1
    assert "another payment" in told


def test_two_operators_must_confirm_beyond_the_threshold(shell: Shell) -> None:
    payment = pay(shell, amount="9000.00")
    words = ("verify", payment, "received", "--reason", "seen")
    assert shell.json(*words)["status"] == "awaiting_verification"
    assert shell.refused(*words)[0] == 1
    assert shell.json(*words, "--operator", "grace")["status"] == "succeeded"


def test_a_proof_reads_as_over_http() -> None:
    proof = a_proof(image="ab" * 32)
    assert msgspec.json.encode(proof_words(proof)) == msgspec.json.encode(ProofReply.of(proof))

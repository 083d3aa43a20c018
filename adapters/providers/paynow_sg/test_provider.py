"""What is peculiar to PayNow: the code, the picture, our reference in it, and whose word counts."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.provider_kit.registry import converted
from adapters.providers.paynow_sg import MANIFEST
from adapters.providers.paynow_sg.client import PayNowClient, PayNowConfig
from adapters.providers.paynow_sg.emv import LONGEST_REFERENCE, decode
from domain.currencies import currency
from domain.errors import Invalid
from domain.ids import AttemptId, PaymentId
from domain.money import Money
from domain.payments.intent import Customer
from domain.payments.outcome import ActionType, NextAction, Pending
from domain.payments.proof import Handed
from domain.ports.clock import Clock
from domain.ports.providers import Charge, Lookup

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
UEN = {"merchant_name": "ACME PTE LTD", "uen": "201403121W"}
MT940_REFERENCE = 16
ATTEMPTS = st.builds(
    "att_{}{:02d}".format, st.text(ALPHABET, min_size=26, max_size=26), st.integers(1, 99)
)


class At(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


def a_client(**config: str) -> PayNowClient:
    settings: Any = converted(config or UEN, PayNowConfig)
    return PayNowClient(settings, At(NOW))


def a_lookup(attempt_id: str = "att_01J9ZW7QK3M8X5N2V4T6R8Y0BC01", minor: int = 2550) -> Lookup:
    return Lookup(
        attempt_id=AttemptId(attempt_id),
        amount=Money(minor, currency("SGD")),
        provider_reference=None,
        opened_at=NOW,
        expires_at=NOW + timedelta(minutes=30),
    )


async def charged(client: PayNowClient, lookup: Lookup) -> tuple[str | None, NextAction]:
    charge = Charge(
        attempt_id=lookup.attempt_id,
        payment_id=PaymentId("pay_01J9ZW7QK3M8X5N2V4T6R8Y0BC"),
        amount=lookup.amount,
        reference="INV-1",
        description="One thing",
        customer=Customer(),
        country="SG",
        return_url=None,
        opened_at=lookup.opened_at,
        expires_at=lookup.expires_at,
    )
    said = await client.charge(charge, timeout_s=1)
    assert isinstance(said, Pending)
    assert said.next_action is not None
    return said.provider_reference, said.next_action


@pytest.mark.anyio
async def test_the_code_fixes_amount_end_and_reference() -> None:
    reference, action = await charged(a_client(), a_lookup())
    assert action.type is ActionType.SHOW_QR
    assert action.payload is not None
    assert decode(action.payload) == {
        "00": "01",
        "01": "12",
        "26": {
            "00": "SG.PAYNOW",
            "01": "2",
            "02": "201403121W",
            "03": "0",
            "04": "20260301173000",
        },
        "52": "0000",
        "53": "702",
        "54": "25.50",
        "58": "SG",
        "59": "ACME PTE LTD",
        "60": "Singapore",
        "62": {"01": reference},
        "63": action.payload[-4:],
    }


@pytest.mark.anyio
async def test_the_picture_is_small_and_drawn_here() -> None:
    _, action = await charged(a_client(), a_lookup())
    assert action.image_url is not None
    kind, _, data = action.image_url.partition(",")
    assert kind == "data:image/png;base64"
    assert b64decode(data).startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) < 4000


@pytest.mark.anyio
async def test_who_has_no_camera_is_told_what_to_type() -> None:
    reference, action = await charged(a_client(), a_lookup())
    words = f"pay exactly SGD 25.50 by PayNow to UEN 201403121W with {reference} as the reference"
    assert words in (action.instructions or "")
    assert action.reference_code == reference


@pytest.mark.anyio
async def test_asking_again_gives_the_same_code() -> None:
    client = a_client(merchant_name="Ah Beng", mobile="+6591234567")
    reference, action = await charged(client, a_lookup())
    said = await client.find(a_lookup(), timeout_s=1)
    assert said == Pending(provider_reference=reference, next_action=action)
    assert "+6591234567" in (action.payload or "")


@given(st.sets(ATTEMPTS, min_size=2, max_size=50))
def test_references_are_apart_and_fit_everywhere(attempts: set[str]) -> None:
    client = a_client()
    references = {client.code(one) for one in attempts}
    assert len(references) == len(attempts)
    for one in references:
        assert len(one) == MT940_REFERENCE <= LONGEST_REFERENCE
        assert set(one) <= set(ALPHABET)


@given(ATTEMPTS, st.integers(0, 15), st.sampled_from(["{}", "PAYNOW {} OTHR", "/REF/{}/", "x:{}"]))
def test_a_reference_is_found_in_a_banks_words_however_the_line_breaks(
    attempt: str, place: int, words: str
) -> None:
    client = a_client()
    reference = client.code(attempt)
    broken = f"{reference[:place]}\n{reference[place:]}" if place else reference
    assert reference in client.references_in(words.format(broken).lower())
    assert client.references_in(words.format(reference[:-1])) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"merchant_name": "X" * 26}, "merchant_name"),
        ({"merchant_name": " "}, "merchant_name"),
        ({"merchant_name": "Café"}, "merchant_name"),
        ({"uen": "201403121w"}, "uen"),
        ({"uen": "123"}, "uen"),
        ({"uen": ""}, "uen"),
        ({"mobile": "+6591234567"}, "uen"),
        ({"uen": "", "mobile": "91234567"}, "mobile"),
        ({"uen": "", "mobile": "+6561234567"}, "mobile"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_configuration_that_cannot_be_right_names_its_field(
    wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        converted(UEN | wrong, MANIFEST.config)
    assert caught.value.field == field


@pytest.mark.parametrize("uen", ["12345678A", "201543956D", "201543956D002", "T04SS0129D"])
def test_uens_of_every_form_are_taken(uen: str) -> None:
    config: Any = converted(UEN | {"uen": uen}, MANIFEST.config)
    assert config.uen == uen


def test_a_payer_names_the_bank_that_the_number_is_of() -> None:
    client = a_client()
    with pytest.raises(Invalid) as caught:
        client.read_proof(Handed(transaction="FT 1234"))
    assert caught.value.field == "bank"
    read = client.read_proof(Handed(transaction="ft 1234", bank="DBS "))
    assert (read.transaction, read.bank) == ("FT1234", "dbs")
    for wrong in ({"account": "1"}, {"clears_on": NOW.date()}):
        with pytest.raises(Invalid):
            client.read_proof(Handed(transaction="FT1234", bank="DBS", **wrong))


def test_only_singapore_dollars_are_taken_and_nobody_else_is_called() -> None:
    profile = MANIFEST.described()
    assert (*profile.currencies, *profile.countries) == ("SGD", "SG")
    assert profile.offline
    assert profile.proofs
    assert not profile.callbacks
    assert not profile.refunds

"""What a request to take a payment may say, whichever way it came: HTTP and the command line
refuse the same, under the same names of fields.

Limits and forms stand here once; HTTP reads them into its documentation, too.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from application.payments.new_payment import LONGEST_S, SHORTEST_S
from application.text import told_length, unfit, web_address
from domain.countries import COUNTRIES
from domain.errors import Invalid
from domain.money import Currency, Money

LONGEST_AMOUNT: Final = 32  # characters
LONGEST_REFERENCE: Final = 64
LONGEST_CUSTOMER_ID: Final = 128
LONGEST_NAME: Final = 200
LONGEST_EMAIL: Final = 254
LONGEST_TEXT: Final = 500  # of a description, a reason, a value of metadata
LONGEST_ADDRESS: Final = 2048
LONGEST_KEY: Final = 40  # of metadata
MOST_METADATA: Final = 50
LONGEST_SEARCH: Final = 100

CURRENCY: Final = "[A-Z]{3}"
METHOD: Final = "[a-z0-9_]{1,40}"
EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE: Final = r"\+[1-9][0-9]{6,14}"
PAYMENT_ID: Final = "pay_[0-9A-Z]{1,36}"
HINTS: Final[Mapping[str, str]] = {
    "country": "must be an ISO 3166 code of two capitals, for example PH",
    "currency": "must be an ISO 4217 code in capitals, for example PHP",
    "cursor": "must be the nextCursor of the page before",
    "email": "must be an e-mail address",
    "event": "must be an event's id, for example evt_01JH7Y3K8M5N2P4Q6R8S0T1V2W000301",
    "method": "must be a provider's code, for example maya",
    "paymentId": "must be a payment's id, for example pay_01JH7Y3K8M5N2P4Q6R8S0T1V2W",
    "phone": "must be in E.164, for example +639171234567",
    "provider": "must be a provider's code, for example maya",
    "unit": "must be PTS for points, or an ISO 4217 code in capitals",
}

_method: Final = re.compile(METHOD).fullmatch
_email: Final = re.compile(EMAIL).fullmatch
_phone: Final = re.compile(PHONE).fullmatch

Add = Callable[[str, str], None]  # a field, and what is wrong with it


class Payer(Protocol):
    """Who pays, as they were told."""

    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...


class Asked(Protocol):
    """A payment as it was asked for."""

    @property
    def reference(self) -> str | None: ...
    @property
    def customer(self) -> Payer | None: ...
    @property
    def method(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...
    @property
    def description(self) -> str: ...
    @property
    def return_url(self) -> str | None: ...
    @property
    def expires_in(self) -> int: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...


def check(asked: Asked, add: Add) -> None:
    """Tell `add` all that is wrong with it, but for the amount."""
    if asked.reference is not None:
        check_text("reference", asked.reference, add, LONGEST_REFERENCE, 1)
    check_text("description", asked.description, add, LONGEST_TEXT)
    if asked.customer is not None:
        _check_payer(asked.customer, add)
    if asked.metadata:
        _check_metadata(asked.metadata, add)
    if asked.method is not None and not _method(asked.method):
        add("method", HINTS["method"])
    if asked.country is not None and asked.country not in COUNTRIES:
        add("country", HINTS["country"])
    if asked.return_url is not None:
        _check_address(asked.return_url, add)
    if not SHORTEST_S <= asked.expires_in <= LONGEST_S:
        add("expiresIn", f"must be {SHORTEST_S} to {LONGEST_S} seconds")


def check_text(
    field: str, text: str | None, add: Add, longest: int = LONGEST_TEXT, shortest: int = 0
) -> None:
    """Tell `add` when the text is too long, too short or unfit; None is fine."""
    if text is None:
        return
    if not shortest <= len(text) <= longest:
        add(field, told_length(longest, shortest))
    elif text and (told := unfit(text)) is not None:
        add(field, told)


def amount(text: str, currency: Currency) -> Money:
    """A decimal as money, digit by digit. Raises Invalid for all but amounts > 0."""
    if len(text) > LONGEST_AMOUNT:
        raise Invalid("is beyond what can be handled", "amount")
    money = Money.parse(text.removeprefix("-"), currency)
    if text.startswith("-") or money.minor == 0:
        raise Invalid("must be more than zero", "amount")
    return money


def _check_payer(payer: Payer, add: Add) -> None:
    check_text("customer.id", payer.id, add, LONGEST_CUSTOMER_ID, 1)
    check_text("customer.name", payer.name, add, LONGEST_NAME)
    if (email := payer.email) is not None:
        if len(email) > LONGEST_EMAIL or not _email(email):
            add("customer.email", HINTS["email"])
        elif (told := unfit(email)) is not None:
            add("customer.email", told)
    if payer.phone is not None and not _phone(payer.phone):
        add("customer.phone", HINTS["phone"])


def _check_metadata(metadata: Mapping[str, str], add: Add) -> None:
    if len(metadata) > MOST_METADATA:
        add("metadata", f"must have at most {MOST_METADATA} entries")
        return
    for key, value in metadata.items():
        if not 1 <= len(key) <= LONGEST_KEY:
            add("metadata", f"keys {told_length(LONGEST_KEY, 1)}")
        elif len(value) > LONGEST_TEXT:
            add("metadata", f"values {told_length(LONGEST_TEXT)}")
        elif (told := unfit(f"{key}\t{value}")) is not None:
            add(f"metadata.{key}", told)


def _check_address(url: str, add: Add) -> None:
    if len(url) > LONGEST_ADDRESS:
        add("returnUrl", told_length(LONGEST_ADDRESS))
        return
    try:
        web_address(url)
    except Invalid as error:
        add("returnUrl", str(error))

"""Shapes that several bodies share, as types: their limits stand in the documentation too."""

from typing import Annotated

from msgspec import Meta, Raw

from application.payments.well_formed import (
    CURRENCY,
    LONGEST_CUSTOMER_ID,
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    METHOD,
    PAYMENT_ID,
)

Amount = Annotated[
    Raw,
    Meta(
        description="An amount in the currency's major unit with at most its ISO 4217 decimals, "
        "as a string or a number; plain digits, more than zero.",
        extra_json_schema={
            "anyOf": [
                {"type": "string", "pattern": r"^\d{1,15}(\.\d{1,4})?$"},
                {"type": "number", "exclusiveMinimum": 0},
            ],
            "examples": ["1500.00"],
        },
    ),
]
Decimal = Annotated[
    str,
    Meta(
        description="An amount in the currency's major unit with exactly its ISO 4217 decimals.",
        extra_json_schema={"examples": ["1500.00"]},
    ),
]
CurrencyCode = Annotated[str, Meta(pattern=f"^{CURRENCY}$", description="ISO 4217, in capitals.")]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166 alpha-2.")]
ProviderCode = Annotated[
    str, Meta(pattern=f"^{METHOD}$", description="A provider's code, for example maya.")
]
CustomerId = Annotated[str, Meta(min_length=1, max_length=LONGEST_CUSTOMER_ID)]
Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_REFERENCE,
        description="The merchant's own reference.",
    ),
]
Reason = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]
PaymentKey = Annotated[str, Meta(pattern=f"^{PAYMENT_ID}$", description="A payment's id.")]

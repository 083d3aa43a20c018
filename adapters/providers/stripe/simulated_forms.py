"""How the simulated Stripe reads a form in brackets, and lists."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from adapters.providers.stripe.simulated_books import (
    LEAST,
    MOST_UNITS,
    THREE_DECIMALS,
    WHOLE_ONLY,
    invalid,
    missing,
)

MOST_FIELDS: Final = 1000
MOST_ROWS: Final = 100
PART: Final = re.compile(r"[^\[\]]+|\[([^\[\]]*)\]")


def fields(text: str) -> dict[str, Any]:
    """A form as nested dicts; what is numbered stays a dict of numbers. Raises Refusal."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise invalid("Invalid request: too many parameters.") from None
    found: dict[str, Any] = {}
    for name, value in pairs:
        parts = [one[0] if one[1] is None else one[1] for one in PART.finditer(name)]
        at = found
        for part in parts[:-1]:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise invalid(f"Invalid parameter: {name[:80]}", param=name[:80])
        last = parts[-1] if parts else name
        at[last if last else str(len(at))] = value
    return found


def only(said: Mapping[str, Any], taken: str) -> None:
    """Raises Refusal for a parameter that is none of these words."""
    if unknown := set(said) - set(taken.split()):
        raise invalid(f"Received unknown parameter: {min(unknown)}", code="parameter_unknown")


def many(value: Any) -> list[Any]:
    """What was sent as a list."""
    return list(value.values()) if isinstance(value, dict) else []


def priced(said: Mapping[str, Any]) -> tuple[int, str, str]:
    """The sum, the currency and what it is for. Raises Refusal."""
    units, currencies, words = 0, set(), ""
    for item in many(said.get("line_items")):
        price = item.get("price_data") if isinstance(item, dict) else None
        if not isinstance(price, dict):
            raise invalid("Missing price_data", param="line_items")
        units += whole_number(price.get("unit_amount"), "unit_amount") * whole_number(
            item.get("quantity", 1), "quantity"
        )
        currencies.add(str(price.get("currency", "")))
        words = str((price.get("product_data") or {}).get("name", ""))
    if len(currencies) != 1 or not words:
        raise invalid("Missing line_items, or several currencies", param="line_items")
    currency = currencies.pop()
    takes(units, currency)
    return units, currency, words


def takes(units: int, currency: str) -> None:
    """Raises Refusal for an amount that can't be charged."""
    if not re.fullmatch(r"[a-z]{3}", currency):
        raise invalid(f"Invalid currency: {currency[:20]}", param="currency")
    digits(units, currency)
    if units < LEAST.get(currency, 1):
        raise invalid("Amount is too small.", code="amount_too_small")
    if units > MOST_UNITS:
        raise invalid("Amount must be no more than 99999999.", code="amount_too_large")


def digits(units: int, currency: str) -> None:
    least = (
        10 if currency in THREE_DECIMALS.split() else 100 if currency in WHOLE_ONLY.split() else 1
    )
    if units % least:
        raise invalid(f"Invalid amount for {currency}: not a multiple of {least}", param="amount")


def whole_number(value: Any, name: str) -> int:
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,12}", text, re.ASCII):
        raise invalid(f"Invalid integer: {text[:40]}", param=name, code="parameter_invalid_integer")
    return int(text)


def email(said: Mapping[str, Any]) -> str | None:
    email = said.get("customer_email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
        raise invalid(
            f"Invalid email address: {email}", param="customer_email", code="email_invalid"
        )
    return email


def listed(
    url: str, rows: Sequence[Mapping[str, Any]], said: Mapping[str, Any]
) -> Mapping[str, Any]:
    """One page of a list, newest first. Raises Refusal."""
    intent, created, after = (
        said.get("payment_intent"),
        said.get("created"),
        said.get("starting_after"),
    )
    limit = str(said.get("limit", "10"))
    if not limit.isdigit() or not 1 <= int(limit) <= MOST_ROWS:
        raise invalid("Invalid limit: 1 to 100", param="limit")
    if intent is not None:
        rows = [one for one in rows if one["payment_intent"] == intent]
    if isinstance(created, dict):
        least, most = int(created.get("gte", 0)), int(created.get("lte", 10**12))
        rows = [one for one in rows if least <= one["created"] <= most]
    if after is not None:
        ids = [one["id"] for one in rows]
        if after not in ids:
            raise missing("object", str(after))
        rows = rows[ids.index(after) + 1 :]
    shown = rows[: int(limit)]
    return {"object": "list", "url": url, "data": shown, "has_more": len(shown) < len(rows)}

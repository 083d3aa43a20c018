"""What the simulated PayMongo checks in a request before it does anything.

Amounts are whole centavos. The least amount of an intent is the page's "about 2000"; an intent may
be larger than GCash's own ceiling, which only the attach meets.
"""

from collections.abc import Mapping
from typing import Any, Final

from adapters.providers.gcash.simulated_books import Refusal

LEAST: Final = 20_00
MOST: Final = 9_999_999_99
MOST_NOTES: Final = 255
REASONS: Final = ("duplicate", "fraudulent", "requested_by_customer", "others")


def intent_form(
    facts: Mapping[str, Any],
) -> tuple[int, str | None, Mapping[str, Any] | None]:
    """Amount, description and metadata. Raises Refusal."""
    minor = _amount(facts)
    if facts.get("currency") != "PHP":
        raise Refusal("parameter_invalid", "currency must be PHP.", "currency")
    if facts.get("payment_method_allowed") != ["gcash"]:
        words = "payment_method_allowed must hold gcash."
        raise Refusal("parameter_invalid", words, "payment_method_allowed")
    if minor < LEAST:
        words = f"The value for amount cannot be less than {LEAST}."
        raise Refusal("parameter_below_minimum", words, "amount")
    if minor > MOST:
        words = f"The value for amount cannot be more than {MOST}."
        raise Refusal("parameter_above_maximum", words, "amount")
    metadata, description = facts.get("metadata"), facts.get("description")
    if metadata is not None and not (
        isinstance(metadata, dict) and all(isinstance(one, str) for one in metadata.values())
    ):
        words = "metadata must be an object of strings."
        raise Refusal("parameter_data_type_invalid", words, "metadata")
    return minor, None if description is None else str(description), metadata


def refund_form(facts: Mapping[str, Any], *, least: int) -> tuple[int, str, str | None]:
    """Amount, reason and notes. Raises Refusal."""
    minor = _amount(facts)
    if minor < least:
        words = f"The value for amount cannot be less than {least}."
        raise Refusal("parameter_below_minimum", words, "amount")
    reason, notes = facts.get("reason"), facts.get("notes")
    if reason not in REASONS:
        raise Refusal("parameter_invalid", f"reason must be one of {REASONS}.", "reason")
    if notes is not None and (not isinstance(notes, str) or len(notes) > MOST_NOTES):
        raise Refusal("parameter_too_long", "notes is too long.", "notes")
    return minor, str(reason), notes


def _amount(facts: Mapping[str, Any]) -> int:
    minor = facts.get("amount")
    if minor is None:
        raise Refusal("parameter_required", "amount is required.", "amount")
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise Refusal("parameter_data_type_invalid", "amount should be an integer.", "amount")
    return minor

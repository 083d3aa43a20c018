"""What is HTTP's own about text: an amount may be a JSON number or a string."""

from application.payments import well_formed
from domain.money import Currency, Money


def amount(raw: bytes, currency: Currency) -> Money:
    """A JSON number or string as money, digit by digit. Raises Invalid for all but amounts > 0."""
    text = raw.decode("ascii", "replace").strip()
    if text[:1] == text[-1:] == '"':
        text = text[1:-1]
    return well_formed.amount(text, currency)

"""The pages of served simulators, as data and HTML: an index for people, a page for a payer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.provider_kit.courier import Delivery
from adapters.provider_kit.faults import OF_A_CALL, OF_A_CALLBACK, Do, Faults, On
from adapters.provider_kit.remote import Remote
from adapters.provider_kit.simulator import MAGIC, Booked, Prompt
from domain.currencies import currency
from domain.money import Money

LISTED: Final = 100  # charges of one company on the index
TONES: Final = {"succeeded": "good", "pending": "wait", "canceled": "warn", "expired": "warn"}
KINDS: Final[Mapping[str, Sequence[str]]] = {
    on: sorted(OF_A_CALLBACK if on is On.CALLBACK else OF_A_CALL) for on in On
}
WORDS: Final[Mapping[str, str]] = {
    Do.TIMEOUT_BEFORE: "no answer, and nothing done",
    Do.TIMEOUT_AFTER: "done, but no answer",
    Do.ERROR_BEFORE: "error 503, and nothing done",
    Do.ERROR_AFTER: "done, but error 503",
    Do.DELAY: "late",
    Do.DROP: "lost",
    Do.DUPLICATE: "twice",
    Do.REORDER: "overtaken by the next",
    Do.FORGE: "a forged one first",
    Do.WRONG_AMOUNT: "of another amount",
}
"""What a fault does, as the one reads it who lets it happen."""


class Pages:
    """Templates are compiled once; text from outside is escaped."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(grouped=grouped, clock=clock, short=short)

    def index(self, companies: Sequence[Mapping[str, Any]]) -> str:
        return self._render(
            "index.html", companies=companies, magic=MAGIC, kinds_of_fault=KINDS, words=WORDS
        )

    def prompt(self, prompt: Prompt, title: str, back: str | None) -> str:
        return self._render("prompt.html", prompt=prompt, title=title, back=back)

    def done(self, heading: str, words: str) -> str:
        return self._render("done.html", heading=heading, words=words)

    def _render(self, name: str, **values: Any) -> str:
        return self._templates.get_template(name).render(values)


def company(remote: Remote, title: str, deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """What the index shows of one provider; newest first."""
    simulator, faults = remote.simulator, remote.faults
    charges = list(simulator.books())
    books = charges[-LISTED:]
    return {
        "name": remote.name,
        "title": title,
        "base_url": simulator.world.base_url,
        "state": _state(faults),
        "charges": len(charges),
        "waiting": sum(one.status == "pending" for one in charges),
        "untaken": sum(not _taken(one) for one in deliveries),
        "outage": faults.outage,
        "rules": faults.script.rules,
        "struck": len(faults.struck),
        "books": [_line(one, simulator.prompt_url(one.reference)) for one in reversed(books)],
        "callbacks": list(deliveries)[:LISTED],
    }


def _taken(one: Delivery) -> bool:
    return one.status is not None and one.status < 300 and not one.problem


def _state(faults: Faults) -> Mapping[str, str]:
    """In a word, and how it looks."""
    if faults.outage:
        return {"word": "Down", "tone": "bad"}
    if faults.script.rules:
        return {"word": "Misbehaves", "tone": "warn"}
    return {"word": "Works", "tone": "good"}


def _line(one: Booked, url: str | None) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "amount": _major(one.amount_minor, one.currency),
        "currency": one.currency,
        "status": one.status,
        "tone": TONES.get(one.status, "bad"),
        "refunded": _major(one.refunded_minor, one.currency) if one.refunded_minor else "",
        "payer": one.payer,
        "at": one.at,
        "open": one.status == "pending",
        "url": url if url is not None and is_web(url) else None,
    }


def _major(minor: int, code: str) -> str:
    return Money(minor, currency(code)).major


def grouped(amount: str) -> str:
    """ "150000.00" as people read it: "150,000.00"."""
    whole, point, decimals = amount.partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole.isdecimal() else amount


def short(reference: str) -> str:
    """The ends of a long id; neighbours differ at the end."""
    return reference if len(reference) < 20 else f"{reference[:4]}…{reference[-10:]}"


def clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def is_web(url: str) -> bool:
    """Whether a browser may be sent there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def policy(leads_to: str | None = None) -> dict[str, str]:
    """Headers of a page. A form may lead where its answer redirects to, and nowhere else."""
    origin = ""
    if leads_to is not None and is_web(leads_to):
        parts = urlsplit(leads_to)
        origin = f" {parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return {
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self'{origin}"
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }

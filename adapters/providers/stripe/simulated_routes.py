"""Which request of the API is what at the simulated Stripe."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from adapters.providers.stripe.simulated_books import Who, invalid, missing
from adapters.providers.stripe.simulated_company import Company
from adapters.providers.stripe.simulated_forms import listed, many
from adapters.providers.stripe.simulated_intents import OwnIntent
from adapters.providers.stripe.simulated_pages import Page

Said = Mapping[str, Any]


class Routes:
    """Each answers with an object of Stripe's, or raises Refusal."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def serve(self, who: Who, method: str, path: str, said: Said) -> Mapping[str, Any]:
        """A call of the merchant's server."""
        match method, *_parts(path):
            case _, "v1", "checkout", "sessions", *rest:
                return self._sessions(who, method, rest, said)
            case _, "v1", "payment_intents", *rest:
                return self._intents(who, method, rest, said)
            case _, "v1", "refunds", *rest:
                return self._refunds(who, method, rest, said)
            case _, "v1", "webhook_endpoints", *rest:
                return self._hooks(who, method, rest, said)
        raise invalid(f"Unrecognized request URL ({method}: {path[:80]})", status=404)

    def serve_browser(self, who: Who, method: str, path: str, said: Said) -> Mapping[str, Any]:
        """A call of the form in the merchant's page: about the one intent whose secret it knows."""
        match method, *_parts(path):
            case ("GET", "v1", "payment_intents", id_) | (
                "POST",
                "v1",
                "payment_intents",
                id_,
                "confirm",
            ):
                one = self._own(who, id_)
                if said.get("client_secret") != one.secret:
                    words = "The client_secret provided does not match this PaymentIntent."
                    raise invalid(words, code="payment_intent_invalid_parameter")
                if method == "POST":
                    self._company.confirm(one, said)
                return one.shown_to_browser()
        words = "This API call cannot be made with a publishable API key. Use a secret API key."
        raise invalid(words, status=401, code="secret_key_required")

    def _sessions(
        self, who: Who, method: str, rest: Sequence[str], said: Said
    ) -> Mapping[str, Any]:
        whole = "payment_intent" in many(said.get("expand"))
        match method, *rest:
            case ("POST",):
                return self._company.make_page(who, said).shown(whole=whole)
            case ("GET",):
                whole = "data.payment_intent" in many(said.get("expand"))
                pages = [one for one in self._company.of(who) if isinstance(one, Page)]
                rows = [one.shown(whole=whole) for one in pages]
                return listed("/v1/checkout/sessions", rows, said)
            case "GET", id_:
                return self._company.page_of(who, id_).shown(whole=whole)
            case "POST", id_, "expire":
                one = self._company.page_of(who, id_)
                self._company.close(one)
                return one.shown(whole=whole)
        raise missing("route", "/".join(rest))

    def _intents(self, who: Who, method: str, rest: Sequence[str], said: Said) -> Mapping[str, Any]:
        match method, *rest:
            case ("POST",):
                return self._company.make_intent(who, said).intent_shown()
            case ("GET",):
                made = [one.intent_shown() for one in self._company.of(who) if one.intent_id]
                rows = sorted(made, key=lambda row: -row["created"])
                return listed("/v1/payment_intents", rows, said)
            case "GET", id_:
                return self._company.of_intent(who, id_).intent_shown()
            case "POST", id_, "confirm":
                one = self._own(who, id_)
                self._company.confirm(one, said)
                return one.intent_shown()
            case "POST", id_, "cancel":
                one = self._own(who, id_)
                self._company.cancel(one, said)
                return one.intent_shown()
        raise missing("route", "/".join(rest))

    def _own(self, who: Who, id_: str) -> OwnIntent:
        one = self._company.of_intent(who, id_)
        if not isinstance(one, OwnIntent):
            raise invalid("It is a Checkout Session's: expire the session instead.")
        return one

    def _refunds(self, who: Who, method: str, rest: Sequence[str], said: Said) -> Mapping[str, Any]:
        now = self._company.now
        if method == "POST" and not rest:
            one = self._company.of_intent(who, str(said.get("payment_intent")))
            return one.refund(self._company.give_back(one, said), now)
        rows = [
            page.refund(given, now)
            for page in self._company.of(who)
            for given in reversed(page.returned)
        ]
        if method == "GET" and not rest:
            return listed("/v1/refunds", rows, said)
        for row in rows:
            if method == "GET" and [row["id"]] == list(rest):
                return row
        raise missing("refund", "/".join(rest))

    def _hooks(self, who: Who, method: str, rest: Sequence[str], said: Said) -> Mapping[str, Any]:
        hooks = self._company.hooks
        match method, *rest:
            case ("POST",):
                return hooks.add(who, said, self._company.now).shown(secret=True)
            case ("GET",):
                rows = [one.shown() for one in reversed(hooks.of(who))]
                return listed("/v1/webhook_endpoints", rows, said)
            case "GET", id_:
                return hooks.get(who, id_).shown()
            case "POST", id_:
                hook = hooks.get(who, id_)
                hooks.change(hook, said)
                return hook.shown()
            case "DELETE", id_:
                hooks.drop(hooks.get(who, id_))
                return {"id": id_, "object": "webhook_endpoint", "deleted": True}
        raise missing("route", "/".join(rest))


def _parts(path: str) -> list[str]:
    return [unquote(one) for one in path.strip("/").split("/")]

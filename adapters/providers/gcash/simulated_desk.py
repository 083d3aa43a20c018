"""The simulated PayMongo's endpoints, for a caller whose key was accepted."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.providers.gcash.simulated_books import Account, Intent, Payment, Refund, Refusal
from adapters.providers.gcash.simulated_company import Company


class Desk:
    """Paths are split below /v1; `base_url` is where the payer's pages are."""

    def __init__(self, company: Company, base_url: str) -> None:
        self._company = company
        self._base_url = base_url

    def serve(
        self, account: Account, method: str, path: Sequence[str], facts: Mapping[str, Any]
    ) -> object:
        """What is in `data`. Raises Refusal."""
        company = self._company
        match method, *path:
            case "POST", "payment_intents":
                return self._intent(company.open_intent(account, facts))
            case "GET", "payment_intents", id_:
                return self._intent(self._own(account, id_))
            case "POST", "payment_intents", id_, "attach":
                return self._attach(self._own(account, id_), facts)
            case "POST", "payment_methods":
                id_ = company.add_method(account, facts)
                return {"id": id_, "type": "payment_method", "attributes": dict(facts)}
            case "GET", "payments", id_:
                return self._payment(account, id_).shown()
            case "POST", "refunds":
                payment = self._payment(account, str(facts.get("payment_id")))
                strict = account[0].startswith("strict")
                return company.refund(payment, facts, strict=strict).shown(account[1])
            case "GET", "refunds", id_:
                return self._refund(account, id_).shown(account[1])
            case _, "webhooks", *rest:
                return self._webhooks(account, method, rest, facts)
        raise Refusal("resource_not_found", "The API endpoint does not exist.", status=404)

    def page(self, one: Intent) -> str:
        """Where the payer decides."""
        return f"{self._base_url}/sources?id={one.source_id}"

    def _intent(self, one: Intent) -> dict[str, Any]:
        return one.shown(self.page(one))

    def _attach(self, one: Intent, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Answered before the payer can act, however quick."""
        self._company.attach(one, facts)
        shown = self._intent(one)
        self._company.magic(one)
        return shown

    def _own(self, account: Account, id_: str) -> Intent:
        one = self._company.intents.get(id_)
        if one is None or one.account != account:
            words = f"No such payment intent with id {id_}."
            raise Refusal("resource_not_found", words, status=404)
        return one

    def _payment(self, account: Account, id_: str) -> Payment:
        one = self._company.payments.get(id_)
        if one is None or one.account != account:
            raise Refusal("resource_not_found", f"No such payment with id {id_}.", status=404)
        return one

    def _refund(self, account: Account, id_: str) -> Refund:
        for payment in self._company.payments.values():
            for refund in payment.refunds:
                if refund.id == id_ and payment.account == account:
                    return refund
        raise Refusal("resource_not_found", f"No such refund with id {id_}.", status=404)

    def _webhooks(
        self, account: Account, method: str, rest: Sequence[str], facts: Mapping[str, Any]
    ) -> object:
        hooks = self._company.hooks
        match method, *rest:
            case ("GET",):
                return [one.shown() for one in hooks.of(account)]
            case ("POST",):
                return hooks.add(account, facts, self._company.now).shown(secret=True)
            case "GET", id_:
                return hooks.get(account, id_).shown()
            case "POST", id_, ("enable" | "disable") as word:
                hook = hooks.get(account, id_)
                hook.enabled = word == "enable"
                return hook.shown()
        raise Refusal("resource_not_found", "The API endpoint does not exist.", status=404)

"""The simulated Maya's endpoints, for a caller whose key was accepted."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.providers.maya.simulated_books import (
    Checkout,
    Given,
    centavos,
    pesos,
    shortest,
    stamp,
)
from adapters.providers.maya.simulated_callbacks import NAMES
from adapters.providers.maya.simulated_company import Company, Refusal

Answer = tuple[int, object]


class Desk:
    """Paths are split; `base_url` is where the payer's page is."""

    def __init__(self, company: Company, base_url: str) -> None:
        self._company = company
        self._base_url = base_url

    def serve(
        self, merchant: str, method: str, path: Sequence[str], body: Mapping[str, Any]
    ) -> Answer:
        """Status and body. Raises Refusal."""
        match method, *path:
            case "POST", "checkout", "v1", "checkouts":
                one = self._company.open(merchant, body)
                return 200, {"checkoutId": one.id, "redirectUrl": self.page(one)}
            case "GET", "checkout", "v1", "checkouts", id_:
                return 200, self._one(merchant, id_).as_checkout(self._company.now)
            case "GET", "payments", "v1", "payment-rrns", reference:
                return 200, self._all(merchant, reference)
            case "GET", "payments", "v1", "payments", id_:
                return 200, self._company.payment(self._one(merchant, id_))
            case _, "payments", "v1", "payments", id_, verb:
                return self._undo(method, verb, self._one(merchant, id_), body)
            case _, "checkout", "v1", "webhooks", *rest:
                return self._webhooks(merchant, method, rest, body)
        raise Refusal("K004", "Invalid endpoint.", 401)

    def page(self, one: Checkout) -> str:
        """Where the payer decides."""
        return f"{self._base_url}/checkout?id={one.id}"

    def _one(self, merchant: str, id_: str) -> Checkout:
        one = self._company.checkouts.get(id_)
        if one is None or one.merchant != merchant:
            raise Refusal("PY0009", "Payment does not exist.", 404)
        return one

    def _all(self, merchant: str, reference: str) -> list[dict[str, Any]]:
        ours = [one for one in self._company.under(reference) if one.merchant == merchant]
        if not ours:
            raise Refusal("PY0009", "Payment does not exist.", 404)
        return [self._company.payment(one) for one in ours]

    def _undo(self, method: str, verb: str, one: Checkout, body: Mapping[str, Any]) -> Answer:
        match method, verb:
            case "POST", "cancel":
                self._company.cancel(one)
                return 200, self._company.payment(one)
            case "POST", "voids":
                stamped = {"createdAt": stamp(self._company.now)}
                return 200, {**self._company.void(one), **stamped}
            case "POST", "refunds":
                return self._refund(one, body)
            case "GET", "refunds":
                return 200, [self._row(one, given) for given in one.given]
        raise Refusal("K004", "Invalid endpoint.", 401)

    def _refund(self, one: Checkout, body: Mapping[str, Any]) -> Answer:
        total = body.get("totalAmount")
        total = total if isinstance(total, Mapping) else {}
        minor = centavos(total.get("amount"))
        if minor is None:
            field = ("totalAmount.amount", "amount must be a number")
            raise Refusal("2553", "Missing/invalid parameters.", fields=[field])
        if total.get("currency") != one.currency:
            raise Refusal("PY0037", "Currency is not supported.")
        given = self._company.refund(one, minor, str(body.get("reason", "")))
        if given.status(self._company.now) == "ONGOING":
            words = "Transaction had been received and is still ongoing"
            return 202, {"message": words, "status": "ONGOING"}
        amount = {"value": msgspec.Raw(shortest(minor).encode()), "currency": one.currency}
        return 200, {
            "paymentTransactionReferenceNo": one.id,
            "status": "SUCCESS",
            "createdAt": stamp(given.at),
            "receipt": {"transactionId": given.id[:8], "approvalCode": 119, "traceNo": 1},
            "refundTransactionReferenceNo": given.id,
            "transactionAmount": amount,
            "refundedAmount": amount,
        }

    def _row(self, one: Checkout, given: Given) -> dict[str, Any]:
        return {
            "id": given.id,
            "status": given.status(self._company.now),
            "amount": pesos(given.minor),
            "reason": given.reason,
            "requestReferenceNumber": one.reference,
            "createdAt": stamp(given.at),
        }

    def _webhooks(
        self, merchant: str, method: str, rest: Sequence[str], body: Mapping[str, Any]
    ) -> Answer:
        registry = self._company.webhooks
        row = registry.with_id(merchant, rest[0]) if len(rest) == 1 else None
        if method == "POST" and not rest:
            name, url = _webhook(body)
            if name in registry.of(merchant):
                raise Refusal("PY0039", "Webhook already exists.")
            return 200, registry.add(merchant, name, url, self._company.new_id(), self._company.now)
        if method == "GET" and not rest and registry.of(merchant):
            return 200, list(registry.of(merchant).values())
        if row is None:
            raise Refusal("PY0038", "Webhook does not exist.", 404)
        if method == "PUT":
            url = _webhook({"name": row["name"], **body})[1]
            row.update(callbackUrl=url, updatedAt=stamp(self._company.now))
        elif method == "DELETE":
            del registry.of(merchant)[row["name"]]
        return 200, row


def _webhook(body: Mapping[str, Any]) -> tuple[str, str]:
    name, url = body.get("name"), body.get("callbackUrl")
    if name not in NAMES or not isinstance(url, str) or not url.startswith(("http://", "https://")):
        fields = [("name", "is unknown"), ("callbackUrl", "must be a URL")]
        raise Refusal("2553", "Missing/invalid parameters.", fields=fields)
    return str(name), url

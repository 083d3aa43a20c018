"""The remote side of YallaPay, as its library for Flutter and public clients know it.

- The token test_sk_sim_<merchant> belongs to <merchant>; their webhook secret is
  whsec-sim-<merchant>, and their webhook's address is entered by hand (`call_at`).
- The payer acts on the page /checkout/web/<id>. No request names them, so no digits are magic.
- A reference has one link: a second one is refused with "Duplicate client reference ID".
- A status query finds a payment under the day of Khartoum on which its link was made, only.
- Callbacks are signed over "<timestamp>.<body>"; `recipe` "body" signs the body alone.
- Assumed, for want of a source: codes other than "0" and their texts, HTTP 401 for a token,
  PENDING, that a link ends after a day, how often a callback is tried.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.yallapay.simulated_books import (
    LOCAL,
    PREFIX,
    Link,
    Refusal,
    body_of,
    merchant_of,
    pounds_of,
    reply,
)

LIFETIME: Final = timedelta(days=1)
STATUS: Final = {Action.APPROVE: "SUCCESSFUL", Action.DECLINE: "CANCELLED"}
OPERATIONS: Final = {
    "/gateway/generatePaymentLink": "charge",
    "/gateway/getPaymentStatus": "query",
}


class YallaPaySimulator(Simulator):
    name = "yallapay"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.recipe: Literal["timestamped", "body"] = "timestamped"
        self._links: dict[str, Link] = {}
        self._hooks: dict[str, str] = {}  # by merchant

    async def handle(self, request: Request) -> Response:
        """The API. Most errors are HTTP 200 with a code that is not "0"."""
        now = self.world.clock.now().astimezone(LOCAL)
        stamp = {"currentDate": f"{now:%Y-%m-%d}", "currentTime": f"{now:%H:%M:%S}"}
        try:
            return reply(200, self._serve(request, stamp))
        except Refusal as refusal:
            told = {"responseCode": refusal.code, "responseMessage": refusal.words}
            return reply(refusal.status, {**told, **stamp, "paymentUrl": ""})

    def _serve(self, request: Request, stamp: Mapping[str, str]) -> dict[str, Any]:
        merchant, body = merchant_of(request), body_of(request.body)
        operation = self.operation(request)
        if request.method != "POST" or operation == "other":
            raise Refusal("404", "Not Found", 404)
        if operation == "query":
            return self._told(merchant, body)
        one = self._link(merchant, body)
        told = {"responseCode": "0", "responseMessage": "Success"}
        return {**told, **stamp, "paymentUrl": self._page(one)}

    def _link(self, merchant: str, body: Mapping[str, Any]) -> Link:
        pounds, reference = pounds_of(body.get("amount")), body.get("clientReferenceId")
        if not isinstance(reference, str) or not reference:
            raise Refusal("1", "clientReferenceId is required")
        if any((one.merchant, one.reference) == (merchant, reference) for one in self._all()):
            raise Refusal("1", "Duplicate client reference ID")
        names = ("paymentSuccessfulRedirectUrl", "paymentFailedRedirectUrl")
        one = Link(
            id=f"{self.world.random.getrandbits(64):016x}",
            merchant=merchant,
            reference=reference,
            pounds=pounds,
            description=str(body.get("description", "")),
            redirects={name: body.get(name) for name in names},
            made_at=self.world.clock.now(),
        )
        self._links[one.id] = one
        return one

    def _told(self, merchant: str, body: Mapping[str, Any]) -> dict[str, Any]:
        asked = (merchant, body.get("clientReferenceId"), body.get("transactionDate"))
        for one in self._all():
            if (one.merchant, one.reference, one.day) == asked:
                return one.told()
        raise Refusal("1", "Payment not found")

    def operation(self, request: Request) -> str:
        return OPERATIONS.get(self._path(request), "other")

    def books(self) -> Sequence[Booked]:
        return [one.booked() for one in self._all()]

    def act(self, reference: str, action: Action) -> None:
        one = self._one(reference)
        if one.status != "PENDING" or action is Action.IGNORE:
            return
        one.status = STATUS[action]
        one.paid_at = self.world.clock.now() if action is Action.APPROVE else None
        self.tell_again(reference)

    def reopen(self, reference: str) -> None:
        one = self._one(reference)
        if one.paid_at is None:
            one.status, one.made_at = "PENDING", self.world.clock.now()

    def tell_again(self, reference: str) -> None:
        one = self._one(reference)
        if (url := self._hooks.get(one.merchant)) is None:
            return
        now = self.world.clock.now()
        stamp = int(now.timestamp() * 1000)
        told = {
            "clientReferenceId": one.reference,
            "paymentReferenceId": f"yp-{one.id}",
            "status": one.status,
            "timestamp": stamp,
        }
        body = msgspec.json.encode(told)
        signed = body if self.recipe == "body" else f"{stamp}.".encode() + body
        key = f"whsec-sim-{one.merchant}".encode()
        headers = {
            "content-type": "application/json",
            "YallaPay-TimeStamp": str(stamp),
            "YallaPay-Signature": hmac.new(key, signed, hashlib.sha256).hexdigest(),
        }
        self.outgoing.append(
            Outgoing(url=url, headers=headers, body=body, due_at=now, about=one.reference)
        )

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        self._hooks[str(config["apiKey"]).removeprefix(PREFIX)] = url
        self.recipe = config.get("signature", "timestamped")

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        first, _, id_ = path.strip("/").rpartition("/")
        known = [one for one in self._all() if one.id == id_]
        if first != "checkout/web" or not known:
            return None
        one = known[0]
        return Prompt(
            reference=one.id,
            merchant=one.merchant,
            amount=f"{one.pounds:.2f}",
            currency="SDG",
            description=one.description,
            open=one.status == "PENDING",
            status=one.status.capitalize(),
            approve_label="Pay",
            decline_label="Cancel",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._one(reference))

    def return_url(self, reference: str) -> str | None:
        one = self._one(reference)
        paid = "paymentSuccessfulRedirectUrl" if one.paid_at else "paymentFailedRedirectUrl"
        return one.redirects[paid]

    def credentials(self) -> Mapping[str, Any]:
        return {
            "apiKey": f"{PREFIX}demo",
            "webhookSecret": "whsec-sim-demo",
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """A callback tells no amount."""
        return outgoing

    def _page(self, one: Link) -> str:
        return f"{self.world.base_url.rstrip('/')}/checkout/web/{one.id}"

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/"))

    def _all(self) -> Sequence[Link]:
        """Links end by the clock, whenever anybody looks; nobody is told."""
        now = self.world.clock.now()
        for one in self._links.values():
            if one.status == "PENDING" and now >= one.made_at + LIFETIME:
                one.status = "EXPIRED"
        return tuple(self._links.values())

    def _one(self, reference: str) -> Link:
        """By the id of the link or the payment, or the merchant's. Raises LookupError."""
        for one in self._all():
            if reference in (one.id, f"yp-{one.id}", one.reference):
                return one
        raise LookupError(reference)

"""The remote side of SyberPay, as public clients know it.

- Application app-sim-<merchant> has the service svc-sim-<merchant>, the key key-sim-<merchant> and
  the salt salt-sim-<merchant>; where it is called is entered by hand (`call_at`).
- The amount is hashed in the very text that was sent.
- The payer acts on the page /payment/<transactionId>, or by magic digits at the end of
  paymentInfo.customerPhoneNumber: those of every simulator.
- A status answer has two places: an unpaid payment is "Pending" above and "Failure" inside, as in
  one client's stand-in. A paid one is 1 above and 0 inside.
- A customerRef used twice makes two payments: nothing says that it would not.
- Assumed, for want of a source: codes 2 to 6, "Failed" and "Cancelled", that a page ends after a
  day, how often a notification is tried.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from adapters.provider_kit.simulator import (
    MAGIC,
    Action,
    Booked,
    Outgoing,
    Prompt,
    Simulator,
    World,
)
from adapters.provider_kit.transport import Request, Response
from adapters.providers.syberpay.simulated_books import (
    Paying,
    Refusal,
    asked_of,
    body_of,
    checked,
    hash_of,
    merchant_of,
    reply,
    text_of,
)

LIFETIME: Final = timedelta(days=1)
STATUS: Final = {Action.APPROVE: "Successful", Action.DECLINE: "Cancelled"}
OPERATIONS: Final = {"/getUrl": "charge", "/payment_status": "query"}


class SyberPaySimulator(Simulator):
    name = "syberpay"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._payments: dict[str, Paying] = {}
        self._hooks: dict[str, str] = {}  # by merchant

    async def handle(self, request: Request) -> Response:
        """The API. Errors are HTTP 200 with a code that is not 1."""
        try:
            body = body_of(request.body)
            merchant = merchant_of(body)
            match request.method, self.operation(request):
                case "POST", "charge":
                    return reply(self._page_for(merchant, body))
                case "POST", "query":
                    return reply(self._told(merchant, body))
            raise Refusal(4, "No such service")
        except Refusal as refusal:
            told = {"status": "Failed", "responseCode": refusal.code}
            return reply({**told, "responseMessage": refusal.words})

    def _page_for(self, merchant: str, body: Mapping[str, Any]) -> dict[str, Any]:
        text, reference = text_of(body.get("amount")), str(body.get("customerRef") or "")
        application, service = f"app-sim-{merchant}", f"svc-sim-{merchant}"
        if body.get("serviceId") != service or not reference:
            raise Refusal(3, "Invalid service")
        if body.get("currency") != "SDG":
            raise Refusal(2, "Invalid Transaction Amount/Currency")
        checked(body, merchant, application, service, text, "SDG", reference)
        info = body.get("paymentInfo")
        one = Paying(
            id=f"{self.world.random.getrandbits(64):016X}",
            merchant=merchant,
            reference=reference,
            text=text,
            info=info if isinstance(info, Mapping) else {},
            made_at=self.world.clock.now(),
        )
        self._payments[one.id] = one
        if (action := MAGIC.get((one.phone or "")[-4:])) is not None:
            self.act(one.id, action)
        told = {"responseCode": 1, "responseMessage": "Approved", "transactionId": one.id}
        return {**asked_of(one), **told, "paymentUrl": self._page(one), "hash": body["hash"]}

    def _told(self, merchant: str, body: Mapping[str, Any]) -> dict[str, Any]:
        id_ = str(body.get("transactionId"))
        checked(body, merchant, f"app-sim-{merchant}", id_)
        one = next((one for one in self._all() if (one.id, one.merchant) == (id_, merchant)), None)
        if one is None:
            raise Refusal(6, "Transaction not found")
        return {
            "applicationId": f"app-sim-{merchant}",
            "transactionId": one.id,
            "status": one.status,
            "responseCode": 1 if one.status == "Successful" else 2,
            "payment": one.told(),
        }

    def operation(self, request: Request) -> str:
        path = urlsplit(request.url).path
        path = path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/"))
        return OPERATIONS.get(path, "other")

    def books(self) -> Sequence[Booked]:
        return [one.booked() for one in self._all()]

    def act(self, reference: str, action: Action) -> None:
        one = self._one(reference)
        if one.status == "Pending" and action is not Action.IGNORE:
            one.status = STATUS[action]
            self.tell_again(one.id)

    def reopen(self, reference: str) -> None:
        one = self._one(reference)
        if one.status != "Successful":
            one.status, one.made_at = "Pending", self.world.clock.now()

    def tell_again(self, reference: str) -> None:
        one = self._one(reference)
        if (url := self._hooks.get(one.merchant)) is None:
            return
        token = f"{self.world.random.getrandbits(64):016x}"
        form = {"transactionId": one.id, "token": token}
        form["hash"] = hash_of(one.merchant, one.id, token)
        self.outgoing.append(
            Outgoing(
                url=url,
                headers={"content-type": "application/x-www-form-urlencoded"},
                body=urlencode(form).encode(),
                due_at=self.world.clock.now(),
                about=one.reference,
            )
        )

    def call_at(self, url: str, config: Mapping[str, Any]) -> None:
        self._hooks[merchant_of(config)] = url

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        first, _, id_ = path.strip("/").partition("/")
        known = [one for one in self._all() if one.id == id_]
        if first != "payment" or not known:
            return None
        one = known[0]
        return Prompt(
            reference=one.id,
            merchant=one.merchant,
            amount=one.text,
            currency="SDG",
            description=str(one.info.get("paymentReason", "")),
            open=one.status == "Pending",
            status=one.status,
            approve_label="Pay",
            decline_label="Cancel",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._page(self._one(reference))

    def return_url(self, reference: str) -> str | None:
        """Entered at SyberPay, which is not done here."""
        return None

    def credentials(self) -> Mapping[str, Any]:
        return {
            "applicationId": "app-sim-demo",
            "serviceId": "svc-sim-demo",
            "key": "key-sim-demo",
            "salt": "salt-sim-demo",
            "baseUrl": self.world.base_url,
        }

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        """A notification tells no amount."""
        return outgoing

    def _page(self, one: Paying) -> str:
        return f"{self.world.base_url.rstrip('/')}/payment/{one.id}"

    def _all(self) -> Sequence[Paying]:
        """Pages end by the clock, whenever anybody looks; nobody is told."""
        now = self.world.clock.now()
        for one in self._payments.values():
            if one.status == "Pending" and now >= one.made_at + LIFETIME:
                one.status = "Failed"
        return tuple(self._payments.values())

    def _one(self, reference: str) -> Paying:
        """By its number, or the newest of the merchant's reference. Raises LookupError."""
        found = [one for one in self._all() if reference in (one.id, one.reference)]
        if not found:
            raise LookupError(reference)
        return found[-1]

"""The remote side of Stripe: Checkout Sessions, PaymentIntents, refunds and webhook endpoints of
the v1 API, quirks included.

- Keys sk_test_sim_<account>, sk_live_sim_<account> and rk_… of the same open an account's
  environment, as Bearer or as the user of Basic.
- What was executed under an Idempotency-Key is answered again for 24 h, with
  `Idempotent-Replayed`; the same key with other words is an `idempotency_error`. What is refused
  before it is executed is not kept.
- pk_test_sim_<account> opens what a browser may do: read and confirm the one intent whose
  `client_secret` it tells.
- The payer acts on the page /c/pay/<id>; Stripe learns no phone. Of an intent on its own, the page
  /form/<id> stands for the form in the merchant's page. A declined card leaves both open, and
  another approval pays. `decline_card` has a particular reason.
- /confirm takes Stripe's test cards by name: pm_card_visa, pm_card_mastercard, those that are
  declined (pm_card_chargeDeclinedInsufficientFunds, …), and pm_card_threeDSecure2Required, which
  waits at /form/<id>.
- A page closes by `expires_at`, or by /expire while it is open; an intent on its own by /cancel
  alone.
- Refunds whose sum ends in 32 are pending for a minute; in 34 they fail then; in 36 they succeed
  and fail after a day.
- `company.hooks.roll` rolls a secret: callbacks then carry two signatures.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.stripe.simulated_books import Paying, Refusal, major
from adapters.providers.stripe.simulated_company import Company
from adapters.providers.stripe.simulated_forms import fields
from adapters.providers.stripe.simulated_gate import Keys, caller
from adapters.providers.stripe.simulated_routes import Routes

SESSIONS: Final = "v1/checkout/sessions"
INTENTS: Final = "v1/payment_intents"


class StripeSimulator(Simulator):
    name = "stripe"
    callback_retries_s = (60, 300, 1800, 7200, 18_000, 36_000)  # live: for three days

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)
        self._keys = Keys()
        self._routes = Routes(self.company)

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. Errors are `{"error": {…}}`."""
        now, who, path = self.world.clock.now(), None, self._path(request)
        try:
            said = fields(_text(request))
            account, is_browser = caller(request.headers, said)
            if is_browser:
                return self._reply(
                    200, self._routes.serve_browser(account, request.method, path, said)
                )
            who = account
            known = self._keys.known(who, request, now)
            if known is not None:
                return known
            answer = self._reply(200, self._routes.serve(who, request.method, path, said))
        except Refusal as refusal:
            answer = self._reply(refusal.status, refusal.body)
            if who is None or refusal.early:
                return answer
        self._keys.keep(who, request, now, answer)
        return answer

    def _reply(self, status: int, body: Mapping[str, Any]) -> Response:
        headers = {"content-type": "application/json", "request-id": self.company.new_id("req")}
        return Response(status, headers, msgspec.json.encode(body))

    def operation(self, request: Request) -> str:
        path = self._path(request).strip("/")
        if request.method == "POST":
            known = {SESSIONS: "charge", INTENTS: "charge", "v1/refunds": "refund"}
            return known.get(path, "other")
        return "query" if path.startswith((SESSIONS, "v1/refunds", INTENTS)) else "other"

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        now = self.world.clock.now()
        return [one.booked(now) for one in self.company.payings.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._paying(reference), action)

    def decline_card(self, reference: str, code: str) -> None:
        """The payer's card is declined for that reason. Raises LookupError when unknown."""
        if (one := self._paying(reference)).is_open:
            self.company.decline(one, code)

    def reopen(self, reference: str) -> None:
        self._paying(reference).reopen()

    def tell_again(self, reference: str) -> None:
        self.company.tell_again(self._paying(reference))

    def give_back(self, reference: str, minor: int) -> None:
        one = self._paying(reference)
        self._by_hand(lambda: self.company.give_back(one, {"amount": minor}))

    def _by_hand(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    def prompt(self, path: str, query: Mapping[str, str]) -> Prompt | None:
        """A page of Stripe's, or what stands for the form in the merchant's own."""
        one = self.company.payings.get(path.rpartition("/")[2])
        if one is None or urlsplit(one.url).path != f"{self._root}{path}":
            return None
        self.company.settle()
        declined = " (the last card was declined)" if one.error else ""
        asks = one.status == "requires_action"
        return Prompt(
            reference=one.id,
            merchant=one.account,
            amount=major(one.units, one.currency),
            currency=one.currency.upper(),
            description=one.words,
            open=one.is_open,
            status=one.status.replace("_", " ").capitalize() + declined,
            approve_label="Authenticate and pay" if asks else "Pay",
            decline_label="Fail to authenticate" if asks else "Pay with a card that is declined",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._paying(reference).url

    def return_url(self, reference: str) -> str | None:
        return self._paying(reference).goes_back()

    def credentials(self) -> Mapping[str, Any]:
        return {"secretKey": "sk_test_sim_demo", "baseUrl": self.world.base_url}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        return self.company.hooks.wrong_amount(outgoing)

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of what has ended meanwhile."""
        self.company.settle()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        return urlsplit(request.url).path.removeprefix(self._root) or "/"

    @property
    def _root(self) -> str:
        return urlsplit(self.world.base_url).path.rstrip("/")

    def _paying(self, reference: str) -> Paying:
        """By its own id, or by the merchant's reference: the newest. Raises LookupError."""
        if (known := self.company.payings.get(reference)) is not None:
            return known
        rows = [one for one in self.company.payings.values() if one.reference == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]


def _text(request: Request) -> str:
    """The form: the query of what only reads or deletes."""
    if request.method in ("GET", "DELETE"):
        return urlsplit(request.url).query
    return request.body.decode(errors="replace")

"""The remote side of Stripe: Checkout Sessions, intents, refunds and webhook endpoints of the v1
API, quirks included.

- Keys sk_test_sim_<account>, sk_live_sim_<account> and rk_… of the same open an account's
  environment, as Bearer or as the user of Basic.
- What was executed under an Idempotency-Key is answered again for 24 h, with
  `Idempotent-Replayed`; the same key with other words is an `idempotency_error`. What is refused
  before it is executed is not kept.
- The payer acts on the page /c/pay/<id>; Stripe learns no phone. A declined card leaves the page
  open, and another approval pays it. `decline_card` has a particular reason.
- A page closes by `expires_at`, or by /expire while it is open.
- Refunds whose sum ends in 32 are pending for a minute; in 34 they fail then; in 36 they succeed
  and fail after a day.
- `company.hooks.roll` rolls a secret: callbacks then carry two signatures.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from adapters.provider_kit.simulator import Action, Booked, Outgoing, Prompt, Simulator, World
from adapters.provider_kit.transport import Request, Response
from adapters.providers.stripe.simulated_books import Paying, Refusal, invalid, major, missing
from adapters.providers.stripe.simulated_company import Company
from adapters.providers.stripe.simulated_forms import fields, listed, many
from adapters.providers.stripe.simulated_gate import Keys, caller
from adapters.providers.stripe.simulated_hooks import Who

SESSIONS: Final = "v1/checkout/sessions"
FOREVER: Final = timedelta(days=3650)


class StripeSimulator(Simulator):
    name = "stripe"
    callback_retries_s = (60, 300, 1800, 7200, 18_000, 36_000)  # live: for three days

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = Company(world, self._owe)
        self._keys = Keys()

    def _owe(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    async def handle(self, request: Request) -> Response:
        """The API. Errors are `{"error": {…}}`."""
        now, who = self.world.clock.now(), None
        try:
            who = caller(request.headers)
            known = self._keys.known(who, request, now)
            if known is not None:
                return known
            answer = self._reply(200, self._serve(who, request))
        except Refusal as refusal:
            answer = self._reply(refusal.status, refusal.body)
            if who is None or refusal.early:
                return answer
        self._keys.keep(who, request, now, answer)
        return answer

    def _serve(self, who: Who, request: Request) -> Mapping[str, Any]:
        parts = [unquote(one) for one in self._path(request).strip("/").split("/")]
        query = request.method in ("GET", "DELETE")
        text = urlsplit(request.url).query if query else request.body.decode(errors="replace")
        said = fields(text)
        match request.method, *parts:
            case _, "v1", "checkout", "sessions", *rest:
                return self._sessions(who, request.method, rest, said)
            case "GET", "v1", "payment_intents", id_:
                return self.company.of_intent(who, id_).intent()
            case _, "v1", "refunds", *rest:
                return self._refunds(who, request.method, rest, said)
            case _, "v1", "webhook_endpoints", *rest:
                return self._hooks(who, request.method, rest, said)
        words = f"Unrecognized request URL ({request.method}: {self._path(request)[:80]})"
        raise invalid(words, status=404)

    def _sessions(
        self, who: Who, method: str, rest: Sequence[str], said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        whole = "payment_intent" in many(said.get("expand"))
        match method, *rest:
            case ("POST",):
                return self.company.make(who, said).shown(whole=whole)
            case ("GET",):
                whole = "data.payment_intent" in many(said.get("expand"))
                rows = [one.shown(whole=whole) for one in self.company.of(who)]
                return listed("/v1/checkout/sessions", rows, said)
            case "GET", id_:
                return self.company.get(who, id_).shown(whole=whole)
            case "POST", id_, "expire":
                one = self.company.get(who, id_)
                self.company.close(one)
                return one.shown(whole=whole)
        raise missing("route", "/".join(rest))

    def _refunds(
        self, who: Who, method: str, rest: Sequence[str], said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        now = self.world.clock.now()
        if method == "POST" and not rest:
            one = self.company.of_intent(who, str(said.get("payment_intent")))
            return one.refund(self.company.give_back(one, said), now)
        rows = [
            page.refund(given, now)
            for page in self.company.of(who)
            for given in reversed(page.returned)
        ]
        if method == "GET" and not rest:
            return listed("/v1/refunds", rows, said)
        for row in rows:
            if method == "GET" and [row["id"]] == list(rest):
                return row
        raise missing("refund", "/".join(rest))

    def _hooks(
        self, who: Who, method: str, rest: Sequence[str], said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        hooks = self.company.hooks
        match method, *rest:
            case ("POST",):
                return hooks.add(who, said, self.world.clock.now()).shown(secret=True)
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

    def _reply(self, status: int, body: Mapping[str, Any]) -> Response:
        headers = {"content-type": "application/json", "request-id": self.company.new_id("req")}
        return Response(status, headers, msgspec.json.encode(body))

    def operation(self, request: Request) -> str:
        path = self._path(request).strip("/")
        if request.method == "POST":
            return {SESSIONS: "charge", "v1/refunds": "refund"}.get(path, "other")
        return "query" if path.startswith((SESSIONS, "v1/refunds", "v1/payment")) else "other"

    def books(self) -> Sequence[Booked]:
        self.company.settle()
        now = self.world.clock.now()
        return [one.booked(now) for one in self.company.pages.values()]

    def act(self, reference: str, action: Action) -> None:
        self.company.act(self._paying(reference), action)

    def decline_card(self, reference: str, code: str) -> None:
        """The payer's card is declined for that reason. Raises LookupError when unknown."""
        if (one := self._paying(reference)).is_open:
            self.company.decline(one, code)

    def reopen(self, reference: str) -> None:
        one = self._paying(reference)
        if one.status == "expired":
            one.status, one.ends_at = "open", one.ends_at + FOREVER

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
        first, _, id_ = path.strip("/").rpartition("/")
        one = self.company.pages.get(id_)
        if first != "c/pay" or one is None:
            return None
        self.company.settle()
        declined = " (the last card was declined)" if one.error else ""
        return Prompt(
            reference=one.id,
            merchant=one.account,
            amount=major(one.units, one.currency),
            currency=one.currency.upper(),
            description=one.words,
            open=one.is_open,
            status=one.status.capitalize() + declined,
            approve_label="Pay",
            decline_label="Pay with a card that is declined",
        )

    def prompt_url(self, reference: str) -> str | None:
        return self._paying(reference).url

    def return_url(self, reference: str) -> str | None:
        one = self._paying(reference)
        return one.success_url if one.paid else one.cancel_url

    def credentials(self) -> Mapping[str, Any]:
        return {"secretKey": "sk_test_sim_demo", "baseUrl": self.world.base_url}

    def wrong_amount(self, outgoing: Outgoing) -> Outgoing:
        return self.company.hooks.wrong_amount(outgoing)

    def take_due(self, now: datetime) -> list[Outgoing]:
        """Also of what has ended meanwhile."""
        self.company.settle()
        return super().take_due(now)

    def _path(self, request: Request) -> str:
        path = urlsplit(request.url).path
        return path.removeprefix(urlsplit(self.world.base_url).path.rstrip("/")) or "/"

    def _paying(self, reference: str) -> Paying:
        """By its own id, or by the merchant's reference: the newest. Raises LookupError."""
        if (known := self.company.pages.get(reference)) is not None:
            return known
        rows = [one for one in self.company.pages.values() if one.reference == reference]
        if not rows:
            raise LookupError(reference)
        return rows[-1]

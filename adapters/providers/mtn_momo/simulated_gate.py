"""Who may call the simulated MTN: subscription keys, API users, tokens.

The gateway answers 401 and 403 in its own shape (`statusCode`), the token desk in another.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.provider_kit.simulator import World

SUBSCRIPTION: Final = re.compile(r"(collection|disbursement)-sim-([a-z0-9-]+)-key")
DEMO_USER: Final = "0d3a7c52-6f1e-4b8a-9c47-5e2d81f6a930"
LIFETIME: Final = timedelta(seconds=3600)
UUID4: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)


class Refusal(Exception):
    """An answer that ends a request. `body` None is an empty one."""

    def __init__(self, status: int, body: dict[str, Any] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body

    @classmethod
    def code(cls, status: int, code: str, message: str = "") -> "Refusal":
        """MTN's own shape."""
        return cls(status, {"code": code, "message": message or code.replace("_", " ").lower()})

    @classmethod
    def gateway(cls, status: int, message: str) -> "Refusal":
        return cls(status, {"statusCode": status, "message": message})


@dataclass(slots=True)
class User:
    """An API user that was made here. Its key is empty until one is issued."""

    merchant: str
    callback_host: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    product: str
    merchant: str
    user: str
    key: str  # the API key it was issued for
    until: datetime


class Gate:
    """Subscription keys <product>-sim-<merchant>-key belong to <merchant>."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.users: dict[str, User] = {}
        self._tokens: dict[str, Token] = {}

    def subscriber(self, headers: Mapping[str, str], product: str | None = None) -> str:
        """The merchant of the subscription key. Raises Refusal."""
        key = headers.get("ocp-apim-subscription-key", "")
        match = SUBSCRIPTION.fullmatch(key)
        if match is None or (product is not None and match[1] != product):
            kind = "invalid" if key else "missing"
            words = f"Access denied due to {kind} subscription key. Make sure to provide a valid"
            raise Refusal.gateway(401, f"{words} key for an active subscription.")
        return match[2]

    def issue(self, product: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """A token of that product. Raises Refusal."""
        merchant = self.subscriber(headers, product)
        user, key = _basic(headers.get("authorization", ""))
        if not key or key != self._key(user, merchant):
            raise Refusal(401, {"error": "login_failed"})
        now = self._world.clock.now()
        self._tokens = {name: one for name, one in self._tokens.items() if one.until > now}
        token = f"sim.{self._world.random.getrandbits(192):048x}"
        self._tokens[token] = Token(product, merchant, user, key, now + LIFETIME)
        seconds = int(LIFETIME.total_seconds())
        return {"access_token": token, "token_type": "access_token", "expires_in": seconds}

    def caller(self, product: str, headers: Mapping[str, str]) -> tuple[str, str]:
        """The merchant and the API user of a call with a token. Raises Refusal."""
        merchant = self.subscriber(headers, product)
        kind, _, token = headers.get("authorization", "").partition(" ")
        known = self._tokens.get(token)
        good = (
            kind.lower() == "bearer"
            and known is not None
            and (known.product, known.merchant) == (product, merchant)
            and known.until > self._world.clock.now()
            and known.key == self._key(known.user, merchant)
        )
        if not good or known is None:
            raise Refusal.gateway(401, "Unauthorized. Access token is missing, invalid or expired.")
        return merchant, known.user

    def withdraw(self) -> None:
        """Every token ends, as when new API keys were issued."""
        self._tokens.clear()

    def provision(self, headers: Mapping[str, str], body: object) -> None:
        """Make an API user, as in the sandbox. Raises Refusal."""
        merchant = self.subscriber(headers)
        user = headers.get("x-reference-id", "")
        host = body.get("providerCallbackHost") if isinstance(body, dict) else None
        if UUID4.fullmatch(user) is None or not isinstance(host, str):
            raise Refusal(400)
        if user == DEMO_USER or user in self.users:
            words = "Duplicated reference id. Creation of resource failed."
            raise Refusal.code(409, "RESOURCE_ALREADY_EXIST", words)
        self.users[user] = User(merchant, host)

    def user(self, headers: Mapping[str, str], user: str) -> User:
        """Raises Refusal."""
        merchant = self.subscriber(headers)
        known = self.users.get(user)
        if known is None or known.merchant != merchant:
            words = "Requested resource was not found."
            raise Refusal.code(404, "RESOURCE_NOT_FOUND", words)
        return known

    def new_key(self) -> str:
        return f"{self._world.random.getrandbits(128):032x}"

    def calls(self, user: str, host: str | None) -> bool:
        """Whether callbacks of that API user may go to that host: the demo's go anywhere."""
        known = self.users.get(user)
        return known is None or known.callback_host == host

    def _key(self, user: str, merchant: str) -> str:
        if user == DEMO_USER:
            return f"api-key-sim-{merchant}"
        known = self.users.get(user)
        return known.key if known is not None and known.merchant == merchant else ""


def _basic(value: str) -> tuple[str, str]:
    kind, _, encoded = value.partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (user, password) if kind.lower() == "basic" else ("", "")

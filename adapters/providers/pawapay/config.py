"""A merchant's account at pawaPay: one token, and how its callbacks are proven."""

from typing import Final

import msgspec

from adapters.provider_kit.http import Credentials
from adapters.providers.pawapay.signatures import usable

SANDBOX: Final = "https://api.sandbox.pawapay.io"
PRODUCTION: Final = "https://api.pawapay.io"


class PublishedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key as pawaPay publishes it: PEM."""

    id: str
    key: str


class PawapayConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`base_url` chooses another address than the environment's own: a simulator.

    `signed_callbacks` must be as the switch in pawaPay's dashboard: True, and what is not signed
    is refused; False, and a callback only makes us ask. `callback_url` is what was entered there
    and is part of what is signed; it and `callback_keys` are filled in when the account is
    connected.
    """

    api_token: str
    sandbox: bool = False
    signed_callbacks: bool = False
    callback_url: str = ""
    callback_keys: tuple[PublishedKey, ...] = ()
    base_url: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        token = self.api_token
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("must be a token as pawaPay's dashboard shows it: field `apiToken`")
        if not all(usable(one.key) for one in self.callback_keys):
            raise ValueError("must be public keys in PEM: field `callbackKeys`")

    @property
    def url(self) -> str:
        return (self.base_url or (SANDBOX if self.sandbox else PRODUCTION)).rstrip("/")

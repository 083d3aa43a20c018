"""A merchant's account at Maya: two keys, and where it lives."""

from collections.abc import Sequence
from typing import Final

from adapters.provider_kit.http import Credentials
from adapters.provider_kit.signing import rsa_sha256_verifies
from adapters.providers.maya.keys import PUBLISHED

SANDBOX: Final = "https://pg-sandbox.paymaya.com"
PRODUCTION: Final = "https://pg.maya.ph"


class MayaConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`base_url` chooses the environment: the sandbox, https://pg.maya.ph, or a simulator.
    Without `webhook_public_keys` Maya's published ones for that environment are used."""

    public_key: str  # pk-…: creates checkouts, nothing else
    secret_key: str  # sk-…: everything else
    base_url: str = SANDBOX
    webhook_public_keys: tuple[str, ...] = ()  # PEM

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field, for keys in each other's place and PEMs that
        are none."""
        for name, key, wrong in (
            ("publicKey", self.public_key, "sk-"),
            ("secretKey", self.secret_key, "pk-"),
        ):
            if not key or not key.isascii() or not key.isprintable() or " " in key or ":" in key:
                raise ValueError(f"must be a key as Maya shows it: field `{name}`")
            if key.startswith(wrong):
                raise ValueError(f"the {wrong}… key belongs in the other place: field `{name}`")
        for pem in self.webhook_public_keys:
            try:
                rsa_sha256_verifies(pem, b"", b"")
            except ValueError:
                message = "must be RSA public keys in PEM: field `webhookPublicKeys`"
                raise ValueError(message) from None

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

    @property
    def keys(self) -> Sequence[str]:
        """The PEMs that callbacks are verified with; none for an unknown address."""
        return self.webhook_public_keys or PUBLISHED.get(self.url, ())

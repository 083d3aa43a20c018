"""A merchant's account at YallaPay: its token, the secret of its webhooks, and where it lives."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials

SANDBOX: Final = "https://gateway-dev.yallapaysudan.com/api/v1"
PRODUCTION: Final = "https://gateway.yallapaysudan.com/api/v1"


class YallaPayConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`base_url` chooses the environment, with its own token: sk_… or test_sk_…. Without
    `webhook_secret` callbacks are refused and only queries tell. `signature` is the recipe of
    callbacks (`notices`): "timestamped" is YallaPay's own library's."""

    api_key: str
    webhook_secret: str = ""
    signature: Literal["timestamped", "body"] = "timestamped"
    base_url: str = PRODUCTION

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        if not self.api_key or not self.api_key.isascii() or not self.api_key.isprintable():
            raise ValueError("must be a token as YallaPay's dashboard shows it: field `apiKey`")
        if " " in self.api_key:
            raise ValueError("must be a token, without a word before it: field `apiKey`")
        if self.webhook_secret != self.webhook_secret.strip():
            raise ValueError("must be without spaces around it: field `webhookSecret`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

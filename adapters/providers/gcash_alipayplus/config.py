"""A merchant's account at the Alipay-family open API: a client id, and a key of each side."""

from typing import Final
from urllib.parse import urlsplit

from adapters.provider_kit.http import Credentials
from adapters.providers.gcash_alipayplus import keys

SINGAPORE: Final = "https://open-sea-global.alipay.com"
SANDBOX: Final = "SANDBOX_"  # how a client id begins that is for the sandbox


class AlipayPlusConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`private_key` is ours, `alipay_public_key` theirs; each in PEM, or the bare Base64 that their
    dashboard shows. `notify_url` is where they call us: its path is a part of what they sign.
    `tell_buyer`: they advise to tell phone and e-mail, against fraud. `return_url`: for payments
    without their own."""

    client_id: str
    private_key: str
    alipay_public_key: str
    key_version: str = "1"
    settlement_currency: str = ""  # for merchants with more than one contract
    tell_buyer: bool = False
    notify_url: str = ""
    return_url: str = ""
    base_url: str = SINGAPORE

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        for name, word in (("clientId", self.client_id), ("keyVersion", self.key_version)):
            if not word or not word.isascii() or not word.isprintable() or set(word) & set(" ,="):
                raise ValueError(f"must be as the dashboard shows it: field `{name}`")
        try:
            keys.private(self.private_key)
        except ValueError:
            words = "must be an RSA private key, in PEM or Base64: field `privateKey`"
            raise ValueError(words) from None
        try:
            keys.public_pem(self.alipay_public_key)
        except ValueError:
            words = "must be an RSA public key, in PEM or Base64: field `alipayPublicKey`"
            raise ValueError(words) from None
        if self.notify_url and not self.notify_url.startswith(("https://", "http://")):
            raise ValueError("must be a URL: field `notifyUrl`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

    @property
    def api(self) -> str:
        """The path that every call begins with; it is signed too."""
        return f"/ams/{'sandbox/' if self.client_id.startswith(SANDBOX) else ''}api/v1"

    @property
    def notify_path(self) -> str:
        """The path, with its query, under which they sign what they tell us."""
        parts = urlsplit(self.notify_url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

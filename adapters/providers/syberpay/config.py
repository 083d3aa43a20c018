"""A merchant's account at SyberPay: an application, its service, and the secrets of its hashes."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials

TEST: Final = "https://syberpay.test.sybertechnology.com/syberpay"
PRODUCTION: Final = "https://syberpay.sybertechnology.com/syberpay"


class SyberPayConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`amount_format` is how an amount is sent, and so hashed: "text" is "100.00", "number" is 100
    (clients in circulation do either; an account that refuses each hash wants the other). Where
    SyberPay calls and sends payers back to is entered at SyberPay."""

    application_id: str
    service_id: str
    key: str
    salt: str
    payee_id: str = ""  # of some accounts
    amount_format: Literal["text", "number"] = "text"
    base_url: str = PRODUCTION

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        required = {
            "applicationId": self.application_id,
            "serviceId": self.service_id,
            "key": self.key,
            "salt": self.salt,
        }
        for name, value in {**required, "payeeId": self.payee_id}.items():
            if "|" in value or value != value.strip() or not value.isprintable():
                raise ValueError(f"must be as SyberPay gave it, without a bar: field `{name}`")
            if not value and name in required:
                raise ValueError(f"must be as SyberPay gave it: field `{name}`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

"""A merchant's account at ZainCash v1: one secret, which signs in both directions."""

import re
from typing import Final, Literal

from adapters.provider_kit.http import Credentials

TEST: Final = "https://test.zaincash.iq"
PRODUCTION: Final = "https://api.zaincash.iq"
MOST_SERVICE: Final = 254


class ZainCashV1Config(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`msisdn` is the merchant's own wallet, never the payer's. `return_url`: for payments
    without their own."""

    merchant_id: str
    secret: str
    msisdn: str  # 9647835077893
    service_type: str = "Online purchase"
    language: Literal["en", "ar", "ku"] = "en"
    return_url: str = ""
    base_url: str = TEST

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        for name, key in (("merchantId", self.merchant_id), ("secret", self.secret)):
            if not key or not key.isprintable() or " " in key:
                raise ValueError(f"must be as ZainCash gave it: field `{name}`")
        if re.fullmatch(r"964[0-9]{10}", self.msisdn) is None:
            raise ValueError("must be the merchant's wallet, 964 and ten digits: field `msisdn`")
        if not 1 <= len(self.service_type) <= MOST_SERVICE:
            raise ValueError("must be 1 to 254 characters: field `serviceType`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

"""A shop at OCTO: its number and secret, and which of the recipes in circulation it uses."""

import re
from typing import Final, Literal

from adapters.provider_kit.http import Credentials

PRODUCTION: Final = "https://secure.octo.uz"  # also for tests: `test` stands in the request


class OctoConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`signature` is the recipe of callbacks (`notices`): "nested" is the documented one, as upper
    case; a shop whose callbacks are refused has another, and OCTO's support knows which. `prefix`
    stands before the secret in it for some shops. `unique_key` is the third secret of the recipe
    of that name. `auto_capture` False: what is held is captured when we see it."""

    shop_id: str  # digits
    secret: str
    test: bool = False
    signature: Literal["nested", "nested_lower", "unique_key"] = "nested"
    prefix: str = ""
    unique_key: str = ""
    auto_capture: bool = True
    ttl_minutes: int = 30  # how long a page lives; OCTO's default is told as 15 and as 30
    language: Literal["uz", "ru", "en"] = "uz"
    notify_url: str = ""  # ours
    base_url: str = PRODUCTION

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        if re.fullmatch(r"[0-9]{1,12}", self.shop_id) is None:
            raise ValueError("must be the number of the shop, digits only: field `shopId`")
        if not self.secret or not self.secret.isprintable() or " " in self.secret:
            raise ValueError("must be as OCTO's cabinet shows it: field `secret`")
        if self.signature == "unique_key" and not self.unique_key:
            raise ValueError("that recipe needs OCTO's unique key: field `uniqueKey`")
        if not 1 <= self.ttl_minutes <= 1440:
            raise ValueError("must be 1 to 1440 minutes: field `ttlMinutes`")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/")

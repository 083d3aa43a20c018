"""A merchant's application at Airtel Money: its keys, and one country."""

from typing import Final, Literal

from adapters.provider_kit.http import Credentials
from adapters.providers.airtel_money.markets import MARKETS, Market

Form = Literal["pretty", "compact", "transaction"]
Numbers = Literal["national", "trunk", "international"]
KEYS: Final = ("clientId", "clientSecret")


class AirtelMoneyConfig(
    Credentials, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """`base_url` chooses another address than the country's own: another host, or a simulator.

    `version` "v2" has messages signed; None is the country's usual: "v2" in Zambia, where that is
    said to be mandatory, "v1" elsewhere. `callback_key` is the application's private key of
    Airtel's portal, where "callback authentication" is switched on: then a callback without its
    hash is refused. What exactly is hashed is told in two ways in public, so `callback_form`
    chooses: the callback without its hash, indented as the documentation prints it ("pretty") or
    without spaces ("compact"), or its `transaction` alone without spaces. `msisdn` is how numbers
    are written: the documentation wants them national ("977…"), one of its error codes a zero
    before ("0977…", "trunk"), and a public client of one country its code ("260977…").
    """

    client_id: str
    client_secret: str
    country: str  # "ZM", "UG" …
    version: Literal["v1", "v2"] | None = None
    msisdn: Numbers = "national"
    callback_key: str = ""
    callback_form: Form = "pretty"
    sandbox: bool = False
    base_url: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, ending with the field."""
        if self.country not in MARKETS:
            raise ValueError(f"must be one of {', '.join(MARKETS)}: field `country`")
        for name, key in zip(KEYS, (self.client_id, self.client_secret), strict=True):
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ValueError(f"must be as Airtel's portal shows it: field `{name}`")

    @property
    def url(self) -> str:
        usual = f"https://openapi{'uat' if self.sandbox else ''}.{self.market.host}"
        return (self.base_url or usual).rstrip("/")

    @property
    def market(self) -> Market:
        return MARKETS[self.country]

    @property
    def api(self) -> str:
        return self.version or ("v2" if self.market.signs else "v1")
